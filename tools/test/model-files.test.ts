/** What `config.json` and what lies beside it may say: the tables that loading checks against are the tables in the docs, and know what the reference's own sources know. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { openCLIPKeys } from "../../packages/clip/src/keys.ts";
import { openSigLIPKeys } from "../../packages/clip/src/siglip/keys.ts";
import { CLIP, SigLIP } from "../../packages/clip/src/index.ts";
import { adapterKeys } from "../../packages/layers/src/lora/adapter-config.ts";
import { checkKeys, hubKeys, type JsonObject, type KeyTable, keyTableText } from "../../packages/layers/src/model.ts";
import {
  Bert,
  DistilBert,
  Electra,
  FNet,
  M2M100,
  Marian,
  ModernBert,
  MPNet,
  Roberta,
  Transformer,
} from "../../packages/models-nlp/src/index.ts";
import { processorKeys } from "../../packages/models-vision/src/image/processor-keys.ts";
import { MAE, MLPMixer, Swin, SwinV2, ViT } from "../../packages/models-vision/src/index.ts";

interface Kind {
  readonly family: { readonly keys: KeyTable | ((config: JsonObject) => KeyTable | Promise<KeyTable>) };
}

/** A class's tables: of Hugging Face's form of the file, and of others. */
async function tablesOf(...kinds: readonly Kind[]): Promise<KeyTable[]> {
  const tables = kinds.map(({ family: { keys } }) =>
    typeof keys === "function" ? Promise.all([keys({ model_type: "" }), keys({})]) : [keys],
  );
  return (await Promise.all(tables)).flat();
}

/** A table, and those of what lies inside. */
const withInner = (table: KeyTable): KeyTable[] => [table, ...Object.values(table.nested ?? {}).flatMap(withInner)];

const sections: Readonly<Record<string, readonly KeyTable[]>> = {
  Texts: await tablesOf(Bert, Roberta, DistilBert, MPNet, Electra, ModernBert, FNet, Marian, M2M100, Transformer),
  Pictures: [...(await tablesOf(ViT, MAE, Swin, SwinV2, MLPMixer)), processorKeys],
  CLIP: [...(await tablesOf(CLIP)), openCLIPKeys, ...(await tablesOf(SigLIP)), openSigLIPKeys],
  Adapters: [adapterKeys],
};
const tables = new Map(Object.values(sections).flatMap((list) => list.flatMap(withInner).map((table) => [table.file, table])));

const introduction = `# What files that say what a model is may say

Written by \`tools/test/model-files.test.ts\` from the tables that loading checks against; \`npm test -- model-files -u\` writes it anew. [files.md](files.md) has the tables of what
comes with texts.

Every key is followed, passed over for a reason, or refused by name. What isn't in a table is passed over with a note: \`model.notes\`. null, an empty list and an empty object are never
refused. What Hugging Face's library writes for every model stands in a table of its own, and is done everywhere unless another table says otherwise.

\`preprocessor_config.json\` is read as \`processor_config.json\`'s \`image_processor\`, too, which counts first, as in transformers 5. What it asks for in vain costs the processor, not the
model: \`model.processor\` throws, with the reason, until another is put there; what isn't known in it stands in \`model.processor.notes\`. A class of processors that isn't known here
is refused by its name. So it is with \`adapter_config.json\`, whose notes are \`lora.notes\`.

## Which file, and what its entries are called

- \`config.json\` and the weights lie in one place, or in its \`subfolder\`. Of several checkpoints \`model.safetensors\` is taken, then \`model.safetensors.index.json\`, \`pytorch_model.bin\`,
  \`pytorch_model.bin.index.json\`, as Hugging Face's library does it; else there must be one \`.safetensors\`, or one \`.bin\`, \`.pt\`, \`.pth\`, \`.ckpt\`. The option \`file\` names another. Messages
  say which file was read.
- \`module.\`, \`_orig_mod.\` and their like before names are left out in every kind of file; so are \`model.\` and \`net.\` where all names begin so. State dicts that a training script wrapped
  (\`state_dict\`, \`model_state_dict\`, \`model\`…) are unwrapped; of several the averaged one counts (\`state_dict_ema\`, \`model_ema\`), as in timm. \`rename: { "backbone.*": "vit.*" }\` does the rest.
- Parameters without an entry are refused, unless they are a head's or a pooler's: these begin anew, with a note. Entries of modules that the model doesn't have are noted where the file is Hugging
  Face's, whose library warns, and refused where it is timm's or open_clip's, who refuse; entries inside a module that is filled are refused, as the model would compute otherwise with them.
  \`strict: true\` refuses all, \`strict: false\` none; \`ignore\` names some.
`;

/** What `hubKeys` has for every model. */
const shared = hubKeys("Hugging Face's library: every model", {});

/** A table without what all have. */
function own(table: KeyTable): KeyTable {
  if (!table.followed.includes("model_type")) return table;
  const passedOver = Object.entries(table.passedOver ?? {}).map(
    ([why, keys]) => [why, keys.filter((key) => shared.passedOver?.[why]?.includes(key) !== true)] as const,
  );
  const refused = Object.entries(table.refused ?? {}).filter(([key, { because }]) => shared.refused?.[key]?.because !== because);
  return {
    ...table,
    followed: table.followed.filter((key) => key !== "model_type"),
    passedOver: Object.fromEntries(passedOver.filter(([, keys]) => keys.length > 0)),
    refused: Object.fromEntries(refused),
  };
}

test("docs/model-files.md has the tables", async () => {
  const text = Object.entries(sections).map(([title, list]) => {
    const files = [...new Map(list.flatMap(withInner).map((table) => [table.file, table])).values()];
    return `## ${title}\n\n${files.map((table) => keyTableText(own(table))).join("\n")}`;
  });
  await expect([introduction, keyTableText(shared), ...text].join("\n")).toMatchFileSnapshot("../../docs/model-files.md");
});

describe("each key that the reference knows is in a table", () => {
  const known = JSON.parse(readFileSync(new URL("known-keys.json", import.meta.url), "utf8")) as Readonly<Record<string, string[]>>;
  test.each(Object.keys(known))("%s", (name) => {
    const table = tables.get(name);
    if (!table) throw new Error(`no table ${name}`);
    const json = Object.fromEntries((known[name] ?? []).map((key) => [key, null]));
    expect(checkKeys(json, table, (message) => new Error(message))).toEqual([]);
  });
});

test("models of classes follow what kind of classes they are", () => {
  const followed = [...tables.values()].filter(({ followed: keys }) => keys.includes("model_type") && keys.includes("id2label"));
  expect(followed.length).toBeGreaterThan(9);
  for (const table of followed) expect(table.followed, table.file).toContain("problem_type");
});

test.each([...tables])("%s: a key has one place", (_, { followed, passedOver = {}, refused = {}, nested = {} }) => {
  const all = [...followed, ...Object.values(passedOver).flat(), ...Object.keys(nested)];
  expect(all.filter((key, i) => all.indexOf(key) !== i)).toEqual([]);
  expect(Object.keys(refused).filter((key) => all.includes(key))).toEqual([]);
});
