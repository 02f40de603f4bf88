/** ViT in TensorFlow.js: the forms of each operation that are fastest on its WebAssembly backend. */
import type { Tensor, Tensor2D, Tensor3D } from "@tensorflow/tfjs";
import type { ViTConfig } from "@x/models-vision";
import type { TensorFlow } from "../case.ts";
import { sideOf } from "../side.ts";
import type { Weight, WeightSource } from "../weights.ts";
import { selfAttentionOf } from "./attention.ts";
import { layerNormOf } from "./layer-norm.ts";

type Layer<X> = (x: X) => X;

/** Uploads the weights. @returns images (B, C, H, W) → logits (B, numLabels) */
export function viTOf(tf: TensorFlow, config: ViTConfig, weights: WeightSource): (images: Float32Array, batch: number) => Tensor {
  const { hiddenSize, imageSize, patchSize, numChannels, numAttentionHeads, layerNormEps } = config;
  const upload = ({ dims, data }: Weight): Tensor => tf.tensor(data, [...dims]);
  const linear = (path: string): Layer<Tensor2D> => {
    const { dims, data } = weights.transposed(`${path}.weight`);
    const [inFeatures = 0, outFeatures = 0] = dims;
    const b = tf.tensor2d(data, [inFeatures, outFeatures]);
    const bias = upload(weights.get(`${path}.bias`));
    return (a) => tf.fused.matMul({ a, b, bias }).as2D(-1, outFeatures);
  };
  const norm = (path: string): Layer<Tensor2D> => {
    const [weight, bias] = [upload(weights.get(`${path}.weight`)), upload(weights.get(`${path}.bias`))];
    return (x) => layerNormOf(tf, x, weight, bias, layerNormEps).as2D(...x.shape);
  };
  const gelu: Layer<Tensor2D> = (x) => tf.tidy(() => x.mul(x.mul(Math.SQRT1_2).erf().add(1)).mul(0.5));

  const block = (path: string): Layer<Tensor3D> => {
    const [norm1, qkv, proj, norm2] = [
      norm(`${path}.norm1`),
      linear(`${path}.mixer.qkv`),
      linear(`${path}.mixer.proj`),
      norm(`${path}.norm2`),
    ];
    const [fc1, fc2] = [linear(`${path}.mlp.fc1`), linear(`${path}.mlp.fc2`)];
    return (x) => {
      const [batch, length] = x.shape;
      const rows = x.as2D(batch * length, hiddenSize);
      const packed = qkv(norm1(rows)).as3D(batch, length, 3 * hiddenSize);
      const mixed = rows.add<Tensor2D>(proj(selfAttentionOf(tf, packed, numAttentionHeads).as2D(batch * length, hiddenSize)));
      return mixed.add<Tensor2D>(fc2(gelu(fc1(norm2(mixed))))).as3D(batch, length, hiddenSize);
    };
  };

  const grid = sideOf(imageSize) / patchSize;
  const patchEmbed = linear("patchEmbed");
  const [cls, positions] = [upload(weights.get("clsToken")), upload(weights.get("posEmbed"))];
  const blocks = Array.from({ length: config.numHiddenLayers }, (_, i) => block(`blocks.${i}`));
  const [lastNorm, head] = [norm("norm"), linear("head")];
  return (images, batch) => {
    const tiles = tf.tensor(images, [batch, numChannels, grid, patchSize, grid, patchSize]).transpose([0, 2, 4, 1, 3, 5]);
    const patches = patchEmbed(tiles.as2D(batch * grid ** 2, numChannels * patchSize ** 2)).as3D(batch, grid ** 2, hiddenSize);
    let x: Tensor3D = tf
      .concat([cls.tile([batch, 1, 1]), patches], 1)
      .add(positions)
      .as3D(batch, grid ** 2 + 1, hiddenSize);
    for (const layer of blocks) x = tf.tidy(() => layer(x));
    return head(lastNorm(x.slice([0, 0], [-1, 1]).as2D(batch, hiddenSize)));
  };
}
