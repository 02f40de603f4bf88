/** A Transformer encoder's block by its config, in any order of norms: Vaswani et al. 2017, §3.1. */
import { activationOf } from "../ops/elementwise/activate.ts";
import type { Rng } from "../random.ts";
import type { AttentionContext } from "./attention-context.ts";
import { type BlockOptions, BranchNormBlock, PostNormBlock, PreNormBlock, type TokenMixer } from "./blocks.ts";
import { DropPath } from "./drop-path.ts";
import { FeedForward } from "./feed-forward.ts";
import { GatedFeedForward } from "./gated-feed-forward.ts";
import { SelfAttention } from "./self-attention.ts";

/** A block's shape. Fields are Hugging Face's `config.json` keys in camelCase. */
export interface TransformerBlockConfig {
  /** Width D of a token. */
  readonly hiddenSize: number;
  readonly numAttentionHeads: number;
  /** Width of the feed-forward network inside. */
  readonly intermediateSize: number;
  readonly hiddenAct: string;
  readonly layerNormEps: number;
  /** Whether query, key and value have biases. Default true. */
  readonly qkvBias?: boolean | undefined;
  /** Dropout on the outputs of attention and MLP. Default 0. */
  readonly hiddenDropoutProb?: number | undefined;
  /** Dropout on the attention probabilities. Default 0. */
  readonly attentionProbsDropoutProb?: number | undefined;
  /** What LayerScale on both branches starts from; 0 for none. Default 0. */
  readonly layerscaleValue?: number | undefined;
  /** Whether the feed-forward network is gated by `silu` (SwiGLU) in place of `hiddenAct`. Default false. */
  readonly useSwigluFfn?: boolean | undefined;
}

/** LN → self-attention → +, LN → MLP → +: ViT, MAE, CLIP. @param dropPath stochastic depth on both branches @param rng what dropout draws from */
export const preNormBlock = (config: TransformerBlockConfig, rng: Rng, dropPath = 0): PreNormBlock<AttentionContext> =>
  new PreNormBlock(attentionAndMLP(config, rng, dropPath));

/** Self-attention → LN → +, MLP → LN → +. Parameters as of `preNormBlock`. */
export const branchNormBlock = (config: TransformerBlockConfig, rng: Rng, dropPath = 0): BranchNormBlock<AttentionContext> =>
  new BranchNormBlock(attentionAndMLP(config, rng, dropPath));

const attentionAndMLP = (config: TransformerBlockConfig, rng: Rng, dropPath: number): BlockOptions<AttentionContext> => ({
  ...shapeOf(config),
  mixer: selfAttention(config, rng),
  mlp: feedForward(config, rng),
  dropPath: new DropPath(dropPath, rng),
});

/**
 * Mixer → + → LN, MLP → + → LN: the Transformer's encoder, BERT, FNet.
 * @param rng what dropout draws from
 * @param mixer what lets tokens see each other; default self-attention
 */
export const postNormBlock = (
  config: TransformerBlockConfig,
  rng: Rng,
  mixer: TokenMixer<AttentionContext> = selfAttention(config, rng),
): PostNormBlock<AttentionContext> => new PostNormBlock({ ...shapeOf(config), mixer, mlp: feedForward(config, rng) });

const shapeOf = ({
  hiddenSize,
  layerNormEps,
  layerscaleValue,
}: TransformerBlockConfig): Pick<BlockOptions<unknown>, "hiddenSize" | "layerNormEps" | "layerscaleValue"> => ({
  hiddenSize,
  layerNormEps,
  layerscaleValue,
});

function selfAttention(config: TransformerBlockConfig, rng: Rng): SelfAttention {
  const { hiddenSize, numAttentionHeads: numHeads, qkvBias = true } = config;
  const { hiddenDropoutProb: dropout = 0, attentionProbsDropoutProb: attentionDropout = 0 } = config;
  return new SelfAttention({ hiddenSize, numHeads, qkvBias, attentionDropout, dropout, rng });
}

function feedForward(
  { hiddenSize, intermediateSize, hiddenAct, hiddenDropoutProb: dropout = 0, useSwigluFfn = false }: TransformerBlockConfig,
  rng: Rng,
): FeedForward | GatedFeedForward {
  const shape = { hiddenSize, intermediateSize, dropout, rng };
  return useSwigluFfn
    ? new GatedFeedForward({ ...shape, activation: "silu" })
    : new FeedForward({ ...shape, activation: activationOf(hiddenAct) });
}
