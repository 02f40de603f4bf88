/** Tokens that a config adds to a vocabulary, with ids as Hugging Face's library gives them. */
import { isJsonObject, type Json, type JsonObject } from "@x/layers/model";
import { type AddedToken, addedTokenFrom } from "../stages/added-tokens.ts";
import { booleanField, objectField, stringField } from "../stages/fields.ts";
import type { Pipeline } from "../stages/pipeline.ts";
import { TokenizerError } from "../stages/tokenizer-error.ts";
import { specialNames } from "./special-tokens.ts";

/** A token as a file declares it; −1 for its id where the file doesn't say. */
type Declared = Omit<AddedToken, "id"> & { readonly id: number };

/** A pipeline with the tokens that its files add, and a note for each whose id isn't the one that its file says. */
export interface WithAdded {
  readonly pipeline: Pipeline;
  readonly notes: readonly string[];
}

/**
 * Beside those of the pipeline adds `added_tokens_decoder`, or else `added_tokens.json`, by id; then `cls_token` and the like that aren't added yet; then the
 * extra special ones. A new one gets the first free id behind the vocabulary, whatever its file says: so does the reference.
 * @param added `added_tokens.json`
 */
export function withDeclaredTokens(pipeline: Pipeline, config: JsonObject, added: JsonObject | undefined): WithAdded {
  const listed =
    "added_tokens_decoder" in config ? decoderTokens(objectField(config, "added_tokens_decoder", {})) : fileTokens(added ?? {}, config);
  const byContent = new Map<string, AddedToken>();
  const taken = new Set(pipeline.vocabulary.values());
  const notes: string[] = [];
  let free = pipeline.vocabulary.size;
  const add = ({ id: wanted, ...token }: Declared): void => {
    if (token.content === "") return;
    let id = pipeline.vocabulary.get(token.content) ?? byContent.get(token.content)?.id;
    if (id === undefined) {
      while (taken.has(free)) free++;
      taken.add((id = free));
    }
    if (wanted >= 0 && wanted !== id) {
      notes.push(
        `tokenizer: ${JSON.stringify(token.content)} is declared with the id ${wanted}, but has ${id}, as Hugging Face's library gives it`,
      );
    }
    byContent.set(token.content, { ...token, id });
  };
  const byId = (a: Declared, b: Declared): number => a.id - b.id;
  for (const token of [...pipeline.addedTokens].sort(byId)) add(token);
  const named = [...namedTokens(config)];
  const namedContents = new Set(named.map(({ content }) => content));
  for (const token of listed.sort(byId)) add({ ...token, special: token.special || namedContents.has(token.content) });
  for (const token of [...named, ...extraTokens(config)]) if (!byContent.has(token.content)) add(token);
  return { pipeline: { ...pipeline, addedTokens: [...byContent.values()] }, notes };
}

/** `{ "100": { "content": "[E1]", … } }` */
const decoderTokens = (decoder: JsonObject): Declared[] =>
  Object.keys(decoder).map((id) => {
    if (/^\d{1,9}$/.test(id)) return addedTokenFrom({ ...objectField(decoder, id), id: Number(id) });
    throw new TokenizerError(`tokenizer: added_tokens_decoder should name whole numbers, but names ${JSON.stringify(id.slice(0, 100))}`);
  });

/** `{ "[E1]": 100 }`. Those that are called special elsewhere are. */
function fileTokens(added: JsonObject, config: JsonObject): Declared[] {
  const special = new Set([...namedTokens(config), ...extraTokens(config)].map(({ content }) => content));
  return Object.entries(added).map(([content, id]) => {
    if (typeof id === "number" && Number.isInteger(id) && id >= 0) return declared(content, special.has(content), id);
    throw new TokenizerError(
      `tokenizer: added_tokens.json: the id of ${JSON.stringify(content.slice(0, 100))} should be a whole number from 0 on, but is ${JSON.stringify(id)}`,
    );
  });
}

/** `cls_token` and its kin, then those that only this model has: `image_token`. */
function* namedTokens(config: JsonObject): Generator<Declared> {
  const usual = specialNames.map((name) => `${name}_token`);
  const others = Object.keys(config).filter((key) => key.endsWith("_token") && !usual.includes(key));
  for (const key of usual) if (isToken(config[key])) yield tokenFrom(config[key], key);
  for (const key of others) if (isToken(config[key])) yield tokenFrom(config[key], key);
  for (const key of ["extra_special_tokens", "model_specific_special_tokens"]) {
    const tokens = config[key];
    if (isJsonObject(tokens)) for (const [name, token] of Object.entries(tokens)) yield tokenFrom(token, name);
  }
}

/** `extra_special_tokens`, once called `additional_special_tokens`. */
function extraTokens(config: JsonObject): Declared[] {
  const [extra, additional] = [config["extra_special_tokens"], config["additional_special_tokens"]];
  const list = Array.isArray(extra) && extra.length > 0 ? extra : isJsonObject(extra) ? [] : (additional ?? []);
  if (!Array.isArray(list))
    throw new TokenizerError(`tokenizer: additional_special_tokens should be a list, but is ${JSON.stringify(list).slice(0, 100)}`);
  return (list as readonly Json[]).map((token) => tokenFrom(token, "additional_special_tokens"));
}

const isToken = (value: Json | undefined): value is string | JsonObject => typeof value === "string" || isJsonObject(value);

/** `"[CLS]"`, or `{ "content": "[CLS]", "lstrip": true, … }` */
function tokenFrom(value: Json, key: string): Declared {
  if (typeof value === "string") return declared(value, true);
  if (!isJsonObject(value)) throw new TokenizerError(`tokenizer: ${key} should be a token, but is ${JSON.stringify(value)}`);
  const [content, flag] = [stringField(value, "content"), (name: string) => booleanField(value, name, false)];
  return {
    ...declared(content, true),
    singleWord: flag("single_word"),
    lstrip: flag("lstrip"),
    rstrip: flag("rstrip"),
    normalized: booleanField(value, "normalized", false),
  };
}

const declared = (content: string, special: boolean, id = -1): Declared => ({
  id,
  content,
  special,
  singleWord: false,
  lstrip: false,
  rstrip: false,
  normalized: !special,
});
