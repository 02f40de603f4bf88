import { embedding, intTensor, keep, KeyValueCache, noGrad, paddingMask, reshape, type Tensor } from "@x/layers";
import type { Decoding } from "../generation/decoding.ts";
import type { TextInput } from "../text-encoder/text-input.ts";
import type { Decoder } from "./decoder.ts";

/** The encoder's output as the decoder's layers remember it. */
interface Memory {
  /** For each layer (B, N, 2D). */
  readonly remembered: readonly Tensor[];
  /** (B, 1, N), where something is padded. */
  readonly mask: Tensor | undefined;
}

/** What decoding needs of a Transformer. */
interface DecodingModel {
  readonly decoder: Decoder;
  /** text (B, N) → what the decoder looks at (B, N, D) */
  encode(text: TextInput): Tensor;
  /** Target ids (B, M), the first of which stands at place `first` → (B, M, D) */
  embedTargets(ids: Tensor<"int32">, first: number): Tensor;
  /** (…, D) → logits (…, V) */
  project(output: Tensor): Tensor;
}

/**
 * Decoding with what every layer has seen kept: a step computes one token. The memory's keys and values are made once, and once for all sequences of an input;
 * the targets' own grow with them.
 */
export class CachedDecoding implements Decoding {
  readonly #model: DecodingModel;
  readonly #sequencesPerInput: number;
  readonly #caches: readonly KeyValueCache[];
  #memory: Memory;

  constructor(model: DecodingModel, text: TextInput, sequencesPerInput: number) {
    this.#model = model;
    this.#memory = noGrad(() => {
      const mask = text.attentionMask && paddingMask(text.attentionMask);
      return keepAll({ remembered: model.decoder.remember(model.encode(text)), mask });
    });
    this.#sequencesPerInput = sequencesPerInput;
    this.#caches = model.decoder.blocks.map(() => new KeyValueCache());
  }

  step(tokens: Tensor<"int32">): Tensor {
    return noGrad(() => {
      const position = this.#caches[0]?.length ?? 0;
      const y = this.#model.embedTargets(reshape(tokens, [-1, 1]), position); // (R, 1, D)
      const { remembered, mask } = this.#memory;
      const last = this.#model.decoder.forward(y, remembered, { memoryMask: mask, caches: this.#caches }); // (R, 1, D)
      return this.#model.project(reshape(last, [tokens.size, -1])); //                                           (R, V)
    });
  }

  select(rows: readonly number[]): void {
    for (const cache of this.#caches) cache.select(rows);
    const inputs = rows.flatMap((row, i) => (i % this.#sequencesPerInput === 0 ? [Math.floor(row / this.#sequencesPerInput)] : []));
    if (inputs.length === this.#memory.remembered[0]?.shape[0]) return; // sequences of an input stay together, and inputs in order
    const { remembered, mask } = this.#memory;
    const fewer = noGrad(() => ({ remembered: remembered.map((memory) => samples(memory, inputs)), mask: mask && samples(mask, inputs) }));
    this.#memory = keepAll(fewer);
    disposeAll({ remembered, mask });
  }

  dispose(): void {
    for (const cache of this.#caches) cache.dispose();
    disposeAll(this.#memory);
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

/** Samples of x (B, N, D) by number. */
function samples(x: Tensor, numbers: readonly number[]): Tensor {
  const [batch = 0, ...rest] = x.shape;
  return reshape(embedding(intTensor(numbers, [numbers.length]), reshape(x, [batch, -1])), [numbers.length, ...rest]);
}

function keepAll(memory: Memory): Memory {
  for (const tensor of memory.remembered) keep(tensor);
  if (memory.mask) keep(memory.mask);
  return memory;
}

function disposeAll({ remembered, mask }: Memory): void {
  for (const tensor of remembered) tensor.dispose();
  mask?.dispose();
}
