/** Tokenizers of many languages, whose token stands before a text: M2M-100's and NLLB's. Fan et al. 2020, §2.1; NLLB Team 2022. */
import type { JsonObject } from "@x/layers/model";
import { booleanField } from "../stages/fields.ts";
import type { Pipeline } from "../stages/pipeline.ts";
import type { Template, TemplateItem } from "../stages/template.ts";
import { TokenizerError } from "../stages/tokenizer-error.ts";
import { tokenIn } from "./vocabulary-files.ts";

/** The language of a text where nothing says: of the classes whose texts have one. */
const usualLanguages: Readonly<Record<string, string>> = { M2M100Tokenizer: "en", NllbTokenizer: "eng_Latn" };

export const hasLanguages = (className: string | undefined): className is string =>
  className !== undefined && Object.hasOwn(usualLanguages, className);

/** The pipeline for texts of the config's language, or the class' usual one. */
export function inOwnLanguage(pipeline: Pipeline, className: string, config: JsonObject): Pipeline {
  const usual = usualLanguages[className] ?? "";
  return inLanguage(pipeline, config, typeof config["src_lang"] === "string" ? config["src_lang"] : usual);
}

/** The pipeline for texts of this language: its token, the text, </s>; or, where `legacy_behaviour` says so, the text, </s>, its token. */
export function inLanguage(pipeline: Pipeline, config: JsonObject, language: string): Pipeline {
  const [code, end]: [TemplateItem, TemplateItem] = [
    { ids: [languageId(pipeline, language)], typeId: 0 },
    { ids: [idIn(pipeline, tokenIn(config, "eos_token", "</s>"))], typeId: 0 },
  ];
  const around = (texts: Template["pair"]): Template["pair"] =>
    booleanField(config, "legacy_behaviour", false) ? [...texts, end, code] : [code, ...texts, end];
  const [first, second]: [TemplateItem, TemplateItem] = [
    { sequence: 0, typeId: 0 },
    { sequence: 1, typeId: 0 },
  ];
  return { ...pipeline, template: { single: around([first]), pair: around([first, second]) } };
}

/** `fr` of M2M-100, `fra_Latn` of NLLB. @throws TokenizerError when the vocabulary has no such language */
export function languageId(pipeline: Pipeline, language: string): number {
  const found = pipeline.addedTokens.find(({ content }) => isCode(content) && (content === language || content === `__${language}__`));
  if (found) return found.id;
  const known = pipeline.addedTokens
    .map(({ content }) => content.replaceAll("__", ""))
    .filter((_, i) => isCode(pipeline.addedTokens[i]?.content ?? ""));
  const some = known.length > 0 ? `; it has ${known.slice(0, 8).join(", ")}${known.length > 8 ? "…" : ""}` : "";
  throw new TokenizerError(`tokenizer: it has no language ${JSON.stringify(language)}${some}`);
}

const isCode = (token: string): boolean => /^(__[a-z]{2,3}__|[a-z]{3}_[A-Z][a-z]{3})$/.test(token);

function idIn({ vocabulary, addedTokens }: Pipeline, token: string): number {
  const id = addedTokens.find(({ content }) => content === token)?.id ?? vocabulary.get(token);
  if (id === undefined) throw new TokenizerError(`tokenizer: the vocabulary has no ${token}`);
  return id;
}
