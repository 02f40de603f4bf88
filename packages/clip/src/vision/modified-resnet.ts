/**
 * CLIP's ResNet: He et al. 2016 with three convolutions as stem (ResNet-D, He et al. 2019), anti-aliased strides (Zhang 2019), and attention in place
 * of global average pooling. Radford et al. 2021, §2.4.
 */
import { averagePool2d, BatchNorm2d, Conv2d, Module, type Tensor } from "@x/layers";
import { blockScope, checkImages, convNorm } from "@x/layers/model";
import type { CLIPResNetConfig } from "../config.ts";
import { AttentionPool } from "./attention-pool.ts";
import { Bottleneck, EXPANSION } from "./bottleneck.ts";

/** Channels of one attention head in the pooling layer. */
const HEAD_SIZE = 64;

export class ModifiedResNet extends Module {
  readonly config: CLIPResNetConfig;
  readonly conv1: Conv2d;
  readonly bn1: BatchNorm2d;
  readonly conv2: Conv2d;
  readonly bn2: BatchNorm2d;
  readonly conv3: Conv2d;
  readonly bn3: BatchNorm2d;
  readonly stages: Stage[];
  readonly attnPool: AttentionPool;

  constructor(config: CLIPResNetConfig, projectionDim: number) {
    super();
    const { width, numChannels, imageSize, layers } = (this.config = config);
    this.conv1 = new Conv2d(numChannels, width / 2, 3, { stride: 2, padding: 1, bias: false });
    this.bn1 = new BatchNorm2d(width / 2);
    this.conv2 = new Conv2d(width / 2, width / 2, 3, { padding: 1, bias: false });
    this.bn2 = new BatchNorm2d(width / 2);
    this.conv3 = new Conv2d(width / 2, width, 3, { padding: 1, bias: false });
    this.bn3 = new BatchNorm2d(width);
    const channelsOf = (stage: number): number => width * 2 ** stage;
    this.stages = layers.map((depth, i) =>
      i === 0 ? new Stage(depth, width, width, 1) : new Stage(depth, EXPANSION * channelsOf(i - 1), channelsOf(i), 2),
    );
    const channels = EXPANSION * channelsOf(layers.length - 1);
    const side = Math.floor(imageSize / 2 ** (layers.length + 1));
    this.attnPool = new AttentionPool(side, channels, Math.max(1, channels / HEAD_SIZE), projectionDim);
  }

  /** images (B, C, H, W) → feature maps of the stages, the last (B, 32 · width, H / 32, W / 32). */
  encode(images: Tensor): Tensor[] {
    let x = this.stem(images); //                                    (B, width, H / 4, W / 4)
    return this.stages.map((stage) => (x = stage.forward(x)));
  }

  /** images (B, C, H, W) → (B, width, H / 4, W / 4) */
  stem(images: Tensor): Tensor {
    checkImages("ModifiedResNet", images, this.config.numChannels);
    return blockScope(() => {
      let x = convNorm(images, this.conv1, this.bn1, { activation: "relu" }); // (B, width / 2, H / 2, W / 2)
      x = convNorm(x, this.conv2, this.bn2, { activation: "relu" });
      x = convNorm(x, this.conv3, this.bn3, { activation: "relu" }); //          (B, width, H / 2, W / 2)
      return averagePool2d(x, 2);
    });
  }

  /** images (B, C, H, W) → features (B, projectionDim), not yet of length 1. */
  forward(images: Tensor): Tensor {
    return blockScope(() => {
      let x = this.stem(images);
      for (const stage of this.stages) x = stage.forward(x);
      return this.attnPool.forward(x);
    });
  }
}

/** Blocks of one resolution; the first halves it, but for stage 1. */
class Stage extends Module {
  readonly blocks: Bottleneck[];

  constructor(depth: number, inChannels: number, channels: number, stride: number) {
    super();
    this.blocks = Array.from({ length: depth }, (_, i) =>
      i === 0 ? new Bottleneck(inChannels, channels, stride) : new Bottleneck(EXPANSION * channels, channels, 1),
    );
  }

  forward(images: Tensor): Tensor {
    let x = images;
    for (const block of this.blocks) x = block.forward(x);
    return x;
  }
}
