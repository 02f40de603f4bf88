/** M2M-100's tokenizer, apart from the others, because of its list of languages. Fan et al. 2020, §2.1. */
import type { JsonObject } from "@x/layers/model";
import { specialToken } from "../stages/added-tokens.ts";
import { stringField } from "../stages/fields.ts";
import type { Pipeline } from "../stages/pipeline.ts";
import { TokenizerError } from "../stages/tokenizer-error.ts";
import { type PieceFiles, piecePipeline } from "./sentence-piece-pipeline.ts";

/** In the order of their ids, by what a config calls the list. */
const languages: Readonly<Record<string, string>> = {
  m2m100:
    "af am ar ast az ba be bg bn br bs ca ceb cs cy da de el en es et fa ff fi fr fy ga gd gl gu ha he hi hr ht hu hy id ig ilo is it ja jv ka kk km kn ko lb lg ln lo lt lv mg mk ml mn mr ms my ne nl no ns oc or pa pl ps pt ro ru sd si sk sl so sq sr ss su sv sw ta th tl tn tr uk ur uz vi wo xh yi yo zh zu",
  wmt21: "en ha is ja cs ru zh de",
};

/** `vocab.json` with a SentencePiece file: pieces have the ids of the first, languages those behind it. */
export function m2mPipeline(files: PieceFiles, config: JsonObject): Pipeline {
  const list = stringField(config, "language_codes", "m2m100");
  const codes = Object.hasOwn(languages, list) ? languages[list]?.split(" ") : undefined;
  if (!codes)
    throw new TokenizerError(
      `tokenizer: language_codes should be one of ${Object.keys(languages).join(", ")}, but is ${JSON.stringify(list)}`,
    );
  const pipeline = piecePipeline(files, ["<s>", "</s>", "<unk>", "<pad>"]);
  const own = codes.map((code, i) => specialToken(`__${code}__`, files.vocabulary.size + i));
  return { ...pipeline, addedTokens: [...pipeline.addedTokens, ...own] };
}
