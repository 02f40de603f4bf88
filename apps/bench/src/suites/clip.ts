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
import type { Case, Suite } from "../case.ts";
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
    imageTower(`${of} ViT-B/32 image tower`, viT),
    mapTower(`${of} RN50 image tower, to the pooling`, resNet),
    textTower(`${of} text tower, 16 tokens`, viT),
    sigLIPImageTower(quick ? "small SigLIP image tower" : "SigLIP-B/16 image tower", sigLIP),
    sigLIPTextTower(quick ? "small SigLIP text tower" : "SigLIP-B/16 text tower, 64 tokens", sigLIP),
    search(quick ? 100 : 10_000),
  ];
};

/** Widths as they are, few layers. */
const smallSigLIP: PartialSigLIPConfig = {
  visionConfig: { imageSize: 64, numHiddenLayers: 2 },
  textConfig: { numHiddenLayers: 2, maxPositionEmbeddings: 8, vocabSize: 2000 },
};

function imageTower(name: string, config: PartialCLIPConfig): Case {
  return {
    name,
    tolerance: 1e-4,
    prepare: async () => {
      const clip = await CLIP.fromConfig(config);
      const { visual } = clip;
      if (!(visual instanceof VisionTransformer)) throw new Error("not a ViT");
      const { imageSize: side } = visual.config;
      const [weights, images, dims] = [new Weights(visual), normal(3 * side ** 2, 2), [1, 3, side, side] as const];
      return {
        ours: { name: "ours", run: () => noGrad(() => visual.forward(tensor(images, dims)).toTypedArray()), dispose: () => clip.dispose() },
        onnx: {
          inputs: { pixel_values: { dims, data: images } },
          model: () => clipVisionModel(visual.config, weights, clip.config.projectionDim),
        },
        transformersJs: { config: { model_type: "clip" }, model: "CLIPVisionModelWithProjection" },
      };
    },
  };
}

function mapTower(name: string, config: PartialCLIPConfig): Case {
  return {
    name,
    tolerance: 1e-4,
    prepare: async () => {
      const clip = await CLIP.fromConfig(config);
      const { visual } = clip;
      if (!(visual instanceof ModifiedResNet)) throw new Error("not a ResNet");
      // Fresh blocks are their shortcuts: the last norm's weight is 0.
      for (const { blocks } of visual.stages) for (const { bn3 } of blocks) fillNormal(bn3.weight, new Rng(3), 0.3);
      const { imageSize: side } = visual.config;
      const [weights, images, dims] = [new Weights(visual), normal(3 * side ** 2, 2), [1, 3, side, side] as const];
      return {
        ours: {
          name: "ours",
          run: () => noGrad(() => visual.encode(tensor(images, dims)).at(-1)?.toTypedArray()),
          dispose: () => clip.dispose(),
        },
        onnx: { inputs: { pixel_values: { dims, data: images } }, model: () => clipResNetModel(visual.config, weights) },
      };
    },
  };
}

function textTower(name: string, config: PartialCLIPConfig): Case {
  return {
    name,
    tolerance: 1e-4,
    prepare: async () => {
      const clip = await CLIP.fromConfig(config);
      const { text } = clip;
      if (!(text instanceof TextTransformer)) throw new Error("not a Transformer");
      const ids = Float32Array.from({ length: 16 }, (_, i) => (i === 15 ? text.config.eosTokenId : 1000 + 100 * i));
      const weights = new Weights(text);
      return {
        ours: {
          name: "ours",
          run: () => noGrad(() => text.forward(intTensor(Int32Array.from(ids), [1, 16])).toTypedArray()),
          dispose: () => clip.dispose(),
        },
        onnx: {
          inputs: { input_ids: { dims: [1, 16], data: ids } },
          model: () => clipTextModel(text.config, weights, 16, clip.config.projectionDim),
        },
        transformersJs: { config: { model_type: "clip" }, model: "CLIPTextModelWithProjection" },
      };
    },
  };
}

function sigLIPImageTower(name: string, config: PartialSigLIPConfig): Case {
  return {
    name,
    tolerance: 1e-4,
    thorough: true,
    prepare: async () => {
      const model = await SigLIP.fromConfig(config);
      const { visual } = model;
      const { visionConfig } = model.config;
      const { imageSize: side } = visionConfig;
      const [weights, images, dims] = [new Weights(visual), normal(3 * side ** 2, 2), [1, 3, side, side] as const];
      return {
        ours: {
          name: "ours",
          run: () => noGrad(() => visual.forward(tensor(images, dims)).toTypedArray()),
          dispose: () => model.dispose(),
        },
        onnx: { inputs: { pixel_values: { dims, data: images } }, model: () => sigLIPVisionModel(visionConfig, weights) },
        transformersJs: { config: { model_type: "siglip" }, model: "SiglipVisionModel" },
      };
    },
  };
}

function sigLIPTextTower(name: string, config: PartialSigLIPConfig): Case {
  return {
    name,
    tolerance: 1e-4,
    thorough: true,
    prepare: async () => {
      const model = await SigLIP.fromConfig(config);
      const { text, maxLength: length } = model;
      const weights = new Weights(text);
      const ids = Int32Array.from({ length }, (_, i) => 5 + ((i * 7919) % (text.config.vocabSize - 5)));
      const dims = [1, length] as const;
      return {
        ours: { name: "ours", run: () => noGrad(() => text.forward(intTensor(ids, dims)).toTypedArray()), dispose: () => model.dispose() },
        onnx: {
          inputs: { input_ids: { dims, data: BigInt64Array.from(ids, BigInt) } },
          model: () => sigLIPTextModel(text.config, weights, length),
        },
        transformersJs: { config: { model_type: "siglip" }, model: "SiglipTextModel" },
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
