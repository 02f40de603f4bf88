/** What users forget to free can't be freed for them, since a typed array of theirs may still look at it; but it can be told. */

/** Tensors that nobody can reach any more and nobody has freed: their memory stays taken until `shutdown`. */
export interface Forgotten {
  readonly tensors: number;
  /** Those that share memory count it each. */
  readonly bytes: number;
}

interface Engine {
  readonly ended: boolean;
}

interface Held {
  readonly engine: Engine;
  readonly bytes: number;
}

const found = { tensors: 0, bytes: 0 };
const registry = new FinalizationRegistry<Held>(({ engine, bytes }) => {
  if (engine.ended) return;
  found.tensors++;
  found.bytes += bytes;
});

/** Counts a tensor that no scope cares for, should it be collected as garbage before it is freed. */
export function watch(tensor: object, engine: Engine, bytes: number): void {
  registry.unregister(tensor);
  registry.register(tensor, { engine, bytes }, tensor);
}

/** It is freed, or a scope will do that. */
export function unwatch(tensor: object): void {
  registry.unregister(tensor);
}

/** For an engine that begins. */
export function forgetAll(): void {
  found.tensors = 0;
  found.bytes = 0;
}

/**
 * How many tensors and parameters were made outside every scope and were collected as garbage without having been freed: 0 when all is well. For tests, and for a
 * server's page about its health. It rises when the runtime collects garbage, not before.
 */
export const forgotten = (): Forgotten => ({ ...found });
