import { readFile } from "node:fs/promises";
import {
  init,
  intTensor,
  matmul,
  Module,
  noGrad,
  PostNormBlock,
  Rng,
  scope,
  SelfAttention,
  ShapeError,
  subtract,
  tensor,
  type Tensor,
  Trace,
} from "@x/layers";
import { expectClose, inFolder, normal } from "@x/testing";
import { expect, test } from "vitest";
import { attentionLayers } from "../src/fnet/attention-layers.ts";
import {
  FNet,
  type FNetConfig,
  FNetForMaskedLM,
  FNetForPreTraining,
  FNetForSequenceClassification,
  fNetPreset,
  FourierMixing,
  LinearMixing,
  Tokenizer,
} from "../src/index.ts";
import { goldenFolder } from "./golden.ts";

const tiny: Partial<FNetConfig> = {
  vocabSize: 40,
  hiddenSize: 12,
  numHiddenLayers: 4,
  intermediateSize: 20,
  maxPositionEmbeddings: 10,
  numAttentionHeads: 3,
};
const ids = (...rows: number[][]): Tensor<"int32"> => intTensor(rows);

test("the fixture of transformers 5.18", async () => {
  using model = await FNetForPreTraining.fromPretrained(goldenFolder("fnet_fixture"));
  const io = JSON.parse(await readFile(`${goldenFolder("fnet_fixture")}/io.json`, "utf8"));
  const read = (key: string): Tensor<"int32"> => intTensor(io[key].data.flat(3), io[key].shape);
  noGrad(() => {
    const text = { inputIds: read("input_ids"), tokenTypeIds: read("token_type_ids") };
    const { wordLogits, nextSentenceLogits } = model.forward(text);
    const tokens = model.encode(text);
    expectClose(wordLogits.toTypedArray(), io.prediction_logits.data.flat(3));
    expectClose(nextSentenceLogits.toTypedArray(), io.seq_relationship_logits.data.flat(3));
    expectClose(tokens.toTypedArray(), io.last_hidden_state.data.flat(3));
    expectClose(model.pool(tokens).toTypedArray(), io.pooler_output.data.flat(3));
  });
});

test("a name that is no preset is refused", () => {
  expect(() => fNetPreset("FNet-Huge")).toThrow(
    'fNetPreset: expected one of FNet-Base, FNet-Large, or "FNet-Hybrid-…", but found "FNet-Huge"',
  );
});

test("the encoder of a pre-trained model, with a new classifier to tune", async () => {
  using model = await FNetForSequenceClassification.fromPretrained(goldenFolder("fnet"), { labels: ["no", "yes", "perhaps"] });
  expect(model.config.id2label).toEqual({ 0: "no", 1: "yes", 2: "perhaps" });
  using encoder = await FNet.fromPretrained(goldenFolder("fnet"));
  noGrad(() => {
    const text = { inputIds: ids([4, 7, 9, 5]) };
    expect(model.encode(text).toTypedArray()).toEqual(encoder.encode(text).toTypedArray());
    expect(model.forward(text).shape).toEqual([1, 3]);
  });
  expect(model.classifier.weight.toTypedArray().some((value) => value !== 0)).toBe(true);
});

test("what isn't an FNet is refused", async () => {
  const files = new Map([["config.json", new TextEncoder().encode('{"model_type":"bert"}')]]);
  files.set("model.safetensors", new Uint8Array(await readFile(`${goldenFolder("fnet")}/model.safetensors`)));
  await expect(FNet.fromPretrained(files)).rejects.toThrow("this is not FNet");
});

test("no attention: tokens are mixed by layers that have no parameters", async () => {
  using model = await FNet.fromConfig(tiny);
  expect(model.blocks.every(({ mixer }) => mixer instanceof FourierMixing && mixer.numParameters === 0)).toBe(true);
  const parts = (module: Module): Module[] => [module, ...[...module.namedChildren()].flatMap(([, child]) => parts(child))];
  expect(parts(model).filter((part) => part instanceof SelfAttention)).toEqual([]);
});

/** The discrete Fourier transform along the rows (or columns) of a complex matrix, in float64, by its definition. */
function dft(
  [re, im]: readonly [Float64Array, Float64Array],
  rows: number,
  columns: number,
  along: "rows" | "columns",
): [Float64Array, Float64Array] {
  const length = along === "rows" ? columns : rows;
  const [outRe, outIm] = [new Float64Array(re.length), new Float64Array(re.length)];
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      for (let j = 0; j < length; j++) {
        const from = along === "rows" ? row * columns + j : j * columns + column;
        const angle = (-2 * Math.PI * ((j * (along === "rows" ? column : row)) % length)) / length;
        outRe[row * columns + column]! += re[from]! * Math.cos(angle) - im[from]! * Math.sin(angle);
        outIm[row * columns + column]! += re[from]! * Math.sin(angle) + im[from]! * Math.cos(angle);
      }
    }
  }
  return [outRe, outIm];
}

test("mixing is Re F_seq(F_hidden(x)), in either order, and what the matrices of the transform give", async () => {
  await init();
  noGrad(() => {
    const mixing = new FourierMixing();
    for (const [rows, columns] of [
      [8, 12],
      [11, 13],
      [37, 24],
      [128, 48],
    ] as const) {
      const x = normal([1, rows, columns], rows);
      const complex = [Float64Array.from(x.toTypedArray()), new Float64Array(x.size)] as const;
      const hiddenFirst = dft(dft(complex, rows, columns, "rows"), rows, columns, "columns")[0];
      const sequenceFirst = dft(dft(complex, rows, columns, "columns"), rows, columns, "rows")[0];
      const mixed = mixing.forward(x);
      expectClose(mixed.toTypedArray(), hiddenFirst, "values", 1e-6);
      expectClose(mixed.toTypedArray(), sequenceFirst, "values", 1e-6);
      const matrix = (n: number, f: (angle: number) => number): Tensor =>
        tensor(
          Float32Array.from({ length: n * n }, (_, i) => f((2 * Math.PI * ((Math.floor(i / n) * (i % n)) % n)) / n)),
          [n, n],
        );
      const product = (f: (angle: number) => number): Tensor => matmul(matmul(matrix(rows, f), x), matrix(columns, f));
      const byMatrices = subtract(product(Math.cos), product(Math.sin));
      expectClose(mixed.toTypedArray(), byMatrices.toTypedArray(), "values", 2e-6);
    }
  });
});

test("the linear mixer is two matrices, of which the Fourier transform's real and imaginary parts are examples", async () => {
  await init();
  noGrad(() => {
    const [rows, columns] = [6, 5];
    const x = normal([2, rows, columns], 1);
    const mixed = (f: (angle: number) => number): Tensor => {
      const linear = new LinearMixing(rows, columns);
      for (const { data, shape } of [linear.sequence, linear.hidden.weight]) {
        const [n = 1] = shape;
        data.forEach((_, i) => (data[i] = f((2 * Math.PI * Math.floor(i / n) * (i % n)) / n)));
      }
      return linear.forward(x);
    };
    expectClose(subtract(mixed(Math.cos), mixed(Math.sin)).toTypedArray(), new FourierMixing().forward(x).toTypedArray());
    expect(() => new LinearMixing(7, columns).forward(x)).toThrow(new ShapeError("LinearMixing", "x must be (B, 7, D)", { x: [2, 6, 5] }));
  });
});

test("a few layers attend: at the top, the bottom, in the middle, or spread", async () => {
  const places = (numHiddenLayers: number, numAttentionLayers: number, attentionLayout: FNetConfig["attentionLayout"]): string =>
    attentionLayers({ numHiddenLayers, numAttentionLayers, attentionLayout })
      .flatMap((attends, i) => (attends ? [i] : []))
      .join();
  expect(places(12, 2, "top")).toBe("10,11");
  expect(places(12, 2, "bottom")).toBe("0,1");
  expect(places(12, 2, "middle")).toBe("5,6");
  expect(places(12, 3, "middle")).toBe("5,6,7");
  expect(places(12, 3, "mixed")).toBe("0,4,8");
  expect(places(12, 0, "mixed")).toBe("");
  expect(() => places(4, 5, "top")).toThrow("FNet: numAttentionLayers must be from 0 to numHiddenLayers, but is 5 of 4");

  using model = await FNet.fromConfig({ ...tiny, numAttentionLayers: 2, attentionLayout: "mixed" });
  expect(model.blocks.map(({ mixer }) => mixer.constructor)).toEqual([SelfAttention, FourierMixing, SelfAttention, FourierMixing]);
  noGrad(() => {
    const trace = new Trace();
    model.encode({ inputIds: ids([4, 7, 9, 5]), attentionMask: ids([1, 1, 0, 1]) }, { trace });
    expect(trace.attentions.map(({ shape }) => shape)).toEqual([
      [1, 3, 4, 4],
      [1, 3, 4, 4],
    ]);
    for (const { data } of trace.attentions) expect([...data].filter((_, i) => i % 4 === 2).every((value) => value === 0)).toBe(true);
  });
});

test("it takes attention's place in the same block, and nothing else changes", async () => {
  await init();
  scope(() => {
    const models = [1, 0].map((numAttentionLayers) => new FNet({ ...tiny, numHiddenLayers: 1, numAttentionLayers }, new Rng(1)));
    const [attending, mixing] = models.map(({ blocks }) => blocks[0]);
    expect([attending!.constructor, mixing!.constructor]).toEqual([PostNormBlock, PostNormBlock]);
    const others = (block: Module): string[] =>
      [...block.namedParameters()].filter(([path]) => !path.startsWith("mixer.")).map(([path, { shape }]) => `${path} ${shape.join()}`);
    expect(others(attending!)).toEqual(others(mixing!));
    for (const block of [attending!, mixing!]) {
      block.initialize(new Rng(2));
      expect(block.forward(normal([2, 5, 12], 3), {}).shape).toEqual([2, 5, 12]);
      block.dispose();
    }
  });
});

test("padding is mixed in: a text has other tokens when padded, unlike with attention and its mask", async () => {
  const [text, padded] = [
    { inputIds: ids([4, 7, 5]), attentionMask: ids([1, 1, 1]) },
    { inputIds: ids([4, 7, 5, 3, 3]), attentionMask: ids([1, 1, 1, 0, 0]) },
  ];
  const difference = async (numAttentionLayers: number): Promise<number> => {
    using model = await FNet.fromConfig({ ...tiny, numAttentionLayers });
    return noGrad(() => {
      const [short, long] = [model.encode(text).toTypedArray(), model.encode(padded).toTypedArray()];
      return Math.max(...short.map((value, i) => Math.abs(value - (long[i] ?? Number.NaN))));
    });
  };
  expect(await difference(0)).toBeGreaterThan(0.1);
  expect(await difference(4)).toBeLessThan(1e-6);
});

test("more tokens than positions, and ids that aren't a batch, are refused", async () => {
  using model = await FNet.fromConfig(tiny);
  noGrad(() => {
    expect(() => model.encode({ inputIds: intTensor(new Int32Array(11), [1, 11]) })).toThrow(
      "TextEmbeddings: inputIds must be (B, N) with N at most maxPositionEmbeddings, 10, but inputIds is (1, 11)",
    );
    expect(() => model.encode({ inputIds: intTensor([1, 2]) })).toThrow("inputIds must be (B, N)");
  });
});

test("fresh weights: norms 1 and 0, no biases, zeros for padding, the rest N(0, 0.02²)", async () => {
  using model = await FNetForMaskedLM.fromConfig({ ...tiny, vocabSize: 4000 });
  const { data } = model.embeddings.wordEmbeddings.weight;
  expect(data.subarray(36, 48)).toEqual(new Float32Array(12));
  expect(Math.sqrt(data.reduce((sum, value) => sum + value ** 2, 0) / data.length)).toBeCloseTo(0.02, 3);
  for (const [path, parameter] of model.namedParameters()) {
    if (parameter.shape.length === 1)
      expect([path, new Set(parameter.toTypedArray())]).toEqual([path, new Set([path.endsWith("weight") ? 1 : 0])]);
  }
});

test("dropout draws in training only", async () => {
  using model = await FNetForSequenceClassification.fromConfig(tiny, { rng: new Rng(3) });
  noGrad(() => {
    const run = (): string => [...model.forward({ inputIds: ids([4, 7, 9, 5]) }).toTypedArray()].join();
    expect(run()).toBe(run());
    model.train();
    expect(new Set(Array.from({ length: 4 }, run)).size).toBe(4);
  });
});

test("its tokenizer comes along and is saved with it, and tasks know that padding matters", () =>
  inFolder(async (folder) => {
    using model = await FNetForMaskedLM.fromPretrained(goldenFolder("fnet_masked_lm"));
    expect([model.padsMatter, model.tokenizer]).toEqual([true, undefined]);
    model.tokenizer = await Tokenizer.fromPretrained(
      new Map([["vocab.txt", new TextEncoder().encode("[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nwhale\nsea")]]),
    );
    await model.savePretrained(folder);
    using again = await FNetForMaskedLM.fromPretrained(folder);
    expect(again.tokenizer?.encode("whale sea").ids).toEqual([2, 5, 6, 3]);
  }));
