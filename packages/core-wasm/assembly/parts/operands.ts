/**
 * What a kernel's pointers point to: generate/ reads these names in the signatures of exported kernels, and makes the typed face of them.
 * Words: elements of four bytes, float32 or int32, which the kernel only moves.
 * Out: the kernel writes there, all of it, a part, or on top of what was there. Optional: 0 where there is none.
 */
export type Floats = usize;
export type Ints = usize;
export type Bytes = usize;
export type Words = usize;

export type FloatsOut = usize;
export type IntsOut = usize;
export type BytesOut = usize;
export type WordsOut = usize;

export type OptionalFloats = usize;
export type OptionalInts = usize;
export type OptionalFloatsOut = usize;
