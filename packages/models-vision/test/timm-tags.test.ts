/** Which of timm's pretrained ViTs, DeiTs, Swins and Mixers load, by the entries and options of timm's own models: tools/reference/timm_tags.py. docs/timm.md tells. */
import { readFileSync } from "node:fs";
import { init, Rng } from "@x/layers";
import { checkKeys, type JsonObject, type KeyTable } from "@x/layers/model";
import { countParameters } from "@x/testing";
import { beforeAll, expect, test } from "vitest";
import { matchWeights } from "../../layers/src/checkpoint/match-weights.ts";
import { MLPMixer, Swin, SwinV2, ViT, type ViTConfig } from "../src/index.ts";

interface Architecture {
  readonly module: string;
  /** Tags with how many classes each has. */
  readonly tags: Readonly<Record<string, number>>;
  readonly input: readonly number[];
  readonly block: string;
  readonly heads?: number;
  readonly act: string;
  readonly eps: number | null;
  readonly pool: string;
  readonly no_embed_class?: boolean;
  readonly num_reg_tokens?: number;
  readonly mlp: string;
  readonly names: number;
  readonly shapes: readonly (readonly number[])[];
}

const file = new URL("../golden/timm-tags.json", import.meta.url);
const { names, ...architectures } = JSON.parse(readFileSync(file, "utf8")) as Readonly<Record<string, Architecture>> & {
  readonly names: readonly (readonly string[])[];
};

const classOf = (name: string) =>
  name.startsWith("swinv2") ? SwinV2 : name.startsWith("swin") ? Swin : name.startsWith("mixer") ? MLPMixer : ViT;

/** The state dict that timm's model has, without its numbers. */
function checkpointOf({ names: list, shapes }: Architecture) {
  const entries = (names[list] ?? []).flatMap((name, i) => {
    const shape = shapes[i] ?? [];
    if (!name.includes("{i}")) return [[name, shape] as const];
    const [count = 0, ...rest] = shape;
    return Array.from({ length: count }, (_, block) => [name.replace("{i}", String(block)), rest] as const);
  });
  return { label: "timm", entries: new Map(entries.map(([name, shape]) => [name, { name, dtype: "float32", shape }])) };
}

/** Loads all but the numbers. @returns the model's config @throws Error saying what doesn't fit */
async function load(name: string, architecture: Architecture): Promise<JsonObject> {
  const Kind = classOf(name) as unknown as typeof ViT;
  const { family } = Kind;
  const config = { architecture: name, global_pool: architecture.pool, pretrained_cfg: { input_size: [...architecture.input] } };
  const checkpoint = checkpointOf(architecture);
  const keys: KeyTable = typeof family.keys === "function" ? await family.keys(config) : family.keys;
  const found = await family.configFrom({ source: {}, config, checkpoint } as never);
  expect(checkKeys(config, keys, (message) => new Error(message))).toEqual([]);
  const shapes = new Map<string, { shape: readonly number[]; view(): Float32Array }>();
  await countParameters(() => {
    const model = new Kind(found, new Rng(0));
    for (const [path, { shape }] of model.namedParameters()) shapes.set(path, { shape, view: () => new Float32Array() });
    return model;
  });
  const problems = family.layouts(found).map((layout) => {
    const { missing, unexpected, mismatched } = matchWeights(shapes, checkpoint.entries as never, layout, []);
    return [...missing.map(({ key }) => key), ...unexpected, ...mismatched.map(({ key }) => key)];
  });
  const [fewest = []] = problems.toSorted((a, b) => a.length - b.length);
  if (fewest.length > 0) throw new Error(`it has other weights: ${fewest.slice(0, 3).join(", ")}`);
  return found as unknown as JsonObject;
}

const activations: Readonly<Record<string, string>> = {
  GELU: "gelu",
  "GELU tanh": "gelu_pytorch_tanh",
  GELUTanh: "gelu_pytorch_tanh",
  QuickGELU: "quick_gelu",
  SiLU: "gelu", // of a gated MLP, whose activation isn't `hiddenAct`
};

/** What timm's model does and its entries don't say, as a ViT's config has it. */
const expectedOf = (one: Architecture): Partial<ViTConfig> => ({
  numAttentionHeads: one.heads,
  hiddenAct: activations[one.act],
  layerNormEps: one.eps ?? undefined,
  pooling: ({ token: "cls", avg: "mean", map: "latent" } as const)[one.pool],
  branchNorm: one.block === "ResPostBlock",
  useSwigluFfn: one.mlp === "GluMlp",
  positions: one.no_embed_class === true ? "patches" : "all",
  numRegisterTokens: one.num_reg_tokens ?? 0,
  imageSize: one.input[1],
});

beforeAll(() => init());

test("timm's pretrained models are read as timm makes them, or refused; docs/timm.md lists them", { timeout: 120_000 }, async () => {
  const loaded: string[] = [];
  const refused = new Map<string, string[]>();
  for (const [name, architecture] of Object.entries(architectures)) {
    const tags = Object.keys(architecture.tags).map((tag) => `${name}.${tag}`);
    try {
      const config = await load(name, architecture);
      if (architecture.module === "vision_transformer" || architecture.module === "deit") {
        expect({ name, ...config }).toMatchObject({ name, ...expectedOf(architecture) });
      }
      loaded.push(...tags);
    } catch (error) {
      if (!(error instanceof Error) || error.name === "AssertionError") throw error;
      const reason = error.message.replaceAll(name, "it");
      refused.set(reason, [...(refused.get(reason) ?? []), ...tags]);
    }
  }
  const count = (tags: readonly string[], prefix: string): number => tags.filter((tag) => tag.startsWith(prefix)).length;
  const all = [...loaded, ...[...refused.values()].flat()];
  const rows = ["vit_", "deit", "swin_", "swinv2_", "mixer_"].map(
    (prefix) => `| \`${prefix}*\` | ${count(all, prefix)} | ${count(loaded, prefix)} |`,
  );
  const text = `# timm's pretrained models

Written by \`packages/models-vision/test/timm-tags.test.ts\` from the state dicts and options of timm 1.0.31's own models; \`npm test -- timm-tags -u\` writes it anew. "Loads" means: \`fromPretrained\`
reads the checkpoint with its \`config.json\`, every entry has its place, and activation, epsilon, heads, pooling and order of norms are those of timm's model. A tiny model of each architecture
that loads has timm's numbers: \`python tools/reference/timm_tags.py --fixtures folder\`, then \`pnpm parity folder\`.

| tags | pretrained | load |
|---|---|---|
${rows.join("\n")}

\`timm.list_models("vit*", pretrained=True)\` tells 361: the 15 besides are \`vitamin_*\`, another architecture, which begins with stages of convolutions.

## Refused, and why

${[...refused].map(([reason, tags]) => `- ${reason}: ${tags.map((tag) => `\`${tag}\``).join(" ")}`).join("\n")}

## They load

${loaded.map((tag) => `\`${tag}\``).join(" ")}
`;
  expect(loaded.length).toBeGreaterThan(300);
  await expect(text).toMatchFileSnapshot("../../../docs/timm.md");
});
