/** The worker of one room. */
import { expose, proxy } from "comlink";
import { filesOf } from "./files.ts";
import { works } from "./works.ts";

const host = {
  /** Loads a room's models and gives what it can do. */
  async open(room: string, base: string, progress: (share: number) => void): Promise<object> {
    const { open } = (await works[room]?.()) ?? {};
    if (!open) throw new Error(`there is no room ${room}`);
    return proxy(await open({ files: (model) => filesOf(model, base, progress), progress }));
  },
};

export type Host = typeof host;

expose(host);
