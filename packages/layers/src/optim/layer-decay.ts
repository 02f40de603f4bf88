import { ArgumentError } from "../errors.ts";
import { checkOptions, fromZero, type RulesOf } from "../options.ts";
import type { Parameter } from "../tensor/parameter.ts";
import type { ParameterGroup } from "./optimizer.ts";

export interface LayerDecayOptions {
  /** Each layer learns by this factor slower than the one above it. Default 0.75, He et al.'s for ViT-L and ViT-H; 0.65 is theirs for ViT-B. */
  readonly layerDecay?: number | undefined;
  /** Of the matrices; biases, norms, tokens and positions don't decay. Default 0.05. */
  readonly weightDecay?: number | undefined;
}

const rules: RulesOf<LayerDecayOptions> = { layerDecay: fromZero, weightDecay: fromZero };

/**
 * A model's trainable parameters in groups for fine-tuning, the learning rate falling from the head down to what makes the tokens:
 * `new AdamW(layerDecayGroups(vit), …)`. Clark et al. 2020, "ELECTRA"; Bao et al. 2022, "BEiT"; He et al. 2022, appendix A.1, table 9.
 * @throws ArgumentError when the model hasn't one row of blocks, as Swin and models of two halves haven't
 */
export function layerDecayGroups(
  model: { namedParameters(): ReadonlyMap<string, Parameter> },
  options: LayerDecayOptions = {},
): ParameterGroup[] {
  checkOptions("layerDecayGroups", options, rules);
  const { layerDecay = 0.75, weightDecay = 0.05 } = options;
  const named = [...model.namedParameters()];
  const depths = depthsOf(named.map(([path]) => path));
  const top = Math.max(...depths);
  const decays = ([path, { shape }]: (typeof named)[number]) =>
    shape.length > 1 && !/(^|\.)(clsToken|distToken|registerTokens|posEmbed)$/.test(path);
  return Array.from({ length: top + 1 }, (_, depth) =>
    named.filter(([, { requiresGrad }], i) => requiresGrad && depths[i] === depth),
  ).flatMap((layer, depth) =>
    [layer.filter(decays), layer.filter((one) => !decays(one))].flatMap((group, i) => {
      const parameters = group.map(([, parameter]) => parameter);
      return group.length === 0
        ? []
        : [{ parameters, weightDecay: i === 0 ? weightDecay : 0, learningRateScale: layerDecay ** (top - depth) }];
    }),
  );
}

/** 0 for what stands before the blocks, i + 1 for block i, one more for what stands behind them. */
function depthsOf(paths: readonly string[]): number[] {
  const found = paths.map((path) => /^((?:\w+\.)*?)blocks\.(\d+)\./.exec(path));
  const rows = new Set(found.flatMap((match) => match?.[1] ?? []));
  if (rows.size !== 1) throw new ArgumentError("layerDecayGroups", "the model must have one row of blocks", `has ${rows.size}`);
  const first = found.findIndex((match) => match);
  const count = Math.max(...found.map((match) => Number(match?.[2] ?? -1))) + 1;
  return found.map((match, i) => (match ? Number(match[2]) + 1 : i < first ? 0 : count + 1));
}
