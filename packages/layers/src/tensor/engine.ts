import { Core, type CoreOptions, type Kernels } from "@x/core-wasm";
import { TensorError } from "../errors.ts";
import { forgetAll } from "./forgotten.ts";
import { checkOptions, oneOf, type RulesOf, shaped, wholeFrom } from "../options.ts";

/**
 * The engine that tensors live in: the package's one piece of module-level state. Everything that makes a tensor asks it for memory, and
 * every op for its kernels.
 */
let current: Core | undefined;
let starting: Promise<Core> | undefined;

const rules: RulesOf<CoreOptions> = {
  threads: wholeFrom(1),
  simd: oneOf("relaxed", "plain", "wide"),
  tile: oneOf("4x8", "5x8", "6x8", "4x16", "5x16", "6x16"),
  wasm: shaped("the kernels, as bytes or compiled"),
  maximumBytes: wholeFrom(1),
};

/**
 * Starts the engine. Models' `fromPretrained` and `fromConfig` do it by themselves; call it yourself to choose threads or the SIMD build, or
 * to make tensors before there is a model. Once started, further calls return the same engine.
 *
 * @throws CoreError without WebAssembly SIMD, with impossible options
 * @throws TensorError when options are given and the engine runs already with others, or shutdown() comes before it has started
 */
export async function init(options?: CoreOptions): Promise<Core> {
  if (options !== undefined) checkOptions("init", options, rules);
  if (options && (current || starting)) {
    throw new TensorError("init: the engine has started already; give its options with the first init(), or call shutdown() first");
  }
  if (starting) return starting;
  const mine = Core.create(options).then(
    (core) => {
      if (starting === mine) return (current = core);
      core[Symbol.dispose]();
      throw new TensorError("init: shutdown() was called before the engine had started");
    },
    (error: unknown) => {
      if (starting === mine) starting = undefined;
      throw error;
    },
  );
  starting = mine;
  return mine;
}

/** Ends the engine's threads and forgets its memory: every tensor is gone. */
export function shutdown(): void {
  current?.[Symbol.dispose]();
  forgetAll();
  current = undefined;
  starting = undefined;
}

/** @throws TensorError before `init` */
export function engine(): Core {
  if (!current) throw new TensorError("the engine has not started: `await init()` first");
  return current;
}

/** The engine's kernels. @throws TensorError before `init` */
export const kernels = (): Kernels => engine().kernels;

/** Bytes that live tensors hold. */
export const liveBytes = (): number => current?.memory.liveBytes ?? 0;
