/** LoRA and DoRA beside convolutions and embeddings, against PEFT's own numbers and files: golden/peft, by tools/reference/lora.py. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { checkForLeaks, expectAdapterLearns, expectPEFTAgrees, expectThereAndBack, Golden, normal, readEntries } from "@x/testing";
import { beforeAll, expect, test } from "vitest";
import {
  concat,
  Conv2d,
  crossEntropy,
  Embedding,
  gelu,
  init,
  intTensor,
  Linear,
  LoRA,
  mean,
  Module,
  noGrad,
  openCheckpoint,
  Rng,
  scope,
  type Tensor,
} from "../src/index.ts";
import { encodeSafetensors } from "../src/save.ts";

beforeAll(() => init({ threads: 1 }));
checkForLeaks();

class Net extends Module {
  readonly words = new Embedding(9, 5, { paddingId: 0 });
  readonly conv = new Conv2d(2, 5, 3, { stride: 2, padding: 1 });
  readonly plain = new Conv2d(5, 4, 2, { bias: false });
  readonly head = new Linear(9, 3);

  /** images (B, 2, 7, 6), ids (B, 4) → (B, 3) */
  forward(images: Tensor, ids: Tensor<"int32">): Tensor {
    const seen = mean(this.plain.forward(gelu(this.conv.forward(images))), [2, 3]); // (B, 4)
    return this.head.forward(concat([seen, mean(this.words.forward(ids), 1)], 1));
  }
}

const folder = join(import.meta.dirname, "../golden/peft");

test.each(["lora", "dora"])("%s: outputs, gradients, merging, training and files are PEFT's", async (name) => {
  const inputs = await Golden.read(new URL("../golden/peft/net.safetensors", import.meta.url));
  using net = new Net();
  scope(() => net.loadStateDict(new Map([...net.stateDict().keys()].map((path) => [path, inputs.tensor(path)]))));
  using lora = await LoRA.fromPretrained(net, join(folder, name));
  expect([lora.numParameters, lora.notes]).toEqual([name === "lora" ? 146 : 163, []]);
  const logits = (): Tensor => net.forward(inputs.tensor("images"), inputs.ids("ids"));
  const loss = (): Tensor => crossEntropy(logits(), inputs.ids("labels"));
  const golden = await Golden.read(new URL(`../golden/peft/${name}/golden.safetensors`, import.meta.url));
  expectPEFTAgrees({ model: net, lora, golden, logits, loss, saved: {} });
  await expectThereAndBack(lora, join(folder, name), (where) => LoRA.fromPretrained(net, where), logits);
});

test.each([false, true])("a fresh adapter changes nothing, learns, and can be dropped out of; dora: %s", (dora) => {
  using net = new Net().initialize(new Rng(1));
  using images = normal([4, 2, 7, 6], 2);
  using ids = intTensor([1, 0, 3, 8], [4, 1]);
  using labels = intTensor([0, 2, 1, 1]);
  const targetModules = ["words", "conv", "plain", "head"];
  const attach = (): LoRA => LoRA.attach(net, { rank: 2, alpha: 4, dora, targetModules, rng: new Rng(3) });
  expectAdapterLearns(net, attach, () => crossEntropy(net.forward(images, ids), labels));
  net.train();
  using lora = LoRA.attach(net, { rank: 2, dora, dropout: 0.3, targetModules, rng: new Rng(3) });
  for (const parameter of lora.parameters()) parameter.data.fill(0.3);
  const trained = (): Float32Array => noGrad(() => net.forward(images, ids).toTypedArray());
  expect(trained()).not.toEqual(trained());
  net.eval();
  expect(trained()).toEqual(trained());
});

test("DoRA in training: what dropout leaves of x is all that the base's part is stretched of", () => {
  class One extends Module {
    readonly layer = new Linear(6, 4);
  }
  using one = new One().initialize(new Rng(1));
  using x = normal([5, 6], 2);
  const { layer } = one;
  const base = noGrad(() => layer.forward(x).toTypedArray());
  using lora = LoRA.attach(one, { rank: 2, dora: true, dropout: 0.5, rng: new Rng(3) });
  const magnitude = lora.namedParameters().get("layer.lora_magnitude_vector");
  magnitude?.data.forEach((length, i) => magnitude.data.set([2 * length], i)); // m = 2 ‖W‖, and B·A is nothing yet
  one.train();
  const y = noGrad(() => layer.forward(x).toTypedArray());
  // y = W·x + b + (2 − 1) · W·dropped: what is added is a sum of some of W's products with x, doubled.
  for (const [at, value] of y.entries()) {
    const [row, column] = [Math.floor(at / 4), at % 4];
    const products = Array.from({ length: 6 }, (_, i) => 2 * (x.data[row * 6 + i] ?? 0) * (layer.weight.data[column * 6 + i] ?? 0));
    const sums = Array.from({ length: 64 }, (_, mask) => products.reduce((sum, product, i) => sum + (mask & (1 << i) ? product : 0), 0));
    expect(Math.min(...sums.map((sum) => Math.abs((base[at] ?? 0) + sum - value)))).toBeLessThan(1e-5);
  }
});

test("what PEFT writes of the base model beside an adapted embedding is passed over, and told", async () => {
  using net = new Net().initialize(new Rng(1));
  const entries = await readEntries(await openCheckpoint(join(folder, "lora/adapter_model.safetensors")));
  const own = "base_model.model.words.base_layer.weight";
  const weights = [...entries, [own, { shape: [9, 5], values: new Float32Array(45) }] as const];
  const files = new Map([
    ["adapter_config.json", new Uint8Array(await readFile(join(folder, "lora/adapter_config.json")))],
    [
      "adapter_model.safetensors",
      new Uint8Array(
        await encodeSafetensors(new Map(weights.map(([key, { shape, values }]) => [key, { shape, view: () => values }]))).arrayBuffer(),
      ),
    ],
  ]);
  using lora = await LoRA.fromPretrained(net, files);
  expect(lora.notes).toEqual([`adapter_model.safetensors: "${own}" is the base model's own and was passed over`]);
});
