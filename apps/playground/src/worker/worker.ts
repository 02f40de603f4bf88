/** The worker of one room. */
import { init } from "@x/layers";
import { expose, proxy } from "comlink";
import { filesOf } from "./files.ts";
import { works } from "./works.ts";

const host = {
  /** Starts the threads, loads a room's models and gives what it can do. */
  async open(room: string, base: string, progress: (share: number) => void): Promise<object> {
    const { open } = (await works[room]?.()) ?? {};
    if (!open) throw new Error(`there is no room ${room}`);
    await init();
    return proxy(await open({ files: (model) => filesOf(model, base, progress), progress }));
  },
};

export type Host = typeof host;

expose(host);
