import { CheckpointError, listed } from "../files/checkpoint-error.ts";
import { type FileSource, isFileSource } from "../files/file-source.ts";
import { openSource, type SourceLocation } from "../files/source.ts";
import { loadPretrained, type PretrainedOptions } from "../pretrained/load-pretrained.ts";
import type { PretrainedModel } from "../pretrained/pretrained-model.ts";
import type { AutoFamilies } from "./families.ts";
import { findClass } from "./find-class.ts";

/**
 * A model of the class that its files name. Of an adapter's folder: the base model that it names, with the adapter merged into its weights.
 * @param asked the head that is wanted. Default: what the files name
 * @throws CheckpointError when a head is asked for that the checkpoint lacks and no `labels` make anew; else as `findClass` and `loadPretrained` do
 */
export async function loadAuto<Heads, Head extends keyof Heads & string>(
  table: AutoFamilies<Heads>,
  asked: Head | undefined,
  where: SourceLocation | FileSource,
  options: PretrainedOptions = {},
): Promise<Heads[Head] & PretrainedModel<object>> {
  const source = isFileSource(where) ? where : await openSource(where, options);
  const { Class, adapter } = await findClass(source, table, asked, options);
  const model = await (adapter
    ? (await import("./adapter.ts")).loadAdapted(Class, adapter, options)
    : loadPretrained(Class, source, options));
  if (asked === undefined || options.labels || model.unfilled.length === 0) return model;
  model.dispose();
  throw new CheckpointError(
    `the checkpoint can't do this: it has nothing for ${listed(model.unfilled)}; load it without a task, to train them`,
    {
      file: source.label,
    },
  );
}
