import type { Operand } from "@x/core-wasm";

/** x's four-byte words, as kernels take them that only move numbers: of either kind. */
export const words = ({ block, byteOffset }: Operand): Operand<"float32"> => ({ dtype: "float32", block, byteOffset });
