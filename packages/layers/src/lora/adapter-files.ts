/** An adapter's weights in PEFT's files: `base_model.model.bert.encoder.layer.0.attention.self.query.lora_A.weight`. */
import { type CheckpointOptions, openCheckpoint } from "../checkpoint/checkpoint.ts";
import type { Checkpoint } from "../checkpoint/contents.ts";
import { CheckpointError, listed, reasonOf } from "../files/checkpoint-error.ts";
import { type FileSource, isFileSource } from "../files/file-source.ts";
import { type LoadOptions, loadWeights } from "../checkpoint/load-weights.ts";
import { matchesAny, NamePattern } from "../checkpoint/name-pattern.ts";
import { underNames } from "../checkpoint/entry-names.ts";
import type { Writable } from "../formats/safetensors-writer.ts";
import { tensorsToSave } from "../checkpoint/save-weights.ts";
import { openSource, type SourceLocation } from "../files/source.ts";
import type { Destination } from "../checkpoint/transfer.ts";
import { requireJson } from "../files/read-json.ts";
import type { Parameter } from "../tensor/parameter.ts";
import { type AdapterConfig, parseAdapterConfig } from "./adapter-config.ts";
import type { LowRank } from "./low-rank.ts";
import { type AdaptableModel, Naming, type Projection, targetsUnder } from "./projections.ts";
import type { SavedModules } from "./saved-modules.ts";

const wrapper = "base_model.model.";

/** An adapter's files, and what of a model they are for. */
export interface OpenAdapter {
  readonly config: AdapterConfig;
  /** Its entries go by the model's names, without PEFT's wrapper. */
  readonly checkpoint: Checkpoint;
  readonly naming: Naming;
  readonly projections: readonly Projection[];
  /** The parameters that the adapter has whole, by path. */
  readonly saved: ReadonlyMap<string, Parameter>;
}

/** @throws CheckpointError when there is no adapter, or it is for layers that the model doesn't have */
export async function openAdapter(
  model: AdaptableModel,
  where: SourceLocation | FileSource,
  options: CheckpointOptions & Pick<LoadOptions, "ignore" | "strict">,
): Promise<OpenAdapter> {
  const { ignore, strict = true } = options;
  const source = isFileSource(where) ? where : await openSource(where, options);
  const config = parseAdapterConfig(await requireJson(source, "adapter_config.json"), `${source.label}: adapter_config.json`);
  const weights = "adapter_model.safetensors";
  const file = source.file ?? ((await source.has(weights)) || !(await source.has("adapter_model.bin")) ? weights : "adapter_model.bin");
  const whole = await openCheckpoint(source, { ...options, file });
  const checkpoint = unwrapped(whole, ignore);
  const adapted = new Set(
    [...checkpoint.entries.keys()].flatMap((key) => /^(.+)\.lora_(?:embedding_)?[AB](?:\.weight)?$/.exec(key)?.[1] ?? []),
  );

  const namings = Naming.allOf(model).map((naming) => {
    const { basePrefix = "" } = naming.layout;
    const has = (key: string): boolean => adapted.has(key) || (key.startsWith(basePrefix) && adapted.has(key.slice(basePrefix.length)));
    return { naming, found: naming.projections.filter((projection) => has(projection.name)) };
  });
  const [best] = namings.toSorted((a, b) => b.found.length - a.found.length);
  if (!best || adapted.size === 0) {
    const found = listed([...checkpoint.entries.keys()].slice(0, 5));
    throw new CheckpointError("there are no weights of a LoRA", { file: checkpoint.label, found });
  }
  const { naming, found } = best;
  if (found.length < adapted.size) {
    const names = new Set(found.flatMap(({ name }) => [name, name.slice(naming.layout.basePrefix?.length ?? 0)]));
    const unknown = [...adapted].filter((module) => !names.has(module));
    const problem = "the adapter is for layers that the model doesn't have";
    throw new CheckpointError(problem, { file: checkpoint.label, found: listed(unknown) });
  }
  const targets = strict && config.targetModules ? targetsUnder(naming, config.targetModules, config.modulesToSave) : [];
  const projections = naming.projections.filter((projection) => found.includes(projection) || targets.includes(projection));
  const ignored = patternsOf(ignore);
  const saved = [...savedParameters(naming, config, checkpoint.label)].filter(
    ([path]) => !naming.keysOf(path).some((key) => matchesAny(ignored, key) || matchesAny(ignored, naming.publicName(key))),
  );
  const notes = [...whole.entries.keys()].filter(isBase).map((key) => `${file}: "${key}" is the base model's own and was passed over`);
  return { config: { ...config, notes: [...config.notes, ...notes] }, checkpoint, naming, projections, saved: new Map(saved) };
}

function savedParameters(naming: Naming, { modulesToSave }: AdapterConfig, file: string): ReadonlyMap<string, Parameter> {
  try {
    return naming.parametersIn(modulesToSave);
  } catch (cause) {
    throw new CheckpointError(reasonOf(cause), { file, cause });
  }
}

const patternsOf = (texts: readonly string[] = []): readonly NamePattern[] => texts.map((text) => new NamePattern(text));

/** Reads the weights. @throws CheckpointError listing all that is missing, unexpected or of another shape */
export async function fillAdapter(
  parts: readonly LowRank[],
  saved: SavedModules,
  { layout }: Naming,
  checkpoint: Checkpoint,
  { onProgress, signal }: Pick<LoadOptions, "onProgress" | "signal">,
): Promise<void> {
  const matrices = parts.flatMap(({ projection, parameters }) =>
    parameters.map(([name, parameter]) => [`${projection.name}.${name}`, parameter] as const),
  );
  const destinations = new Map<string, Destination>([
    ...matrices.map(([key, parameter]) => [key, { shape: parameter.shape, view: () => parameter.data }] as const),
    ...saved.values,
  ]);
  const table = { ...Object.fromEntries(matrices.map(([name]) => [name, name])), ...layout.table };
  await loadWeights(destinations, checkpoint, [{ ...layout, name: `LoRA, ${layout.name}`, table, ignore: [] }], { onProgress, signal });
}

/** The weights as PEFT names them. */
export function adapterEntries(parts: readonly LowRank[], saved: SavedModules, naming: Naming): ReadonlyMap<string, Writable> {
  const entries = new Map<string, Writable>();
  for (const { projection, parameters } of parts) {
    const layer = wrapper + naming.publicName(projection.name);
    for (const [name, parameter] of parameters) entries.set(`${layer}.${name}`, { shape: parameter.shape, view: () => parameter.data });
  }
  for (const [key, writable] of tensorsToSave(saved.values, naming.layout)) entries.set(wrapper + naming.publicName(key), writable);
  return entries;
}

/** PEFT writes an adapted embedding's own weight too, where it is called as most are. */
const isBase = (key: string): boolean => /\.base_layer\.(weight|bias)$/.test(key);

/** The checkpoint's entries without PEFT's wrapper and without those to pass over. */
function unwrapped(checkpoint: Checkpoint, ignore: readonly string[] | undefined): Checkpoint {
  const ignored = patternsOf(ignore);
  const names = new Map([...checkpoint.entries.keys()].map((name) => [name.startsWith(wrapper) ? name.slice(wrapper.length) : name, name]));
  for (const key of names.keys()) if (isBase(key) || matchesAny(ignored, key)) names.delete(key);
  return underNames(checkpoint, names);
}
