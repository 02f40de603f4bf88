/** SigLIP's text tower: CLIP's Transformer without the causal mask, whose feature is the last token's, padding or not. Zhai et al. 2023, §4. It was trained without a mask. */
import { fillNormal, Linear, type Rng } from "@x/layers";
import { TextTower } from "../text/text-tower.ts";
import type { SigLIPTextConfig } from "./config.ts";

export class SigLIPTextTower extends TextTower<SigLIPTextConfig> {
  constructor(config: SigLIPTextConfig, rng: Rng) {
    super(config, { proj: new Linear(config.hiddenSize, config.projectionSize), causal: false, pooling: "last" }, rng);
  }

  /** Xavier-uniform matrices; tokens and positions from N(0, 1/D). As the authors' code. */
  override initialize(rng: Rng): this {
    super.initialize(rng);
    for (const table of [this.tokenEmbed.weight, this.posEmbed]) fillNormal(table, rng, this.config.hiddenSize ** -0.5);
    return this;
  }
}
