import { TensorError } from "../errors.ts";

/** What a scope frees. */
interface Owned {
  dispose(): void;
}

const scopes: Set<Owned>[] = [];

/** A scope as others may hold it. */
export interface ScopeHandle {
  add(tensor: Owned): unknown;
}

/** Puts a new tensor under the innermost scope's care. */
export function own(tensor: Owned): void {
  scopes.at(-1)?.add(tensor);
}

/** Takes a tensor out of every scope's care: it lives until it is disposed of. Returns it. */
export function keep<T extends Owned>(tensor: T): T {
  for (const owned of scopes) owned.delete(tensor);
  return tensor;
}

/** The innermost scope now, to hand a tensor to it later from deeper inside; undefined outside every scope. */
export const currentScope = (): ScopeHandle | undefined => scopes.at(-1);

/** Moves a tensor out of the scopes around it into `home`'s care; without one it lives until it is disposed of. Returns it. */
export function moveTo<T extends Owned>(tensor: T, home: ScopeHandle | undefined): T {
  keep(tensor);
  home?.add(tensor);
  return tensor;
}

/**
 * Runs `body` and frees every tensor that was made in it, except those it returns: a tensor, or tensors anywhere in returned arrays and
 * plain objects, which pass to the enclosing scope.
 *
 * @throws TensorError when `body` returns a promise: what it makes later would belong to nobody. Await outside, compute inside.
 */
export function scope<T>(body: () => T): T {
  return runScope(body, false);
}

/** A scope that hands everything on to the enclosing one when `handOn` says so: the tape may still need it. */
export function runScope<T>(body: () => T, handOn: boolean): T {
  const owned = new Set<Owned>();
  scopes.push(owned);
  let result: T | undefined;
  let returned: Set<Owned> | undefined;
  try {
    result = body();
    if (result instanceof Promise) throw new TensorError("scope: the body must not be asynchronous; await outside and compute inside");
    returned = new Set(tensorsIn(result, owned));
    return result;
  } finally {
    scopes.pop();
    for (const tensor of owned) {
      if (handOn || returned?.has(tensor)) own(tensor);
      else tensor.dispose();
    }
  }
}

function* tensorsIn(value: unknown, owned: ReadonlySet<Owned>): Generator<Owned> {
  if (typeof value !== "object" || value === null) return;
  if (owned.has(value as Owned)) yield value as Owned;
  else if (Array.isArray(value)) for (const item of value) yield* tensorsIn(item, owned);
  else if (value instanceof Map) for (const item of value.values()) yield* tensorsIn(item, owned);
  else if (Object.getPrototypeOf(value) === Object.prototype) for (const item of Object.values(value)) yield* tensorsIn(item, owned);
}
