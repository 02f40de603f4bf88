/** Heads as the models with heads have them, from the encoder's config. */
import { activationOf, Linear, reshape, slice, type Tensor } from "@x/layers";
import type { TextEmbeddings } from "../text-encoder/embeddings.ts";
import type { TextEncoderConfig } from "../text-encoder/text-encoder.ts";
import { MaskedLMHead } from "./masked-lm-head.ts";

interface Encoder {
  readonly config: TextEncoderConfig;
  readonly embeddings: TextEmbeddings;
}

/** Words from tokens, with the word embeddings as output weights. */
export function maskedLMHead({ config, embeddings }: Encoder): MaskedLMHead {
  const { hiddenSize, layerNormEps, hiddenAct } = config;
  return new MaskedLMHead({
    hiddenSize,
    layerNormEps,
    activation: activationOf(hiddenAct),
    wordEmbeddings: embeddings.wordEmbeddings.weight,
  });
}

/** One output for each of the config's classes. */
export const classifier = ({ config }: Pick<Encoder, "config">): Linear =>
  new Linear(config.hiddenSize, Object.keys(config.id2label).length);

/** Two logits for each token (B, N, 2) → whether the answer begins there, ends there, both (B, N). Devlin et al. 2019, §4.2. */
export function answerLogits(logits: Tensor): { readonly startLogits: Tensor; readonly endLogits: Tensor } {
  const [startLogits, endLogits] = [0, 1].map((i) => reshape(slice(logits, 2, i, i + 1), logits.shape.slice(0, 2))) as [Tensor, Tensor];
  return { startLogits, endLogits };
}
