/** What is put around the texts: `[CLS] A [SEP] B [SEP]`. */
import { isJsonObject, type Json, type JsonObject } from "@x/layers/model";
import { booleanField, listField, numberField, objectField, objectsField, stringField } from "./fields.ts";
import { TokenizerError } from "./tokenizer-error.ts";

/** Special tokens by id, or one of the texts: 0 the first, 1 the second. */
export type TemplateItem =
  | { readonly ids: readonly number[]; readonly typeId: number }
  | { readonly sequence: 0 | 1; readonly typeId: number };

export interface Template {
  readonly single: readonly TemplateItem[];
  readonly pair: readonly TemplateItem[];
}

/** How spaces are taken from the ends of tokens' places. */
export interface Trims {
  /** Whether one stays that a text begins with. */
  readonly keepsFirst: boolean;
}

const first: TemplateItem = { sequence: 0, typeId: 0 };
const second: TemplateItem = { sequence: 1, typeId: 1 };
const special = (id: number, typeId: number): TemplateItem => ({ ids: [id], typeId });

/** Nothing around. */
export const bareTemplate: Template = { single: [first], pair: [first, second] };

/** `[CLS] A [SEP]`, `[CLS] A [SEP] B [SEP]`; the second text and its [SEP] are of type 1. BERT §3. */
export const bertTemplate = (cls: number, sep: number): Template => ({
  single: [special(cls, 0), first, special(sep, 0)],
  pair: [special(cls, 0), first, special(sep, 0), second, special(sep, 1)],
});

/** `<s> A </s>`, `<s> A </s> </s> B </s>`, all of type 0: RoBERTa, CLIP. */
export const robertaTemplate = (cls: number, sep: number): Template => ({
  single: [special(cls, 0), first, special(sep, 0)],
  pair: [special(cls, 0), first, special(sep, 0), special(sep, 0), { sequence: 1, typeId: 0 }, special(sep, 0)],
});

/** `A </s>`: Marian. */
export const endingTemplate = (eos: number): Template => ({
  single: [first, special(eos, 0)],
  pair: [first, { sequence: 1, typeId: 0 }, special(eos, 0)],
});

/** The same with all of type 0. */
export const untyped = ({ single, pair }: Template): Template => {
  const bare = (items: Template["pair"]): Template["pair"] => items.map((item) => ({ ...item, typeId: 0 }));
  return { single: bare(single), pair: bare(pair) };
};

/** The same with another id in an id's place. */
export const replacedIn = ({ single, pair }: Template, id: number, other: number): Template => {
  const replaced = (items: Template["pair"]): Template["pair"] =>
    items.map((item) => ("ids" in item ? { ...item, ids: item.ids.map((one) => (one === id ? other : one)) } : item));
  return { single: replaced(single), pair: replaced(pair) };
};

/** From `tokenizer.json`'s post-processor. @throws TokenizerError when its type is unknown */
export function templateFrom(json: JsonObject | undefined): Template {
  if (!json) return bareTemplate;
  const type = stringField(json, "type");
  switch (type) {
    case "TemplateProcessing": {
      const tokens = objectField(json, "special_tokens", {});
      const items = (key: string) => objectsField(json, key).map((item) => itemFrom(item, tokens));
      return { single: items("single"), pair: items("pair") };
    }
    case "BertProcessing":
      return bertTemplate(idIn(json, "cls"), idIn(json, "sep"));
    case "RobertaProcessing":
      return robertaTemplate(idIn(json, "cls"), idIn(json, "sep"));
    case "ByteLevel":
      return bareTemplate;
    case "Sequence": {
      const [template = bareTemplate, another] = objectsField(json, "processors")
        .map(templateFrom)
        .filter((one) => one !== bareTemplate);
      if (another) throw new TokenizerError("tokenizer: Sequence: two post-processors that both put tokens around a text aren't supported");
      return template;
    }
    default:
      throw new TokenizerError(`tokenizer: there is no post-processor ${type} here`);
  }
}

/** Whether the post-processor takes spaces from tokens' places: those that write bytes as letters do, unless told not to. */
export function trimsFrom(json: JsonObject | undefined): Trims | undefined {
  if (json?.["type"] === "Sequence")
    return objectsField(json, "processors")
      .map(trimsFrom)
      .find((found) => found);
  if (json?.["type"] !== "RobertaProcessing" && json?.["type"] !== "ByteLevel") return undefined;
  return booleanField(json, "trim_offsets", true) ? { keepsFirst: booleanField(json, "add_prefix_space", true) } : undefined;
}

/** `{ "Sequence": { "id": "A", "type_id": 0 } }` or `{ "SpecialToken": { "id": "[CLS]", "type_id": 0 } }` */
function itemFrom(item: JsonObject, tokens: JsonObject): TemplateItem {
  if ("Sequence" in item) {
    const sequence = objectField(item, "Sequence");
    return { sequence: stringField(sequence, "id") === "B" ? 1 : 0, typeId: numberField(sequence, "type_id", 0) };
  }
  const token = objectField(item, "SpecialToken");
  const name = stringField(token, "id");
  const ids = listField(objectField(tokens, name), "ids");
  return { ids: ids.map(idOf), typeId: numberField(token, "type_id", 0) };
}

/** `["[CLS]", 101]` */
const idIn = (json: JsonObject, key: string): number => idOf(listField(json, key)[1]);

function idOf(value: Json | undefined): number {
  if (typeof value === "number" && Number.isInteger(value) && value >= 0) return value;
  throw new TokenizerError(`tokenizer: the post-processor names ${isJsonObject(value) ? "an object" : String(value)} where an id belongs`);
}
