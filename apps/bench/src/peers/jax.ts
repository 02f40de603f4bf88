import type { Peer } from "./peer.ts";

/** jax-js on its WebAssembly backend. It has one thread in Node, where there is no global `Worker`. */
export const jax: Peer = {
  name: "jax-js",
  prepare: async ({ jax: prepare }, threads) => {
    if (!prepare) throw new Error("this case isn't written for it");
    if (threads > 1) throw new Error("it has one thread in Node");
    const library = await import("@jax-js/jax");
    await library.init("wasm");
    library.defaultDevice("wasm");
    return { name: "jax-js", run: prepare(library) };
  },
};
