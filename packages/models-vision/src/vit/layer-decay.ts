import type { ParameterGroup } from "@x/layers";
import { checkModel, checkOptions, fromZero, type RulesOf } from "@x/layers/model";
import type { ViT } from "./vit.ts";

export interface LayerDecayOptions {
  /** Each layer learns by this factor slower than the one above it. Default 0.75, He et al.'s for ViT-L and ViT-H; 0.65 is theirs for ViT-B. */
  readonly layerDecay?: number | undefined;
  /** Of the matrices; biases, norms, tokens and positions don't decay. Default 0.05. */
  readonly weightDecay?: number | undefined;
}

const rules: RulesOf<LayerDecayOptions> = { layerDecay: fromZero, weightDecay: fromZero };

/**
 * A ViT's trainable parameters in groups for fine-tuning, the learning rate falling from the head down to the patches: `new AdamW(layerDecayGroups(vit), …)`.
 * Clark et al. 2020, "ELECTRA"; Bao et al. 2022, "BEiT"; He et al. 2022, appendix A.1, table 9.
 */
export function layerDecayGroups(model: ViT, options: LayerDecayOptions = {}): ParameterGroup[] {
  checkModel("layerDecayGroups", model, ["blocks", "namedParameters"], "ViT");
  checkOptions("layerDecayGroups", options, rules);
  const { layerDecay = 0.75, weightDecay = 0.05 } = options;
  const top = model.blocks.length + 1;
  const trainable = [...model.namedParameters()].filter(([, { requiresGrad }]) => requiresGrad);
  return Array.from({ length: top + 1 }, (_, depth) => trainable.filter(([path]) => depthOf(path, top) === depth)).flatMap(
    (layer, depth) => {
      const decays = ([path, { shape }]: (typeof layer)[number]) =>
        shape.length > 1 && !/^(clsToken|distToken|registerTokens|posEmbed)$/.test(path);
      const groups = [layer.filter(decays), layer.filter((named) => !decays(named))];
      return groups.flatMap((group, i) =>
        group.length === 0
          ? []
          : [
              {
                parameters: group.map(([, parameter]) => parameter),
                weightDecay: i === 0 ? weightDecay : 0,
                learningRateScale: layerDecay ** (top - depth),
              },
            ],
      );
    },
  );
}

/** 0 for what makes the tokens, i + 1 for block i, `top` for the norm and the head. */
function depthOf(path: string, top: number): number {
  const [, block] = /^blocks\.(\d+)\./.exec(path) ?? [];
  if (block !== undefined) return Number(block) + 1;
  return /^(clsToken|distToken|registerTokens|posEmbed|patchEmbed|normPre)\b/.test(path) ? 0 : top;
}
