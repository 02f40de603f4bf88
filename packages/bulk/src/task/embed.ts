import { CheckpointError, type PretrainedOptions } from "@x/layers";
import { findClass, joinFamilies, type Json, openSource } from "@x/layers/model";
import type { Manifest } from "../job.ts";
import type { Cell } from "../row.ts";
import { picturesFrom, textsOf } from "./inputs.ts";
import type { Task } from "./task.ts";

type Embed = (items: readonly Json[], onDone: (items: number) => void) => Promise<Float32Array[]>;

/** Vectors of pictures where the column is `file` and the model sees, or of texts. */
export async function embedding({ task, base }: Manifest, loading: PretrainedOptions): Promise<Task> {
  const { into = "embedding", precision = "float32", batchSize } = task;
  const { sees, embed, dispose } = await embedder({ task, base }, loading);
  // The width must be known where a shard has bad items alone.
  const [probe] = await embed([sees ? blank : "a"], () => {});
  const kept = (vector: Float32Array): Cell => (precision === "int8" ? int8Of(vector) : vector);
  return {
    columns: { [into]: { vector: precision, width: probe?.length ?? 0 } },
    chunk: sees ? 4 * (batchSize ?? 8) : undefined,
    run: async (items, onDone) => (await embed(items, onDone)).map((vector) => ({ [into]: kept(vector) })),
    dispose,
  };
}

/** A picture of one pixel. */
const blank = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

/** As large as whole numbers up to 127 can be: the direction stays, and so do cosines, but not the length. */
function int8Of(vector: Float32Array): Int8Array {
  const most = vector.reduce((greatest, value) => Math.max(greatest, Math.abs(value)), 0);
  return Int8Array.from(vector, (value) => Math.round((value * 127) / (most || 1)));
}

async function embedder(
  { task, base }: Pick<Manifest, "task" | "base">,
  loading: PretrainedOptions,
): Promise<{ readonly sees: boolean; readonly embed: Embed; readonly dispose: () => void }> {
  const [{ textFamilies }, { imageFamilies }, { imageTextFamilies }] = await Promise.all([
    import("@x/models-nlp/auto"),
    import("@x/models-vision/auto"),
    import("@x/clip/auto"),
  ]);
  const place = await openSource(task.model, loading);
  const everything = joinFamilies([textFamilies, imageFamilies, imageTextFamilies]);
  const { family } = await findClass(place, everything, undefined, loading);
  const options = (onDone: (items: number) => void) => ({
    batchSize: task.batchSize,
    onProgress: ({ done }: { readonly done: number }) => onDone(done),
  });
  const cutting = { prompt: task.prompt, truncation: task.truncate === true ? ("longestFirst" as const) : ("error" as const) };
  const pictures = picturesFrom(base);
  const isOf = (families: object): boolean => Object.hasOwn(families, family);
  const sees = isOf(imageFamilies.families) || (isOf(imageTextFamilies.families) && task.column === "file");
  if (isOf(imageTextFamilies.families)) {
    const [{ load }, { embedImage }, { embedText }] = await Promise.all([
      import("@x/clip/auto"),
      import("@x/models-vision"),
      import("@x/models-nlp"),
    ]);
    const model = await load(place, loading);
    const embed: Embed = sees
      ? (items, onDone) => embedImage(model, pictures(items), options(onDone))
      : (items, onDone) => embedText(model, textsOf(items), { ...options(onDone), ...cutting });
    return { sees, embed, dispose: () => model.dispose() };
  }
  if (sees) {
    const { pipeline } = await import("@x/models-vision/auto");
    const see = await pipeline("image-feature-extraction", place, loading);
    return { sees, embed: (items, onDone) => see(pictures(items), options(onDone)), dispose: see.dispose };
  }
  if (!isOf(textFamilies.families)) throw new CheckpointError("this model makes no vectors", { file: task.model });
  const { pipeline } = await import("@x/models-nlp/auto");
  const read = await pipeline("feature-extraction", place, loading);
  return { sees, embed: (items, onDone) => read(textsOf(items), { ...options(onDone), ...cutting }), dispose: read.dispose };
}
