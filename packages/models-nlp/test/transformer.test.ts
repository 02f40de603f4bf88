import { readFileSync } from "node:fs";
import {
  backward,
  concat,
  crossEntropy,
  intTensor,
  matmul,
  noGrad,
  paddingMask,
  scope,
  SelfAttention,
  slice,
  tensor,
  type Tensor,
  Trace,
} from "@x/layers";
import { expectClose, inFolder, keysOf } from "@x/testing";
import { expect, test } from "vitest";
import {
  EncoderDecoder,
  encoderDecoderLayout,
  shiftRight,
  SinusoidalPositions,
  Transformer,
  type TransformerConfig,
  transformerPreset,
} from "../src/index.ts";
import { goldenFolder, readGolden } from "./golden.ts";

const tiny: Partial<TransformerConfig> = {
  vocabSize: 11,
  dModel: 12,
  encoderLayers: 1,
  decoderLayers: 1,
  encoderAttentionHeads: 2,
  decoderAttentionHeads: 3,
  encoderFfnDim: 20,
  decoderFfnDim: 16,
  dropout: 0,
};
test.each(["transformer", "transformer_pre_norm"])("%s: targets padded on the left have PyTorch's logits", async (name) => {
  using model = await Transformer.fromPretrained(goldenFolder(name));
  const golden = await readGolden(name);
  noGrad(() => {
    const text = { inputIds: golden.ids("input_ids"), attentionMask: golden.ids("attention_mask") };
    const targets = { inputIds: shiftRight(golden.ids("labels"), model.config), attentionMask: golden.ids("left_mask") };
    const [padded, expected] = [model.forward(text, targets).toTypedArray(), golden.values("left_logits")];
    const open = (place: number): boolean => targets.attentionMask.data[place] === 1;
    const vocabulary = padded.length / targets.attentionMask.size;
    const seen = (values: ArrayLike<number>): number[] => Array.from(values).filter((_, i) => open(Math.floor(i / vocabulary)));
    expectClose(seen(padded), seen(expected), "logits");
  });
});

test("torch.nn.Transformer's own weights, as PyTorch runs them", async () => {
  using model = await EncoderDecoder.fromPretrained(goldenFolder("torch_transformer_fixture"));
  const io = JSON.parse(readFileSync(`${goldenFolder("torch_transformer_fixture")}/io.json`, "utf8")) as Record<
    string,
    { shape: number[]; data: number[] }
  >;
  const read = (key: string): Tensor => tensor(io[key]?.data ?? [], io[key]?.shape);
  noGrad(() => {
    const padded = io["src_pad"] as { shape: number[]; data: number[] };
    const kept = padded.data.map((isPadding) => 1 - isPadding);
    const mask = paddingMask(intTensor(kept, padded.shape));
    const memory = model.encoder.forward(read("src"), { mask });
    const shown = Array.from(memory.data, (value, i) => value * (kept[Math.floor(i / 16)] ?? 0)); // PyTorch's fast path leaves zeros at the padding
    expectClose(shown, io["memory"]?.data ?? [], "memory", 5e-6);
    const output = model.decoder.forward(read("tgt"), model.decoder.remember(memory), { memoryMask: mask });
    expectClose(output.data, io["out"]?.data ?? [], "output", 5e-6);
  });
});

test("nothing recurs: all places of the targets are computed at once, in any number of layers", async () => {
  using model = await Transformer.fromConfig(tiny);
  expect([...model.namedParameters().keys()].filter((path) => path.startsWith("decoder.blocks.0"))).toEqual([
    "decoder.blocks.0.selfAttention.qkv.weight",
    "decoder.blocks.0.selfAttention.qkv.bias",
    "decoder.blocks.0.selfAttention.proj.weight",
    "decoder.blocks.0.selfAttention.proj.bias",
    "decoder.blocks.0.norm1.weight",
    "decoder.blocks.0.norm1.bias",
    "decoder.blocks.0.crossAttention.query.weight",
    "decoder.blocks.0.crossAttention.query.bias",
    "decoder.blocks.0.crossAttention.keyValue.weight",
    "decoder.blocks.0.crossAttention.keyValue.bias",
    "decoder.blocks.0.crossAttention.proj.weight",
    "decoder.blocks.0.crossAttention.proj.bias",
    "decoder.blocks.0.norm2.weight",
    "decoder.blocks.0.norm2.bias",
    "decoder.blocks.0.mlp.fc1.weight",
    "decoder.blocks.0.mlp.fc1.bias",
    "decoder.blocks.0.mlp.fc2.weight",
    "decoder.blocks.0.mlp.fc2.bias",
    "decoder.blocks.0.norm3.weight",
    "decoder.blocks.0.norm3.bias",
  ]);
});

test("a name that is no preset is refused", () => {
  expect(() => transformerPreset("huge")).toThrow('transformerPreset: expected one of base, big, but found "huge"');
});

test("any number of heads that divides the width, which comes out as it went in; others are refused", async () => {
  for (const heads of [1, 2, 3, 4, 6, 12]) {
    using model = await Transformer.fromConfig({ ...tiny, encoderAttentionHeads: heads, decoderAttentionHeads: heads });
    noGrad(() => expect(model.encode({ inputIds: intTensor([[1, 2, 3]]) }).shape).toEqual([1, 3, 12]));
  }
  await expect(Transformer.fromConfig({ ...tiny, encoderAttentionHeads: 5 })).rejects.toThrow(
    "numHeads must divide hiddenSize, but 5 does not divide 12",
  );
  expect(() => new SelfAttention({ hiddenSize: 12, numHeads: 0 })).toThrow("numHeads");
});

test.each([false, true])("a token changes no output before it, pre-norm %s", async (normalizeBefore) => {
  using model = await Transformer.fromConfig({ ...tiny, decoderLayers: 2, normalizeBefore, addFinalLayerNorm: normalizeBefore });
  noGrad(() => {
    const text = { inputIds: intTensor([[3, 4, 5, 6]]) };
    const targets = [1, 2, 3, 4, 5, 6];
    const before = model.forward(text, { inputIds: intTensor([targets]) }).toTypedArray();
    for (const changed of targets.keys()) {
      const after = model.forward(text, { inputIds: intTensor([targets.with(changed, 9)]) }).toTypedArray();
      const differs = targets.map((_, place) =>
        before.subarray(11 * place, 11 * (place + 1)).some((value, i) => value !== after[11 * place + i]),
      );
      expect(differs).toEqual(targets.map((_, place) => place >= changed));
    }
  });
});

test("the gradient of an output reaches no later target", async () => {
  using model = await Transformer.fromConfig(tiny);
  scope(() => {
    const targets = tensor(
      Array.from({ length: 5 * 12 }, (_, i) => Math.sin(i)),
      [1, 5, 12],
    );
    targets.requiresGrad = true;
    const memory = model.decoder.remember(model.encode({ inputIds: intTensor([[3, 4]]) }));
    const third = slice(model.decoder.forward(targets, memory), 1, 2, 3);
    backward(crossEntropy(model.project(third), intTensor([[7]])));
    const reached = Array.from({ length: 5 }, (_, place) =>
      targets.grad
        ?.toTypedArray()
        .subarray(12 * place, 12 * (place + 1))
        .some((slope) => slope !== 0),
    );
    expect(reached).toEqual([true, true, true, false, false]);
    model.zeroGrad();
  });
});

test("cross-attention reads the encoder's output: what isn't padded changes every output, what is padded none", async () => {
  using model = await Transformer.fromConfig(tiny);
  noGrad(() => {
    const attentionMask = intTensor([[1, 1, 1, 0]]);
    const targets = { inputIds: intTensor([[1, 2, 3]]) };
    const run = (ids: number[]): Float32Array => model.forward({ inputIds: intTensor([ids]), attentionMask }, targets).toTypedArray();
    const before = run([3, 4, 5, 6]);
    expect([...run([3, 4, 5, 9])]).toEqual([...before]);
    const after = run([3, 9, 5, 6]);
    for (const place of [0, 1, 2])
      expect(after.subarray(11 * place, 11 * (place + 1))).not.toEqual(before.subarray(11 * place, 11 * (place + 1)));
    const trace = new Trace();
    model.forward({ inputIds: intTensor([[3, 4, 5, 6]]), attentionMask }, targets, { trace });
    expect(trace.attentions.map(({ shape }) => shape)).toEqual([
      [1, 2, 4, 4], // encoder
      [1, 3, 3, 3], // decoder, self
      [1, 3, 3, 4], // decoder, memory
    ]);
    const looked = trace.attentions[2]?.toTypedArray() ?? [];
    expect([3, 7, 11].map((padding) => looked[padding])).toEqual([0, 0, 0]);
  });
});

test.each(["interleaved", "halves"] as const)("positions are sines and cosines, %s, to any length", (order) => {
  for (const width of [8, 7]) {
    scope(() => {
      const positions = new SinusoidalPositions(width, order);
      const table = concat([positions.at(0, 3), positions.at(3, 40)], 0).toTypedArray();
      const sines = Math.ceil(width / 2);
      for (const [p, i] of [
        [0, 0],
        [1, 0],
        [5, 1],
        [42, 2],
      ] as const) {
        const [sine, cosine] = order === "interleaved" ? [2 * i, 2 * i + 1] : [i, sines + i];
        expect(table[p * width + sine]).toBeCloseTo(Math.sin(p / 10000 ** ((2 * i) / width)), 6);
        expect(table[p * width + cosine]).toBeCloseTo(Math.cos(p / 10000 ** ((2 * i) / width)), 6);
      }
    });
  }
});

test("PE(p + k) is one linear function of PE(p) for all p", () => {
  scope(() => {
    const [width, shift] = [16, 7];
    const positions = new SinusoidalPositions(width, "interleaved");
    const turn = new Float32Array(width * width); // of each pair (sin, cos) by k times its frequency
    for (let i = 0; i < width; i += 2) {
      const angle = shift / 10000 ** (i / width);
      turn.set([Math.cos(angle), -Math.sin(angle)], i * width + i);
      turn.set([Math.sin(angle), Math.cos(angle)], (i + 1) * width + i);
    }
    expectClose(matmul(positions.at(0, 50), tensor(turn, [width, width])).toTypedArray(), positions.at(shift, 50).toTypedArray());
  });
});

test("a bare torch.nn.Transformer there and back", async () => {
  using model = await EncoderDecoder.fromConfig({ ...tiny, encoderAttentionHeads: 3, normalizeBefore: true, addFinalLayerNorm: true });
  await inFolder(async (folder) => {
    await model.savePretrained(folder);
    expect(await keysOf(folder)).toContain("decoder.layers.0.multihead_attn.in_proj_weight");
    using again = await EncoderDecoder.fromPretrained(folder);
    expect(again.config.normalizeBefore).toBe(true);
    expect(encoderDecoderLayout.name).toBe("torch.nn.Transformer");
    for (const [path, parameter] of model.namedParameters())
      expect(again.namedParameters().get(path)?.toTypedArray(), path).toEqual(parameter.toTypedArray());
  });
});

test("other models' files are refused by name", async () => {
  await expect(Transformer.fromPretrained(goldenFolder("marian"))).rejects.toThrow(
    /not a Transformer.*expected model_type transformer.*marian/su,
  );
});

test("labels move one place to the right, −100 becomes padding", () => {
  scope(() => {
    const labels = intTensor([
      [5, 6, -100],
      [7, -100, -100],
    ]);
    expect(shiftRight(labels, { decoderStartTokenId: 1, padTokenId: 0 }).toArray()).toEqual([
      [1, 5, 6],
      [1, 7, 0],
    ]);
  });
});
