import {
  type Checkpoint,
  fillZeros,
  init,
  type JsonObject,
  loadModule,
  type Module,
  numbered,
  openPretrained,
  type PretrainedOptions,
  Rng,
  type SourceLocation,
  type WeightLayout,
} from "@x/layers";
import type { ImageProcessor } from "./image/image-processor.ts";
import { pretrainedProcessor } from "./image/pretrained-processor.ts";

export interface ClassifierPretrainedOptions<Config> extends PretrainedOptions {
  /** Class names of a new head, filled with zeros, in place of the checkpoint's. For fine-tuning. */
  readonly labels?: readonly string[];
  /** Overrides what the checkpoint's config says: `dropPathRate`, `imageSize`… */
  readonly config?: Partial<Config>;
  /** What dropout draws from in training. Default seed 0. */
  readonly rng?: Rng;
}

/** How a family's models lie on the hub. */
interface ClassifierFamily<Config> {
  /** @throws CheckpointError when `config.json` is another family's */
  readonly configFrom: (json: JsonObject, checkpoint: Checkpoint) => Config;
  readonly layouts: readonly WeightLayout[];
  /** Patterns of the entries that are the checkpoint's own head. */
  readonly headKeys: readonly string[];
}

interface Classifier extends Module {
  readonly config: { readonly imageSize: number };
  processor: ImageProcessor;
}

/** A model with a head, whose parameters are those that begin with `head`, from what `openPretrained` opens. Throws as that and `loadModule` do. */
export async function pretrainedClassifier<Config, Model extends Classifier>(
  Kind: new (config: Partial<Config>, rng: Rng) => Model,
  where: SourceLocation,
  { labels, config, rng = new Rng(0), ...options }: ClassifierPretrainedOptions<Config>,
  { configFrom, layouts, headKeys }: ClassifierFamily<Config>,
): Promise<Model> {
  await init();
  const files = await openPretrained(where, options);
  const newHead = labels ? { numLabels: labels.length, id2label: numbered(labels) } : {};
  const model = new Kind({ ...configFrom(files.config, files.checkpoint), ...config, ...newHead }, rng);
  if (labels) for (const [path, parameter] of model.namedParameters()) if (path.startsWith("head")) fillZeros(parameter);
  const ignore = [...(options.ignore ?? []), ...(labels ? headKeys : [])];
  await loadModule(model, files.checkpoint, layouts, { ...options, ignore });
  model.processor = await pretrainedProcessor(files, model.config.imageSize);
  return model;
}
