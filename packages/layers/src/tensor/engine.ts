import { Core, type CoreOptions, type Kernels } from "@x/core-wasm";
import { TensorError } from "../errors.ts";

/**
 * The engine that tensors live in: the package's one piece of module-level state. Everything that makes a tensor asks it for memory, and
 * every op for its kernels.
 */
let current: Core | undefined;
let starting: Promise<Core> | undefined;

/**
 * Starts the engine. Models' `fromPretrained` and `fromConfig` do it by themselves; call it yourself to choose threads or the SIMD build, or
 * to make tensors before there is a model. Once started, further calls return the same engine.
 *
 * @throws CoreError without WebAssembly SIMD, with impossible options
 * @throws TensorError when options are given and the engine runs already with others
 */
export async function init(options?: CoreOptions): Promise<Core> {
  if (options && (current || starting)) {
    throw new TensorError("init: the engine has started already; give its options with the first init(), or call shutdown() first");
  }
  starting ??= Core.create(options).then(
    (core) => (current = core),
    (error: unknown) => {
      starting = undefined;
      throw error;
    },
  );
  return starting;
}

/** Ends the engine's threads and forgets its memory: every tensor is gone. */
export function shutdown(): void {
  current?.[Symbol.dispose]();
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
