import type { Peer } from "./peer.ts";

/** jax-js on its WebAssembly backend. Where there is a global `Worker`, it starts one for each core; in Node there is none, and it has one thread. */
export const jax: Peer = {
  name: "jax-js",
  prepare: async ({ jax: prepare }, { threads }) => {
    if (!prepare) throw new Error("this case isn't written for it");
    const has = typeof Worker === "undefined" ? 1 : navigator.hardwareConcurrency;
    if (threads !== has) throw new Error(`it has ${has === 1 ? "one thread" : `${has} threads`} here, and no option for another number`);
    const library = await import("@jax-js/jax");
    await library.init("wasm");
    library.defaultDevice("wasm");
    return { name: "jax-js", run: prepare(library) };
  },
};
