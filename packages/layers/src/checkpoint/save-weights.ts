/** Saves a model's parameters under a layout's names: the name table, read backwards. */

import { CheckpointError } from "../files/checkpoint-error.ts";
import { elementCount } from "../formats/dtype.ts";
import { compileTable, partsFor } from "./match-weights.ts";
import type { TensorSource, Writable } from "../formats/safetensors-writer.ts";
import { type SaveLocation, type SaveOptions, saveSafetensors } from "./save-safetensors.ts";
import type { Part, WeightLayout } from "./weight-table.ts";

/**
 * Writes the parameters as safetensors that Hugging Face's library, timm, or whoever the layout belongs to, reads.
 * @returns the names of the files
 * @throws CheckpointError as `tensorsToSave` and `saveSafetensors` do
 */
export function saveWeights(
  parameters: ReadonlyMap<string, TensorSource>,
  layout: WeightLayout,
  where: SaveLocation,
  options: SaveOptions = {},
): Promise<readonly string[]> {
  return saveSafetensors(tensorsToSave(parameters, layout), where, options);
}

/**
 * The parameters as entries: joined ones are split into equal parts, parts of an entry put together. Nothing is copied.
 * @throws CheckpointError when the table has no line for a parameter, two parameters are one entry, a parameter can't be split equally, or
 * rows of an entry are missing
 */
export function tensorsToSave(parameters: ReadonlyMap<string, TensorSource>, layout: WeightLayout): ReadonlyMap<string, Writable> {
  const table = compileTable(layout);
  const pieces = new Map<string, { part: Part; source: TensorSource }[]>();
  for (const [path, parameter] of parameters) {
    const parts = partsFor(table, path);
    if (!parts) throw new CheckpointError(`the table "${layout.name}" has no line for the parameter ${path}`);
    const [rows = 1, ...columns] = parameter.shape;
    if (rows % parts.length !== 0) {
      throw new CheckpointError(`the parameter ${path} can't be split equally`, {
        expected: `${parts.length} parts`,
        found: `${rows} rows`,
      });
    }
    const count = elementCount(parameter.shape) / parts.length;
    const partShape = parts.length === 1 ? parameter.shape : [rows / parts.length, ...columns];
    for (const [index, part] of parts.entries()) {
      const view = (): ReturnType<TensorSource["view"]> => parameter.view().subarray(index * count, (index + 1) * count);
      const source = { shape: part.shape ?? partShape, dtype: parameter.dtype, view, transpose: part.transpose };
      pieces.set(part.key, [...(pieces.get(part.key) ?? []), { part, source }]);
    }
  }
  return new Map([...pieces].map(([key, found]) => [key, assemble(key, found)]));
}

function assemble(key: string, pieces: { part: Part; source: TensorSource }[]): Writable {
  const ordered = pieces.toSorted((a, b) => (a.part.rows?.[0] ?? 0) - (b.part.rows?.[0] ?? 0));
  let covered = 0;
  for (const { part } of ordered) {
    const [begin, end, of] = part.rows ?? [0, 1, 1];
    if (begin / of !== covered) throw new CheckpointError("its rows overlap or are missing among the parameters", { tensor: key });
    covered = end / of;
  }
  if (covered !== 1) throw new CheckpointError("its last rows are missing among the parameters", { tensor: key });
  const [only, ...others] = ordered;
  return only && others.length === 0 ? only.source : ordered.map(({ source }) => source);
}
