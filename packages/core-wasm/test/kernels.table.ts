/** Every kernel with its float64 reference; kernels.test.ts sees to it that none is missing. */
import type { KernelCase } from "./bench.ts";
import { elements } from "./kernels.elements.ts";
import { images } from "./kernels.images.ts";
import { int8 } from "./kernels.int8.ts";
import { matrices } from "./kernels.matrices.ts";
import { rows } from "./kernels.rows.ts";

export const kernels: Readonly<Record<string, KernelCase>> = { ...elements, ...rows, ...images, ...matrices, ...int8 };
