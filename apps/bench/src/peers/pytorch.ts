import type { ChildProcess } from "node:child_process";
import { isBrowser } from "../runtimes/names.ts";
import type { Peer } from "./peer.ts";

/** Training steps in PyTorch: a process of its own, which takes a step for each line and answers with one. For those who have a Python with it. */
export const pyTorch: Peer = {
  name: "pytorch",
  prepare: async ({ pyTorch: words }, { threads, runtime }) => {
    if (words === undefined) throw new Error("it takes part in training steps only");
    if (isBrowser(runtime)) throw new Error("a page starts no processes");
    const python = process.env["BENCH_PYTHON"];
    if (python === undefined) throw new Error("BENCH_PYTHON names no Python that has torch and transformers");
    const [{ spawn }, { createInterface }, { fileURLToPath }] = await Promise.all([
      import("node:child_process"),
      import("node:readline"),
      import("node:url"),
    ]);
    const program = fileURLToPath(new URL("pytorch-step.py", import.meta.url));
    const child: ChildProcess = spawn(python, [program, String(threads), ...words], { stdio: ["pipe", "pipe", "inherit"] });
    const ending = new Promise<never>((_, reject) => {
      child.on("error", reject);
      child.on("close", (code, signal) => reject(new Error(`Python ended with ${signal ?? code}`)));
    });
    ending.catch(() => undefined); // nobody may be waiting
    const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream })[Symbol.asyncIterator]();
    await Promise.race([lines.next(), ending]);
    return {
      name: "pytorch",
      run: async () => {
        child.stdin?.write("\n");
        await Promise.race([lines.next(), ending]);
        return undefined;
      },
      dispose: () => void child.kill(),
    };
  },
};
