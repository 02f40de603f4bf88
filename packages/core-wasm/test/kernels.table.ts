/** Every kernel with its float64 reference. The type says that none is missing. */
import type { Kernels } from "../src/index.ts";
import type { KernelCase } from "./bench.ts";
import { elements } from "./kernels.elements.ts";
import { images } from "./kernels.images.ts";
import { int8 } from "./kernels.int8.ts";
import { matrices } from "./kernels.matrices.ts";
import { rows } from "./kernels.rows.ts";

export const kernels: { readonly [K in keyof Kernels]: KernelCase } = { ...elements, ...rows, ...images, ...matrices, ...int8 };
