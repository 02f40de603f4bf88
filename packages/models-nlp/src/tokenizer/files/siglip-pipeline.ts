/** SigLIP's tokenizer around its SentencePiece model: `SiglipTokenizer` in Hugging Face's library. */
import type { JsonObject } from "@x/layers/model";
import { specialToken } from "../stages/added-tokens.ts";
import { booleanField } from "../stages/fields.ts";
import { inOrder, lowercase } from "../stages/normalizers.ts";
import type { Normalizer, Pipeline } from "../stages/pipeline.ts";
import { endingTemplate } from "../stages/template.ts";
import { TokenizerError } from "../stages/tokenizer-error.ts";
import type { SentencePieceFile } from "./sentence-piece-file.ts";
import { SentencePiece } from "./sentence-piece.ts";
import type { TokenizerConfig } from "./tokenizer-config.ts";

/** What a config says where there is none. */
export const sigLIPTokens: JsonObject = { eos_token: "</s>", unk_token: "<unk>", pad_token: "</s>", model_max_length: 64 };

/** What the authors' code does to texts. */
const canonical: Normalizer = inOrder(
  (text) => text.replace(/[!-/:-@[-`{-~]/gu, ""),
  (text) => text.replace(/[▁\p{White_Space}]+/gu, " "),
  (text) => text.replace(/^ | $/gu, ""),
);

/** `A </s>`, of a text in lower case, without ASCII's punctuation, its spaces collapsed. @throws TokenizerError when the model has no </s> */
export function sigLIPPipeline(file: SentencePieceFile, { json }: TokenizerConfig): Pipeline {
  const model = new SentencePiece({ ...file, addDummyPrefix: true });
  const { vocabulary, preTokenize } = model;
  const end = vocabulary.get("</s>");
  if (end === undefined) throw new TokenizerError("tokenizer: SigLIP's SentencePiece model has no </s>");
  const normalize = inOrder(...(booleanField(json, "do_lower_case", true) ? [lowercase] : []), canonical, model.normalize);
  return {
    vocabulary,
    addedTokens: [specialToken("</s>", end), specialToken("<unk>", model.unkId)],
    *normalize(text) {
      const normalized = yield* normalize(text);
      return text.origin(0, 0)[0] === 0 ? normalized : normalized.slice(1); // what stands behind a special token begins no word
    },
    preTokenize,
    model,
    template: endingTemplate(end),
    decode: (tokens) => model.decode(tokens).trim(),
  };
}
