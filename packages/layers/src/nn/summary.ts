import { formatShape } from "../errors.ts";
import { isInt8 } from "../ops/matmul/packed-weight.ts";
import type { Module } from "./module.ts";

/**
 * A module as a table: every parameter's path, shape and size, and the total; what is frozen or kept as int8 is marked.
 *
 * ```
 * patchEmbed.weight   (64, 3, 7, 7)   9 408
 * …
 * 161 354 parameters, 161 354 trainable
 * ```
 */
export function summary(module: Module): string {
  const rows = [...module.namedParameters()].map(([path, parameter]) => [
    path,
    formatShape(parameter.shape),
    grouped(parameter.size) + (parameter.requiresGrad ? "" : "  frozen") + (isInt8(parameter) ? ", int8" : ""),
  ]);
  const widths = [0, 1].map((column) => Math.max(0, ...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map(
    ([path = "", shape = "", size = ""]) => `${path.padEnd(widths[0] ?? 0)}   ${shape.padEnd(widths[1] ?? 0)}   ${size}`,
  );
  const trainable = module.parameters().reduce((sum, { size, requiresGrad }) => sum + (requiresGrad ? size : 0), 0);
  return [...lines, `${grouped(module.numParameters)} parameters, ${grouped(trainable)} trainable`].join("\n");
}

/** 1234567 → "1 234 567" */
const grouped = (count: number): string => String(count).replace(/\B(?=(\d{3})+$)/g, " ");
