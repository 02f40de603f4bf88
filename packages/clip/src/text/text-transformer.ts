/**
 * CLIP's text encoder: a Transformer with GPT-2's changes (pre-norm, causal mask), whose feature is the last layer's at [EOS], normed and
 * projected; open_clip has it without the mask, and with other tokens' features. Radford et al. 2021, §2.4.
 */
import { fillNormal, Linear, type Rng } from "@x/layers";
import { type CLIPTextConfig, textPoolingOf } from "../config.ts";
import { initializeBlocks } from "../transformer.ts";
import { TextTower } from "./text-tower.ts";

export class TextTransformer extends TextTower<CLIPTextConfig> {
  constructor(config: CLIPTextConfig, projectionDim: number, rng: Rng) {
    const proj = new Linear(config.hiddenSize, projectionDim, { bias: false });
    super(config, { proj, causal: config.causal, pooling: textPoolingOf(config), eosTokenId: config.eosTokenId }, rng);
  }

  /** As OpenAI's code: tokens from N(0, 0.02²), positions from N(0, 0.01²), the projection from N(0, 1/D). */
  override initialize(rng: Rng): this {
    super.initialize(rng);
    const { hiddenSize } = this.config;
    fillNormal(this.posEmbed, rng, 0.01);
    fillNormal(this.proj.weight, rng, hiddenSize ** -0.5);
    initializeBlocks(this.blocks, hiddenSize, rng);
    return this;
  }
}
