import { init, liveBytes, quantize, type Tensor } from "@x/layers";
import { expectInt8Agrees, linearSize } from "@x/testing";
import { beforeAll, expect, test } from "vitest";
import { Bert, BertForPreTraining, FNetForPreTraining, Marian, shiftRight, type TextInput } from "../src/index.ts";
import { goldenFolder, inputsOf, readGolden } from "./golden.ts";

beforeAll(() => init());

test.each([
  ["tokens", "hidden.2", (bert: BertForPreTraining, text: TextInput): Tensor => bert.encode(text)],
  ["pooled texts", "pooler_output", (bert: BertForPreTraining, text: TextInput): Tensor => bert.pool(bert.encode(text))],
  ["words", "prediction_logits", (bert: BertForPreTraining, text: TextInput): Tensor => bert.forward(text).wordLogits],
] as const)("BERT in int8: %s point where PyTorch's do", async (_, key, run) => {
  const golden = await readGolden("bert");
  await expectInt8Agrees(
    (options) => BertForPreTraining.fromPretrained(goldenFolder("bert"), options),
    (bert) => run(bert, inputsOf(golden)),
    golden.values(key),
  );
});

test("FNet in int8: words point where PyTorch's do", async () => {
  const golden = await readGolden("fnet");
  await expectInt8Agrees(
    (options) => FNetForPreTraining.fromPretrained(goldenFolder("fnet"), options),
    (fNet) => fNet.forward(inputsOf(golden)).wordLogits,
    golden.values("prediction_logits"),
  );
});

test("Marian in int8: words point where PyTorch's do", async () => {
  const golden = await readGolden("marian");
  const text = () => ({ inputIds: golden.ids("input_ids"), attentionMask: golden.ids("attention_mask") });
  await expectInt8Agrees(
    (options) => Marian.fromPretrained(goldenFolder("marian"), options),
    (marian) => marian.forward(text(), { inputIds: shiftRight(golden.ids("labels"), marian.config) }),
    golden.values("logits"),
  );
});

test("a BERT 256 wide: its linear weights take between a quarter and 27 % of what they took", async () => {
  const before = liveBytes();
  const bert = await Bert.fromConfig({ hiddenSize: 256, numHiddenLayers: 1, numAttentionHeads: 4, intermediateSize: 1024 });
  const float32 = 4 * linearSize(bert);
  const others = liveBytes() - before - float32;
  quantize(bert);
  const share = (liveBytes() - before - others) / float32;
  expect(share).toBeGreaterThan(0.25);
  expect(share).toBeLessThan(0.27);
  bert.dispose();
  expect(liveBytes()).toBe(before);
});
