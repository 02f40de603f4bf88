/**
 * Swin Transformer V2: "Swin Transformer V2: Scaling Up Capacity and Resolution", Liu et al. 2022. Swin with cosine attention, norms on what branches give,
 * and position biases from a small network, so that it grows in depth and carries over to larger images and windows.
 */
import { fillZeros, type Rng } from "@x/layers";
import { classesOf } from "@x/layers/model";
import { Swin } from "../swin/swin.ts";
import { type SwinV2Config, swinV2Config, swinV2Defaults } from "./config.ts";
import { CosineWindowAttention } from "./cosine-window-attention.ts";
import { swinV2Family } from "./family.ts";
import { swinV2Stage } from "./stage.ts";

export class SwinV2 extends Swin {
  static override readonly family: typeof swinV2Family = swinV2Family;
  declare readonly config: SwinV2Config;

  constructor(config: Partial<SwinV2Config>, rng: Rng) {
    const whole = swinV2Config({ ...config, ...classesOf(config, swinV2Defaults.numLabels) });
    super(whole, rng, (_, stage) => swinV2Stage(whole, stage, rng), swinV2Config);
  }

  /** As Swin; the blocks' norms are zeros, so that a fresh block is the identity. The authors' code. */
  override initialize(rng: Rng): this {
    super.initialize(rng);
    for (const { blocks } of this.stages) {
      for (const block of blocks) {
        for (const [path, parameter] of block.namedParameters()) if (/^norm\d\./.test(path)) fillZeros(parameter);
        for (const [, part] of block.namedModules()) if (part instanceof CosineWindowAttention) part.resetScale();
      }
    }
    return this;
  }
}
