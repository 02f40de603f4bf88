import { markAsOurs } from "../copies.ts";
import { kindOf, TensorError } from "../errors.ts";
import { unwatch } from "./forgotten.ts";
import { itemsOf } from "./items.ts";

/** What a scope frees: tensors. */
export abstract class Owned {
  static {
    markAsOurs(this.prototype);
  }

  abstract dispose(): void;
  /** @internal Whether `backward` can still be called on it, for which everything that it was made of must live. */
  abstract get isOnTape(): boolean;
  /** @internal Has it told when it is collected as garbage without having been freed. */
  abstract watch(): void;
}

const scopes: Set<Owned>[] = [];

/** A scope as others may hold it. */
export interface ScopeHandle {
  add(tensor: Owned): unknown;
}

/** What was made since each of them began, kept or not. */
const attempts: Set<Owned>[] = [];

/** Puts a new tensor under the innermost scope's care. */
export function own(tensor: Owned): void {
  for (const made of attempts) made.add(tensor);
  const innermost = scopes.at(-1);
  if (innermost) innermost.add(tensor);
  else tensor.watch();
}

/** Runs `body`; if it throws, all that was made in it is freed, parameters too. */
export function allOrNothing<T>(body: () => T): T {
  const made = new Set<Owned>();
  attempts.push(made);
  try {
    return body();
  } catch (error) {
    for (const tensor of made) tensor.dispose();
    throw error;
  } finally {
    attempts.pop();
  }
}

/** Takes a tensor out of every scope's care: it lives until it is disposed of. Returns it. */
export function keep<T extends Owned>(tensor: T): T {
  for (const owned of scopes) owned.delete(tensor);
  tensor.watch();
  return tensor;
}

/** The innermost scope now, to hand a tensor to it later from deeper inside; undefined outside every scope. */
export const currentScope = (): ScopeHandle | undefined => scopes.at(-1);

/** Moves a tensor out of the scopes around it into `home`'s care; without one it lives until it is disposed of. Returns it. */
export function moveTo<T extends Owned>(tensor: T, home: ScopeHandle | undefined): T {
  keep(tensor);
  if (home) {
    unwatch(tensor);
    home.add(tensor);
  }
  return tensor;
}

/**
 * Runs `body` and frees every tensor that was made in it, except those it returns, which pass to the enclosing scope: a tensor, or tensors
 * anywhere in returned arrays, maps, sets, and the properties of objects. What hides in a `#private` field or a closure can't be seen: `keep` it.
 *
 * While gradients are recorded a scope may stand inside a loss: if `backward` can be called on something that is returned, everything made inside
 * passes to the enclosing scope, since the tape needs it. The outermost scope frees the tape, too: call `backward` in it.
 *
 * @throws TensorError when `body` returns a promise: what it makes later would belong to nobody. Await outside, compute inside.
 */
export function scope<T>(body: () => T): T {
  const owned = new Set<Owned>();
  scopes.push(owned);
  let returned: ReadonlySet<Owned> = new Set();
  try {
    const result = body();
    if (kindOf(result) === "Promise") throw new TensorError("scope: the body must not be asynchronous; await outside and compute inside");
    returned = tensorsIn(result, owned);
    return result;
  } finally {
    scopes.pop();
    const taped = scopes.length > 0 && [...returned].some((tensor) => tensor.isOnTape);
    for (const tensor of owned) {
      if (taped || returned.has(tensor)) own(tensor);
      else tensor.dispose();
    }
  }
}

/** Those of `owned` that can be reached from a value. */
function tensorsIn(value: unknown, owned: ReadonlySet<Owned>): Set<Owned> {
  const found = new Set<Owned>();
  const seen = new Set<unknown>();
  const pending = [value];
  while (owned.size > found.size && pending.length > 0) {
    const next = pending.pop();
    if (typeof next !== "object" || next === null || seen.has(next)) continue;
    seen.add(next);
    if (next instanceof Owned) {
      if (owned.has(next)) found.add(next);
    } else if (!ArrayBuffer.isView(next)) {
      for (const part of itemsOf(next) ?? Object.values(next)) if (typeof part === "object") pending.push(part);
    }
  }
  return found;
}
