/** A setting of the wrong kind (a text where a number belongs, an object for a flag) is refused or noted by every model's reader, never passed over in silence. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { load as loadBoth } from "../../packages/clip/src/auto/index.ts";
import { CLIP, SigLIP } from "../../packages/clip/src/index.ts";
import { openCLIPKeys } from "../../packages/clip/src/keys.ts";
import { openSigLIPKeys } from "../../packages/clip/src/siglip/keys.ts";
import { init, shutdown, XError } from "../../packages/layers/src/index.ts";
import {
  isJsonObject,
  type Json,
  type JsonObject,
  type KeyTable,
  type PretrainedModel,
  sortKeys,
} from "../../packages/layers/src/model.ts";
import { load as loadText } from "../../packages/models-nlp/src/auto/index.ts";
import {
  Bert, DistilBert, Electra, FNet, M2M100, Marian, ModernBert, MPNet, Roberta, Transformer,
} from "../../packages/models-nlp/src/index.ts"; // prettier-ignore
import { load as loadImage } from "../../packages/models-vision/src/auto/index.ts";
import { type ImageProcessor, MAE, MLPMixer, Swin, SwinV2, ViT } from "../../packages/models-vision/src/index.ts";

type Keys = KeyTable | ((config: JsonObject) => KeyTable | Promise<KeyTable>);
type Load = (files: ReadonlyMap<string, Uint8Array<ArrayBuffer>>) => Promise<PretrainedModel<object>>;

const families = (load: Load, package_: string, all: Readonly<Record<string, { readonly family: { readonly keys: Keys } }>>) =>
  Object.entries(all).map(([folder, { family }]) => ({
    load,
    folder: join(package_, "golden", folder),
    file: "config.json",
    keys: family.keys,
  }));

const cases: readonly { readonly load: Load; readonly folder: string; readonly file: string; readonly keys: Keys }[] = [
  ...families(loadImage, "models-vision", {
    vit: ViT, timm_vit: ViT, timm_map: ViT, dinov2: ViT, mae: MAE, swin: Swin, timm_swin: Swin, swin_v2: SwinV2, timm_swin_v2: SwinV2, timm_mixer: MLPMixer,
  }), // prettier-ignore
  ...families(loadText, "models-nlp", {
    bert_sequence: Bert, roberta_sequence: Roberta, distilbert_sequence: DistilBert, mpnet_sequence: MPNet, electra_sequence: Electra,
    modernbert_sequence: ModernBert, fnet_sequence: FNet, marian: Marian, m2m_100: M2M100, transformer: Transformer,
  }), // prettier-ignore
  ...families(loadBoth, "clip", { hugging_face: CLIP, siglip: SigLIP }),
  { load: loadBoth, folder: "clip/golden/open_clip_vit", file: "open_clip_config.json", keys: openCLIPKeys },
  { load: loadBoth, folder: "clip/golden/open_clip_siglip", file: "open_clip_config.json", keys: openSigLIPKeys },
];

const wrong: Readonly<Record<string, readonly Json[]>> = {
  number: ["3", "constructor", true, { a: 1 }, ["a"]],
  boolean: ["yes", { a: 1 }, ["a"]],
  string: [3, true, { a: 1 }, ["a"]],
  object: ["3", 3, true],
};

/** The same with another value at a path. */
function changed(json: JsonObject, [key = "", ...rest]: readonly string[], value: Json): JsonObject {
  const inner = json[key];
  return { ...json, [key]: rest.length === 0 || !isJsonObject(inner) ? value : changed(inner, rest, value) };
}

/** Keys that are followed, and those that hold them. */
const followed = (json: JsonObject, table: KeyTable): string[][] => {
  const paths = [...sortKeys(json, table)].filter(({ does }) => does === "followed").map(({ path }) => path.split("."));
  const outer = paths.flatMap((path) => path.slice(1).map((_, i) => path.slice(0, i + 1)));
  return [...new Map([...paths, ...outer].map((path) => [path.join("."), path])).values()];
};

beforeAll(() => init({ threads: 1 }));
afterAll(shutdown);

test.for(cases)("$folder", async ({ load, folder, file, keys }) => {
  const root = join(import.meta.dirname, "../../packages", folder);
  const names = readdirSync(root).filter((name) => /^(?!golden\.).*\.(json|safetensors|txt|model|spm)$/.test(name));
  const files = new Map(names.map((name) => [name, new Uint8Array(readFileSync(join(root, name)))]));
  const json = JSON.parse(new TextDecoder().decode(files.get(file))) as JsonObject;
  const notesOf = async (config: JsonObject): Promise<number> => {
    using model = await load(new Map(files).set(file, new TextEncoder().encode(JSON.stringify(config))));
    const { processor } = model as { readonly processor?: ImageProcessor }; // throws where it couldn't be read
    return model.notes.length + (processor?.notes.length ?? 0);
  };
  const usual = await notesOf(json);
  const taken: string[] = [];
  for (const path of followed(json, typeof keys === "function" ? await keys(json) : keys)) {
    const value = path.reduce<Json>((found, key) => (isJsonObject(found) ? (found[key] ?? null) : null), json);
    if (value === null || Array.isArray(value)) continue;
    for (const other of wrong[typeof value] ?? []) {
      const notes = await notesOf(changed(json, path, other)).catch((error: unknown) => {
        if (error instanceof XError) return Infinity;
        throw error;
      });
      if (notes <= usual) taken.push(`${path.join(".")}: ${JSON.stringify(other)} for ${JSON.stringify(value).slice(0, 40)}`);
    }
  }
  expect(taken).toEqual([]);
});
