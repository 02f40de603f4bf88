import { ArgumentError, type Module, type Tensor } from "@x/layers";
import { aShare, aText, checkOptions, type RulesOf } from "@x/layers/model";
import { countLabels, labelsOnTokens } from "./labels-on-tokens.ts";
import type { Objective } from "./objective.ts";
import { perplexity } from "./perplexity.ts";
import { type TextOptions, textRules, type TextTensors, type TextTokenizer, tokenizerOf } from "./text.ts";

/** What is needed of a model: Transformer, Marian, M2M100. */
export interface TranslationModel extends Module {
  /** Of the input's language. */
  readonly tokenizer: TranslationTokenizer | undefined;
  /** Of the output's. Default: the same. */
  readonly targetTokenizer?: TranslationTokenizer | undefined;
  readonly config: { readonly maxPositionEmbeddings?: number | undefined };
  /** Mean cross-entropy of predicting labels (B, M), −100 where nothing is asked, from text (B, N). */
  loss(text: TextTensors, labels: Tensor<"int32">, options: { readonly labelSmoothing: number }): Tensor;
}

/** One that may know several languages. */
export interface TranslationTokenizer extends TextTokenizer {
  inLanguage?(language: string): TextTokenizer;
}

/** A text and what it shall become. */
export interface TranslatedText {
  readonly source: string;
  readonly target: string;
}

export interface TranslationBatch {
  readonly text: TextTensors;
  /** (B, M) */
  readonly labels: Tensor<"int32">;
}

export interface TranslationOptions extends TextOptions {
  /** Share of the target that is spread over all words alike. Default 0.1 (Vaswani et al. 2017, §5.4). */
  readonly labelSmoothing?: number | undefined;
  /** The sources' language, of models of many: `en` of M2M-100, `eng_Latn` of NLLB. Default: the tokenizer's. */
  readonly from?: string | undefined;
  /** The targets' language. Default: the tokenizer's. */
  readonly to?: string | undefined;
}

const rules: RulesOf<TranslationOptions> = { ...textRules, labelSmoothing: aShare, from: aText, to: aText };

/**
 * From one language to another, word after word, the words before being given. Score: perplexity, without smoothing; BLEU takes `translate` and `bleu`, in
 * `onEvaluation` say.
 * @throws ArgumentError when the model has no tokenizer, or one without languages and one was asked for
 */
export function translation(model: TranslationModel, options: TranslationOptions = {}): Objective<TranslatedText, TranslationBatch> {
  checkOptions("translation", options, rules);
  const { maxLength, labelSmoothing = 0.1, from, to } = options;
  const [source, target] = [inLanguage(model.tokenizer, from), inLanguage(model.targetTokenizer ?? model.tokenizer, to)];
  const most = Math.min(maxLength ?? source.maxLength ?? Infinity, model.config.maxPositionEmbeddings ?? Infinity);
  const cut = { maxLength: most, truncation: "longestFirst" } as const;
  const weightOf = ({ labels }: TranslationBatch): number => countLabels(labels);
  return {
    model,
    lengthOf: (example) => example.source.length + example.target.length,
    collate(examples) {
      const targets = examples.map((example) => target.encode(example.target, cut));
      const padded = target.pad(targets);
      const labels = labelsOnTokens(
        padded,
        targets.map(({ ids }) => ids),
      );
      padded[Symbol.dispose]();
      return { text: source.pad(examples.map((example) => source.encode(example.source, cut))), labels };
    },
    loss: ({ text, labels }) => model.loss(text, labels, { labelSmoothing: model.training ? labelSmoothing : 0 }),
    weightOf,
    scores: () => perplexity(weightOf),
  };
}

function inLanguage(tokenizer: TranslationTokenizer | undefined, language: string | undefined): TextTokenizer {
  const own = tokenizerOf("translation", { tokenizer });
  if (language === undefined) return own;
  if (tokenizer?.inLanguage) return tokenizer.inLanguage(language);
  throw new ArgumentError("translation", "languages are for a model of many, with a tokenizer that knows them", `"${language}" came`);
}
