import { type AttentionContext, fillNormal, fillZeros, type PreNormBlock, type Rng } from "@x/layers";
import { preNormBlock } from "@x/layers/model";
import type { CLIPTransformerConfig } from "./config.ts";

/** The blocks of either Transformer: ViT's. */
export function clipBlocks(config: CLIPTransformerConfig, rng: Rng): PreNormBlock<AttentionContext>[] {
  const shape = { ...config, attentionProbsDropoutProb: config.attentionDropout };
  return Array.from({ length: config.numHiddenLayers }, () => preNormBlock(shape, rng));
}

/** OpenAI's recipe: normal weights, narrower where a block writes into the residual, the more so the more blocks there are; zero biases. */
export function initializeBlocks(blocks: readonly PreNormBlock<AttentionContext>[], hiddenSize: number, rng: Rng): void {
  const written = hiddenSize ** -0.5 * (2 * blocks.length) ** -0.5;
  for (const block of blocks) {
    for (const [path, parameter] of block.namedParameters()) {
      if (path.startsWith("norm")) continue; // weight 1, bias 0 already
      if (path.endsWith("bias")) fillZeros(parameter);
      else if (path === "mixer.qkv.weight") fillNormal(parameter, rng, hiddenSize ** -0.5);
      else if (path === "mlp.fc1.weight") fillNormal(parameter, rng, (2 * hiddenSize) ** -0.5);
      else fillNormal(parameter, rng, written);
    }
  }
}
