import { BatchNorm2d, Conv2d, fillZeros, Module, type Rng, type Tensor } from "@x/layers";
import { blockScope, convNorm } from "@x/layers/model";
import { antiAliasedStride } from "./anti-aliased-stride.ts";

/** Channels that a block gives out for each of its inner ones. He et al. 2016, §4.1. */
export const EXPANSION = 4;

/** A residual block of 1 × 1, 3 × 3 and 1 × 1 convolutions. He et al. 2016, figure 5 right. */
export class Bottleneck extends Module {
  readonly conv1: Conv2d;
  readonly bn1: BatchNorm2d;
  readonly conv2: Conv2d;
  readonly bn2: BatchNorm2d;
  readonly conv3: Conv2d;
  readonly bn3: BatchNorm2d;
  /** What stands in for the identity where size or channels change. */
  readonly shortcut: Shortcut | undefined;
  readonly stride: number;

  constructor(inChannels: number, channels: number, stride: number) {
    super();
    this.conv1 = new Conv2d(inChannels, channels, 1, { bias: false });
    this.bn1 = new BatchNorm2d(channels);
    this.conv2 = new Conv2d(channels, channels, 3, { padding: 1, bias: false });
    this.bn2 = new BatchNorm2d(channels);
    this.conv3 = new Conv2d(channels, EXPANSION * channels, 1, { bias: false });
    this.bn3 = new BatchNorm2d(EXPANSION * channels);
    const changes = stride > 1 || inChannels !== EXPANSION * channels;
    this.shortcut = changes ? new Shortcut(inChannels, EXPANSION * channels, stride) : undefined;
    this.stride = stride;
  }

  /** x (B, inChannels, H, W) → (B, 4 · channels, H / stride, W / stride) */
  forward(x: Tensor): Tensor {
    return blockScope(() => {
      const narrow = convNorm(x, this.conv1, this.bn1, { activation: "relu" });
      const seen = convNorm(narrow, this.conv2, this.bn2, { activation: "relu" });
      const residual = this.shortcut?.forward(x) ?? x;
      return convNorm(antiAliasedStride(seen, this.stride), this.conv3, this.bn3, { residual, activation: "relu" });
    });
  }

  /** The last norm's weight is 0, so that a fresh block is its shortcut. Goyal et al. 2017, §5.1. */
  override initialize(rng: Rng): this {
    super.initialize(rng);
    fillZeros(this.bn3.weight);
    return this;
  }
}

class Shortcut extends Module {
  readonly conv: Conv2d;
  readonly norm: BatchNorm2d;
  readonly stride: number;

  constructor(inChannels: number, outChannels: number, stride: number) {
    super();
    this.conv = new Conv2d(inChannels, outChannels, 1, { bias: false });
    this.norm = new BatchNorm2d(outChannels);
    this.stride = stride;
  }

  forward(x: Tensor): Tensor {
    return convNorm(antiAliasedStride(x, this.stride), this.conv, this.norm);
  }
}
