/** Numbers that a seed decides. */
export interface Draw {
  /** From 0 to below 1. */
  (): number;
}

/** mulberry32 */
export function drawn(seed: number): Draw {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export const below = (draw: Draw, limit: number): number => Math.floor(draw() * limit);

/** @throws RangeError when there is nothing to choose from */
export function oneOf<T>(draw: Draw, items: readonly T[]): T {
  if (items.length === 0) throw new RangeError("there is nothing to choose from");
  return items[below(draw, items.length)] as T;
}
