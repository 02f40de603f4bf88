/** How many units the matrix kernels have, and the bytes of scratch that each thread needs. Their headers say why. */

/** Units of `packRows`. */
export const packRowsUnits = (m: number): number => Math.ceil(m / 12);

/** Units of `packPanels` and `unpackPanels`. */
export const packPanelsUnits = (n: number): number => Math.ceil(n / 8);

/** Elements that the packed panels of a (k, n) matrix take. */
export const packedPanelsLength = (k: number, n: number): number => Math.ceil(n / 8) * 8 * k;

/** Units of `matmul`. */
export const matmulUnits = (batch: number, m: number, n: number): number => batch * Math.ceil(m / 144) * Math.ceil(n / 32);

/** Scratch of `matmul`. */
export const MATMUL_SCRATCH = 416;
