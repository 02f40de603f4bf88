/** Across the lanes of one vector, and vectors that end early: never a byte beyond `count` elements is read or written. */

/** The sum of the four lanes, (0 + 2) + (1 + 3). */
// @ts-ignore: decorator
@inline
export function sumLanes(x: v128): f32 {
  const pairs = f32x4.add(x, v128.shuffle<u32>(x, x, 2, 3, 0, 1));
  return f32x4.extract_lane(pairs, 0) + f32x4.extract_lane(pairs, 1);
}

/** The greatest of the four lanes; NaN if any lane is. */
// @ts-ignore: decorator
@inline
export function maxLanes(x: v128): f32 {
  const pairs = f32x4.max(x, v128.shuffle<u32>(x, x, 2, 3, 0, 1));
  return max(f32x4.extract_lane(pairs, 0), f32x4.extract_lane(pairs, 1));
}

/** The first `count` (0 to 4) elements at `pointer`; the other lanes are `fill`. */
// @ts-ignore: decorator
@inline
export function loadTail(pointer: usize, count: i32, fill: f32): v128 {
  if (count >= 4) return v128.load(pointer);
  let x = f32x4.splat(fill);
  if (count >= 2) {
    x = v128.load_lane<u64>(pointer, x, 0);
    if (count == 3) x = v128.load_lane<u32>(pointer, x, 2, 8);
  } else if (count == 1) {
    x = v128.load_lane<u32>(pointer, x, 0);
  }
  return x;
}

/** Writes the first `count` (0 to 4) lanes. */
// @ts-ignore: decorator
@inline
export function storeTail(pointer: usize, value: v128, count: i32): void {
  if (count >= 4) {
    v128.store(pointer, value);
  } else if (count >= 2) {
    v128.store_lane<u64>(pointer, value, 0);
    if (count == 3) v128.store_lane<u32>(pointer, value, 2, 8);
  } else if (count == 1) {
    v128.store_lane<u32>(pointer, value, 0);
  }
}
