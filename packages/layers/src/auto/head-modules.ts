import { compileTable, partsFor } from "../checkpoint/match-weights.ts";
import type { PretrainedClass, PretrainedFiles } from "../pretrained/family.ts";
import { headOf } from "../pretrained/head.ts";
import type { PretrainedModel } from "../pretrained/pretrained-model.ts";

/**
 * What an adapter has to train and save whole: the model's head, and whatever else no file filled. By the names that files have for it, of which the last
 * parts are enough: `["classifier"]`, for LoRA's `modulesToSave`.
 */
export function headModules(model: PretrainedModel<object>): readonly string[] {
  const { family } = model.constructor as PretrainedClass<object, object, PretrainedModel<object>, PretrainedFiles>;
  const [layout] = model.layouts;
  if (!layout) return [];
  const { basePrefix = "" } = layout;
  const table = compileTable(layout);
  const head = headOf(model, family.head?.parameters ?? [], model.layouts);
  const keys = [...head.parameters.keys(), ...model.unfilled].flatMap((path) => partsFor(table, path)?.map(({ key }) => key) ?? []);
  const isInBase = (key: string): boolean => basePrefix !== "" && key.startsWith(basePrefix);
  return [...new Set(keys.map((key) => key.slice(0, isInBase(key) ? key.lastIndexOf(".") : key.indexOf("."))))];
}
