/** What makes vectors of texts, of pictures, or of both. */
import { anyModel } from "./any-model.ts";
import type { Call } from "./call.ts";
import { isAddress, isPicture } from "./pictures.ts";
import { UsageError } from "./usage-error.ts";

export interface Embedder extends Disposable {
  /** Whether an input is a picture's place; else it is a text. */
  isSeen(input: string): boolean;
  inputs(): AsyncIterable<readonly string[]>;
  /** A vector for each. @param prompt before each text; default: what the model's files say */
  embed(inputs: readonly string[], prompt?: string): Promise<Float32Array[]>;
  readonly prompts: UsedPrompts;
}

/** What is put before a query, and before what is searched; undefined: the model knows no such thing. */
interface UsedPrompts {
  readonly query?: string | undefined;
  readonly document?: string | undefined;
}

/** What a sentence encoder's files declare for both, under the names that sentence-transformers goes by; nothing where they don't. */
export function promptsOf(model: object): UsedPrompts {
  if (!("prompts" in model)) return {};
  const { query = "", document = "" } = model.prompts as Readonly<Record<string, string>>;
  return { query, document };
}

interface Towers extends Disposable {
  readonly model: object;
  text?(texts: readonly string[], prompt: string | undefined): Promise<Float32Array[]>;
  image?(files: readonly string[]): Promise<Float32Array[]>;
}

/** @throws UsageError when the model doesn't take what `--input` says */
export async function openEmbedder(call: Call): Promise<Embedder> {
  const towers = await openTowers(call);
  const { text, image, model } = towers;
  const asked = call.options.input ?? (text && image ? undefined : text ? "text" : "image");
  if (!(asked === "image" ? image : text)) {
    towers[Symbol.dispose]();
    throw new UsageError(`--input ${asked}: this model takes none`);
  }
  const isSeen = (one: string): boolean => (asked === undefined ? isAddress(one) || isPicture(one) : asked === "image");
  return {
    isSeen,
    inputs: () => (asked === "image" ? call.pictures() : call.texts()),
    async embed(inputs, prompt) {
      const [seen, read] = [inputs.filter(isSeen), inputs.filter((one) => !isSeen(one))];
      const pictureVectors = seen.length > 0 ? ((await image?.(seen)) ?? []) : [];
      const textVectors = read.length > 0 ? ((await text?.(read, prompt)) ?? []) : [];
      return inputs.map((one) => (isSeen(one) ? pictureVectors.shift() : textVectors.shift()) ?? new Float32Array());
    },
    prompts: promptsOf(model),
    [Symbol.dispose]: () => towers[Symbol.dispose](),
  };
}

async function openTowers(call: Call): Promise<Towers> {
  const { reads, sees, place } = await anyModel(call);
  if (reads && sees) {
    const { pipeline } = await import("@x/clip/auto");
    const see = await pipeline("image-feature-extraction", place, call.loading);
    const { embedText } = await import("@x/models-nlp");
    return {
      model: see.model,
      text: (texts) => embedText(see.model, texts, { ...call.batch, ...call.cutting }),
      image: (files) => see(files, call.batch),
      [Symbol.dispose]: see.dispose,
    };
  }
  if (sees) {
    const { pipeline } = await import("@x/models-vision/auto");
    const see = await pipeline("image-feature-extraction", place, call.loading);
    return { model: see.model, image: (files) => see(files, call.batch), [Symbol.dispose]: see.dispose };
  }
  const { pipeline } = await import("@x/models-nlp/auto");
  const read = await pipeline("feature-extraction", place, call.loading);
  return {
    model: read.model,
    text: (texts, prompt) => read(texts, { ...call.batch, ...call.cutting, prompt }),
    [Symbol.dispose]: read.dispose,
  };
}
