import { readFile } from "node:fs/promises";
import { averagePool2d, backward, Conv2d, init, intTensor, liveBytes, noGrad, openCheckpoint, scope, type Tensor, Trace } from "@x/layers";
import { expectClose, inFolder, keysOf, normal, transposed } from "@x/testing";
import { expect, test } from "vitest";
import { CLIP, clipPreset, contrastiveLoss, ModifiedResNet, TextTransformer, VisionTransformer } from "../src/index.ts";
import { textPoolingOf } from "../src/config.ts";
import { placesOf } from "../src/text/text-pooling.ts";
import { goldenFolder, goldenInputs, readGolden } from "./golden.ts";
import { END, pairs, tiny, tinyResNet, tinyText } from "./tiny.ts";

function lossOf(model: CLIP, ...inputs: Parameters<CLIP["forward"]>): Tensor {
  const { imageEmbeddings, textEmbeddings } = model.forward(...inputs);
  return contrastiveLoss(imageEmbeddings, textEmbeddings, model.logitScale);
}

test.each(["hugging_face", "open_clip_vit", "open_clip_resnet", "torch_script"])(
  "%s: N × N logits of length-1 embeddings are PyTorch's",
  async (name) => {
    const golden = await readGolden(name);
    using model = await CLIP.fromPretrained(name === "torch_script" ? `${goldenFolder(name)}/ViT-tiny.pt` : goldenFolder(name));
    noGrad(() => {
      const { logits, imageEmbeddings, textEmbeddings } = model.forward(...goldenInputs(golden));
      expectClose(logits.toTypedArray(), golden.values("logits"), "logits");
      for (const { data, shape } of [imageEmbeddings, textEmbeddings]) {
        const [rows = 0, width = 0] = shape;
        for (let row = 0; row < rows; row++) expect(Math.hypot(...data.subarray(row * width, (row + 1) * width))).toBeCloseTo(1, 6);
      }
    });
  },
);

test("OpenAI's TorchScript file has PyTorch's features", async () => {
  const golden = await readGolden("torch_script");
  using model = await CLIP.fromPretrained(`${goldenFolder("torch_script")}/ViT-tiny.pt`);
  noGrad(() => {
    const [images, ids, mask] = goldenInputs(golden);
    expectClose(model.visual.forward(images).toTypedArray(), golden.values("image_features"), "image features");
    expectClose(model.text.forward(ids, mask).toTypedArray(), golden.values("text_features"), "text features");
  });
});

test("the loss is the mean of both directions' cross-entropies, computed by hand", async () => {
  await init();
  scope(() => {
    const cosines = [0.9, 0.1, 0.2, 0.3]; // image i, text j: with the unit vectors as images, the texts' coordinates
    const image = normal([2, 2], 1);
    image.data.set([1, 0, 0, 1]);
    const text = normal([2, 2], 1);
    text.data.set(transposed(cosines, 2));
    const scale = normal([], 1);
    scale.data[0] = Math.log(5);
    const row = (a: number, b: number): number => Math.log(Math.exp(5 * a) + Math.exp(5 * b)) - 5 * a;
    const byImage = (row(0.9, 0.1) + row(0.3, 0.2)) / 2;
    const byText = (row(0.9, 0.2) + row(0.3, 0.1)) / 2;
    expect(contrastiveLoss(image, text, scale).item()).toBeCloseTo((byImage + byText) / 2, 5);
    expect(() => contrastiveLoss(image, normal([3, 2], 1), scale)).toThrow(
      "contrastiveLoss: images and texts must be as many, (N, E) each, but images is (2, 2), texts is (3, 2)",
    );
  });
});

test("the temperature is learned: it starts at 1/0.07, has a gradient, and is clamped to 1…100", async () => {
  using model = await CLIP.fromConfig(tiny);
  expect(Math.exp(model.logitScale.item())).toBeCloseTo(1 / 0.07, 4);
  scope(() => {
    const { images, inputIds } = pairs(3, 1);
    backward(lossOf(model, images, inputIds));
    expect(model.logitScale.grad?.item()).not.toBe(0);
    const { logits, imageEmbeddings, textEmbeddings } = model.forward(images, inputIds);
    const cosine = imageEmbeddings
      .toTypedArray()
      .subarray(0, 8)
      .reduce((sum, value, i) => sum + value * (textEmbeddings.data[i] ?? 0), 0);
    expect(logits.data[0]).toBeCloseTo(cosine / 0.07, 4);
    model.zeroGrad();
  });
  for (const [from, to] of [
    [9, Math.log(100)],
    [-1, 0],
    [2, 2],
  ] as const) {
    model.logitScale.data[0] = from;
    model.clampLogitScale();
    expect(model.logitScale.item()).toBeCloseTo(to, 6);
  }
});

test("a stride is a mean over stride × stride pixels and a convolution at stride 1; the pool's one query is the mean", async () => {
  using model = await CLIP.fromConfig(tinyResNet);
  const { visual } = model;
  if (!(visual instanceof ModifiedResNet)) throw new Error("not a ResNet");
  const strides = visual.stages.flatMap(({ blocks }) =>
    blocks.map(({ conv1, conv2, conv3, stride }) => [stride, conv1.stride, conv2.stride, conv3.stride]),
  );
  expect(strides).toEqual([
    [1, 1, 1, 1],
    [2, 1, 1, 1],
    [1, 1, 1, 1],
    [2, 1, 1, 1],
    [2, 1, 1, 1],
  ]);
  expect([visual.conv1, visual.conv2, visual.conv3].map(({ weight, stride }) => [...weight.shape, stride])).toEqual([
    [2, 3, 3, 3, 2],
    [2, 2, 3, 3, 1],
    [4, 2, 3, 3, 1],
  ]);
  noGrad(() => {
    const images = normal([2, 3, 64, 64], 1);
    expect(visual.encode(images).map(({ shape }) => shape)).toEqual([
      [2, 16, 16, 16],
      [2, 32, 8, 8],
      [2, 64, 4, 4],
      [2, 128, 2, 2],
    ]);
    const maps = normal([2, 128, 2, 2], 2);
    expect(visual.attnPool.forward(maps).shape).toEqual([2, 8]);
    expect(averagePool2d(maps, 2).shape).toEqual([2, 128, 1, 1]);
    // Shifting by one pixel what a strided convolution drops altogether is seen by the mean.
    const conv = new Conv2d(1, 1, 1, { stride: 2, bias: false });
    conv.weight.data.fill(1);
    const point = normal([1, 1, 4, 4], 3);
    point.data.fill(0)[5] = 4;
    expect([...conv.forward(point).toTypedArray()]).toEqual([0, 0, 0, 0]);
    expect([...averagePool2d(point, 2).toTypedArray()]).toEqual([1, 0, 0, 0]);
    conv.dispose();
  });
});

test("in training the running statistics follow the batch as PyTorch's do; in evaluation they stay", async () => {
  const golden = await readGolden("open_clip_resnet");
  using model = await CLIP.fromPretrained(goldenFolder("open_clip_resnet"));
  const [images] = goldenInputs(golden);
  const before = [...model.visual.stateDict()].map(([, value]) => value.toTypedArray());
  noGrad(() => void model.visual.forward(images));
  expect([...model.visual.stateDict()].map(([, value]) => value.toTypedArray())).toEqual(before);
  model.train();
  noGrad(() => void model.visual.forward(images));
  const state = model.stateDict();
  expectClose(state.get("visual.bn1.runningMean")?.toTypedArray() ?? [], golden.values("running.visual.bn1.running_mean"));
  expectClose(state.get("visual.bn3.runningVar")?.toTypedArray() ?? [], golden.values("running.visual.bn3.running_var"));
  const deep = state.get("visual.stages.1.blocks.0.shortcut.norm.runningVar");
  expectClose(deep?.toTypedArray() ?? [], golden.values("running.visual.layer2.0.downsample.1.running_var"));
});

test("the ViT norms before its blocks and once more its class token; larger images get interpolated positions", async () => {
  using model = await CLIP.fromPretrained(goldenFolder("hugging_face"));
  const { visual } = model;
  if (!(visual instanceof VisionTransformer)) throw new Error("not a ViT");
  noGrad(() => {
    const trace = new Trace();
    const images = normal([2, 3, 16, 16], 1);
    expectClose(visual.forward(images, { trace }).toTypedArray(), visual.forward(images).toTypedArray(), "with and without attentions");
    expect(trace.attentions.map(({ shape }) => shape)).toEqual([
      [2, 3, 17, 17],
      [2, 3, 17, 17],
    ]);
    expectClose(trace.hiddenStates[0]?.toTypedArray() ?? [], visual.normPre?.forward(visual.embed(images)).toTypedArray() ?? []);
    expect(visual.encode(normal([1, 3, 24, 16], 1)).shape).toEqual([1, 1 + 6 * 4, 24]);
  });
  expect(visual.patchEmbed.bias).toBeUndefined();
});

test("the text encoder is causal, and its feature is the one at [EOS]", async () => {
  using model = await CLIP.fromConfig({ ...tiny, textConfig: tinyText });
  const { text } = model;
  if (!(text instanceof TextTransformer)) throw new Error("not a Transformer");
  noGrad(() => {
    const [short, long] = [intTensor([[1, 5, 6, END]]), intTensor([[1, 5, 6, END, 9, 9]])];
    expectClose(text.forward(long).toTypedArray(), text.forward(short).toTypedArray(), "what comes after [EOS] is not seen", 1e-6);
    const mask = intTensor([[1, 1, 1, 1, 0, 0]]);
    expectClose(text.forward(long, mask).toTypedArray(), text.forward(short).toTypedArray(), "a padding mask changes nothing", 1e-6);
    const changed = text.encode(intTensor([[1, 5, 7, END]])).toTypedArray();
    const tokens = text.encode(short).toTypedArray();
    expect(changed.subarray(0, 32)).toEqual(tokens.subarray(0, 32));
    expect(changed.subarray(32, 48)).not.toEqual(tokens.subarray(32, 48));
    expect(() => text.forward(intTensor([[1, 2, 3, 4, 5, 6, 7, 8, END]]))).toThrow(
      "TextTransformer: inputIds must be (B, N) with N at most 8, but inputIds is (1, 9)",
    );
  });
});

test("where a text ends: the first [EOS]; by the old rule (eosTokenId 2) the first of the greatest id", async () => {
  await init();
  scope(() => {
    const ids = intTensor([
      [1, 4, 29, 29],
      [29, 2, 5, 6],
    ]);
    const places = (eosTokenId: number, texts = ids): number[] => placesOf(texts, textPoolingOf({ eosTokenId }), eosTokenId);
    expect(places(29)).toEqual([2, 0]);
    expect(places(2)).toEqual([2, 0]);
    expect(places(2, intTensor([[1, 7, 2, 6]]))).toEqual([1]);
    expect(() => places(6)).toThrow("CLIP: text 0 has no end: none of its ids is eosTokenId, 6");
  });
});

test("saved, it has Hugging Face's config and image processor", async () => {
  using model = await CLIP.fromPretrained(goldenFolder("hugging_face"));
  await inFolder(async (folder) => {
    await model.savePretrained(folder);
    const config = JSON.parse(await readFile(`${folder}/config.json`, "utf8"));
    expect(config).toMatchObject({
      model_type: "clip",
      architectures: ["CLIPModel"],
      projection_dim: 8,
      text_config: { hidden_size: 16, eos_token_id: 59, hidden_act: "quick_gelu", projection_dim: 8 },
      vision_config: { patch_size: 4, num_hidden_layers: 2 },
    });
    const { image_processor_type } = JSON.parse(await readFile(`${folder}/preprocessor_config.json`, "utf8"));
    expect(image_processor_type).toBe("CLIPImageProcessor");
  });
});

test("open_clip's files become Hugging Face's; a ResNet keeps OpenAI's names and its running statistics", async () => {
  for (const name of ["open_clip_vit", "open_clip_resnet"] as const) {
    using model = await CLIP.fromPretrained(goldenFolder(name));
    await inFolder(async (folder) => {
      await model.savePretrained(folder);
      using again = await CLIP.fromPretrained(folder);
      expect(again.config).toEqual(model.config);
      expect(again.config.textConfig).toMatchObject({ hiddenAct: name === "open_clip_vit" ? "gelu" : "quick_gelu", numAttentionHeads: 2 });
      const golden = await readGolden(name);
      noGrad(() => expectClose(again.forward(...goldenInputs(golden)).logits.toTypedArray(), golden.values("logits")));
      if (name === "open_clip_resnet") expect(await keysOf(folder)).toEqual(await keysOf(`${goldenFolder(name)}/model.safetensors`));
    });
  }
});

test("older configs repeat the encoders under …_config_dict, and those count", async () => {
  const folder = goldenFolder("hugging_face");
  const json = JSON.parse(await readFile(`${folder}/config.json`, "utf8"));
  const { text_config, vision_config, ...rest } = json;
  const config = {
    ...rest,
    text_config: { ...text_config, num_hidden_layers: 7 },
    text_config_dict: text_config,
    vision_config: null,
    vision_config_dict: vision_config,
  };
  using model = await CLIP.fromPretrained(
    new Map([
      ["config.json", new TextEncoder().encode(JSON.stringify(config))],
      ["model.safetensors", await readFile(`${folder}/model.safetensors`)],
    ]),
  );
  expect(model.config.textConfig).toMatchObject({ numHiddenLayers: 2 });
  expect(model.processor.config).toMatchObject({ resample: "bicubic", cropSize: { height: 16, width: 16 }, cropRounding: "down" });
});

test("what isn't a CLIP is refused, and memory with it", async () => {
  await init();
  const before = liveBytes();
  const files = (config: object): Promise<Map<string, Uint8Array>> =>
    readFile(`${goldenFolder("hugging_face")}/model.safetensors`).then(
      (weights) =>
        new Map([
          ["config.json", new TextEncoder().encode(JSON.stringify(config))],
          ["model.safetensors", new Uint8Array(weights)],
        ]),
    );
  await expect(CLIP.fromPretrained(await files({ model_type: "bert" }))).rejects.toThrow(
    "this is not a CLIP (expected model_type clip, found bert)",
  );
  await expect(CLIP.fromPretrained(await files({}))).rejects.toThrow("this is not a CLIP (expected the entry text_projection)");
  await expect(CLIP.fromPretrained(await files({ model_type: "clip" }))).rejects.toThrow(/of another shape/);
  expect(liveBytes()).toBe(before);
  expect(() => clipPreset("ViT-XL/2")).toThrow(/clipPreset: expected one of RN50, RN101.*but found "ViT-XL\/2"/);
});

test("the golden checkpoints have the hub's names", async () => {
  const { entries } = await openCheckpoint(goldenFolder("hugging_face"));
  expect([...entries.keys()]).toContain("vision_model.pre_layrnorm.weight");
});
