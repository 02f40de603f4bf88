/** CLIP's and SigLIP's towers, and search by text among embeddings. */
import {
  CLIP,
  clipPreset,
  ModifiedResNet,
  type PartialCLIPConfig,
  type PartialSigLIPConfig,
  SigLIP,
  sigLIPPreset,
  TextTransformer,
  VisionTransformer,
} from "@x/clip";
import { fillNormal, intTensor, noGrad, normalize, Rng, scope, tensor } from "@x/layers";
import { EmbeddingIndex } from "@x/search";
import type { Case, Suite, Task } from "../case.ts";
import { clipResNetModel, clipTextModel, clipVisionModel } from "../onnx/clip.ts";
import { sigLIPTextModel, sigLIPVisionModel } from "../onnx/siglip.ts";
import { normal } from "../random.ts";
import { Weights } from "../weights.ts";

export const clipSuite: Suite = ({ quick }) => {
  const small: PartialCLIPConfig = { visionConfig: { imageSize: 64, numHiddenLayers: 2 }, textConfig: { numHiddenLayers: 2 } };
  const viT = quick ? small : clipPreset("ViT-B/32");
  const resNet: PartialCLIPConfig = quick ? { visionConfig: { modelType: "clip_resnet", imageSize: 64, width: 16 } } : clipPreset("RN50");
  const sigLIP = quick ? smallSigLIP : sigLIPPreset("SigLIP-B/16");
  const of = quick ? "small CLIP" : "CLIP";
  return [
    imageTower(`${of} ViT-B/32 image tower`, clip(viT)),
    mapTower(`${of} RN50 image tower, to the pooling`, resNet),
    textTower(`${of} text tower, 16 tokens`, clip(viT)),
    imageTower(quick ? "small SigLIP image tower" : "SigLIP-B/16 image tower", sigLIPOf(sigLIP)),
    textTower(quick ? "small SigLIP text tower" : "SigLIP-B/16 text tower, 64 tokens", sigLIPOf(sigLIP)),
    search(quick ? 100 : 10_000),
  ];
};

/** Widths as they are, few layers. */
const smallSigLIP: PartialSigLIPConfig = {
  visionConfig: { imageSize: 64, numHiddenLayers: 2 },
  textConfig: { numHiddenLayers: 2, maxPositionEmbeddings: 8, vocabSize: 2000 },
};

/** A model of two towers, and what the others are told of each. */
interface Towers<Model extends CLIP | SigLIP> extends Pick<Case, "thorough"> {
  make(): Promise<Model>;
  image(model: Model, weights: Weights): Uint8Array<ArrayBuffer>;
  text(model: Model, weights: Weights, length: number): Uint8Array<ArrayBuffer>;
  ids(model: Model): Int32Array;
  readonly transformersJs: Readonly<Record<"image" | "text", NonNullable<Task["transformersJs"]>>>;
}

const clip = (config: PartialCLIPConfig): Towers<CLIP> => ({
  make: () => CLIP.fromConfig(config),
  image({ visual, config: { projectionDim } }, weights) {
    if (!(visual instanceof VisionTransformer)) throw new Error("not a ViT");
    return clipVisionModel(visual.config, weights, projectionDim);
  },
  text({ text, config: { projectionDim } }, weights, length) {
    if (!(text instanceof TextTransformer)) throw new Error("not a Transformer");
    return clipTextModel(text.config, weights, length, projectionDim);
  },
  ids({ config: { textConfig } }) {
    if (textConfig.modelType !== "clip_text_model") throw new Error("not a Transformer");
    return Int32Array.from({ length: 16 }, (_, i) => (i === 15 ? textConfig.eosTokenId : 1000 + 100 * i));
  },
  transformersJs: {
    image: { config: { model_type: "clip" }, model: "CLIPVisionModelWithProjection" },
    text: { config: { model_type: "clip" }, model: "CLIPTextModelWithProjection" },
  },
});

const sigLIPOf = (config: PartialSigLIPConfig): Towers<SigLIP> => ({
  thorough: true,
  make: () => SigLIP.fromConfig(config),
  image: (model, weights) => sigLIPVisionModel(model.config.visionConfig, weights),
  text: ({ text }, weights, length) => sigLIPTextModel(text.config, weights, length),
  ids: ({ text, maxLength }) => Int32Array.from({ length: maxLength }, (_, i) => 5 + ((i * 7919) % (text.config.vocabSize - 5))),
  transformersJs: {
    image: { config: { model_type: "siglip" }, model: "SiglipVisionModel" },
    text: { config: { model_type: "siglip" }, model: "SiglipTextModel" },
  },
});

function imageTower<Model extends CLIP | SigLIP>(name: string, towers: Towers<Model>): Case {
  return {
    name,
    tolerance: 1e-4,
    thorough: towers.thorough === true,
    prepare: async () => {
      const model = await towers.make();
      const { visual } = model;
      const { imageSize: side } = model.config.visionConfig;
      const [weights, images, dims] = [new Weights(visual), normal(3 * side ** 2, 2), [1, 3, side, side] as const];
      return {
        ours: {
          name: "ours",
          run: () => noGrad(() => visual.forward(tensor(images, dims)).toTypedArray()),
          dispose: () => model.dispose(),
        },
        onnx: { inputs: { pixel_values: { dims, data: images } }, model: () => towers.image(model, weights) },
        transformersJs: towers.transformersJs.image,
      };
    },
  };
}

function textTower<Model extends CLIP | SigLIP>(name: string, towers: Towers<Model>): Case {
  return {
    name,
    tolerance: 1e-4,
    thorough: towers.thorough === true,
    prepare: async () => {
      const model = await towers.make();
      const { text } = model;
      const [weights, ids] = [new Weights(text), towers.ids(model)];
      const dims = [1, ids.length] as const;
      return {
        ours: { name: "ours", run: () => noGrad(() => text.forward(intTensor(ids, dims)).toTypedArray()), dispose: () => model.dispose() },
        onnx: {
          inputs: { input_ids: { dims, data: BigInt64Array.from(ids, BigInt) } },
          model: () => towers.text(model, weights, ids.length),
        },
        transformersJs: towers.transformersJs.text,
      };
    },
  };
}

function mapTower(name: string, config: PartialCLIPConfig): Case {
  return {
    name,
    tolerance: 1e-4,
    prepare: async () => {
      const model = await CLIP.fromConfig(config);
      const { visual } = model;
      if (!(visual instanceof ModifiedResNet)) throw new Error("not a ResNet");
      // Fresh blocks are their shortcuts: the last norm's weight is 0.
      for (const { blocks } of visual.stages) for (const { bn3 } of blocks) fillNormal(bn3.weight, new Rng(3), 0.3);
      const { imageSize: side } = visual.config;
      const [weights, images, dims] = [new Weights(visual), normal(3 * side ** 2, 2), [1, 3, side, side] as const];
      return {
        ours: {
          name: "ours",
          run: () => noGrad(() => visual.encode(tensor(images, dims)).at(-1)?.toTypedArray()),
          dispose: () => model.dispose(),
        },
        onnx: { inputs: { pixel_values: { dims, data: images } }, model: () => clipResNetModel(visual.config, weights) },
      };
    },
  };
}

function search(count: number): Case {
  const [width, topK] = [512, 10];
  return {
    name: `search for the ${topK} nearest of ${count} embeddings of ${width}`,
    flops: 2 * count * width,
    tolerance: 1e-5,
    prepare: () => {
      const index = new EmbeddingIndex();
      const [entries, query] = scope(() =>
        [count, 1].map((rows, seed) => normalize(tensor(normal(rows * width, seed), [rows, width])).toTypedArray()),
      );
      if (!entries || !query) throw new Error("unreachable");
      scope(() => index.add(tensor(entries, [count, width])));
      return {
        ours: {
          name: "ours",
          run: () => Float32Array.from(index.search(query, { topK }), ({ score }) => score),
          dispose: () => index.dispose(),
        },
        baselines: [{ name: "JavaScript loops", run: () => byLoops(entries, query, topK) }],
      };
    },
  };
}

/** Every dot product in a loop, then a sort. */
function byLoops(entries: Float32Array, query: Float32Array, topK: number): Float32Array {
  const scores = new Float32Array(entries.length / query.length);
  for (let row = 0; row < scores.length; row++) {
    let sum = 0;
    for (let i = 0; i < query.length; i++) sum += (entries[row * query.length + i] ?? 0) * (query[i] ?? 0);
    scores[row] = sum;
  }
  return scores.sort().reverse().slice(0, topK);
}
