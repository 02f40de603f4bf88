/** Specification of assembly/full.ts. */

export const full = (length: number, value: number): Float64Array => new Float64Array(length).fill(value);
