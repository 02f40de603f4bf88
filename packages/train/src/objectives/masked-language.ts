import { crossEntropy, gatherTokens, intTensor, Rng, type Tensor } from "@x/layers";
import { aFunction, anRng, checkOptions, needed, type RulesOf } from "@x/layers/model";
import { countLabels, IGNORED, labelsOnTokens } from "./labels-on-tokens.ts";
import type { Objective } from "./objective.ts";
import { perplexity } from "./perplexity.ts";
import {
  encoderOf,
  lengthOf,
  type TextExample,
  type TextIds,
  type TextModel,
  type TextOptions,
  textRules,
  type TextTensors,
  tokenizerOf,
} from "./text.ts";

/** What is needed of a model: BertForMaskedLM… */
export interface MaskedLanguageModel extends TextModel {
  /** text (B, N) → tokens (B, N, D) */
  encode(text: TextTensors): Tensor;
  /** tokens (…, D) → logits of words (…, vocabulary) */
  readonly predictions: { forward(tokens: Tensor): Tensor };
}

export interface MaskedLanguageOptions extends TextOptions {
  /** Hides some of a text's tokens: `(encoding, rng) => maskTokens(encoding.ids, …, rng)` of `@x/models-nlp`. Labels are what stood there, −100 elsewhere. */
  readonly mask: (encoding: TextIds, rng: Rng) => { readonly ids: readonly number[]; readonly labels: readonly number[] };
  /** What it draws from. Default seed 0. */
  readonly rng?: Rng | undefined;
}

export interface MaskedBatch {
  readonly text: TextTensors;
  /** (B, N): what stood there, −100 where nothing is asked */
  readonly labels: Tensor<"int32">;
}

const rules: RulesOf<MaskedLanguageOptions> = { ...textRules, mask: needed(aFunction), rng: anRng };

/**
 * Masked words, masked anew whenever a text comes; logits are made of the masked places only. Devlin et al. 2019, §3.1, task 1. Score: perplexity.
 * @throws ArgumentError when the model has no tokenizer
 */
export function maskedLanguage(model: MaskedLanguageModel, options: MaskedLanguageOptions): Objective<TextExample, MaskedBatch> {
  const where = "maskedLanguage";
  checkOptions(where, options, rules);
  const { mask, rng = new Rng(0) } = options;
  const encode = encoderOf(where, model, options);
  const weightOf = ({ labels }: MaskedBatch): number => countLabels(labels);
  return {
    model,
    lengthOf,
    rngs: [rng],
    collate(examples) {
      const masked = examples.map((example) => {
        const encoding = encode(example);
        const { ids, labels } = mask(encoding, rng);
        return { encoding: { ...encoding, ids }, labels };
      });
      const text = tokenizerOf(where, model).pad(masked.map(({ encoding }) => encoding));
      return {
        text,
        labels: labelsOnTokens(
          text,
          masked.map(({ labels }) => labels),
        ),
      };
    },
    loss: ({ text, labels }) => maskedLoss(model, text, labels),
    weightOf,
    scores: () => perplexity(weightOf),
  };
}

function maskedLoss(model: MaskedLanguageModel, text: TextTensors, labels: Tensor<"int32">): Tensor {
  const { places, wanted } = askedPlaces(labels);
  return crossEntropy(model.predictions.forward(gatherTokens(model.encode(text), places)), wanted);
}

/** labels (B, N) → places and labels of what is asked, both (B, K), K being the most of a text, at least 1. */
function askedPlaces(labels: Tensor<"int32">): { readonly places: Tensor<"int32">; readonly wanted: Tensor<"int32"> } {
  const [batch = 0, length = 0] = labels.shape;
  const values = labels.toTypedArray();
  const rows = Array.from({ length: batch }, (_, row) =>
    Array.from({ length }, (__, place) => place).filter((place) => values[row * length + place] !== IGNORED),
  );
  const most = rows.reduce((longest, row) => Math.max(longest, row.length), 1);
  const matrix = (valueOf: (row: number, place: number | undefined) => number): Tensor<"int32"> =>
    intTensor(
      rows.flatMap((row, i) => Array.from({ length: most }, (_, k) => valueOf(i, row[k]))),
      [batch, most],
    );
  return {
    places: matrix((_, place) => place ?? 0),
    wanted: matrix((row, place) => (place === undefined ? IGNORED : (values[row * length + place] ?? IGNORED))),
  };
}
