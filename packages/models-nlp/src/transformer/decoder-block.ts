import { add, type AttentionContext, type CrossAttention, LayerNorm, Module, type SelfAttention, type Tensor } from "@x/layers";
import { blockScope } from "@x/layers/model";

export interface DecoderBlockOptions {
  readonly hiddenSize: number;
  readonly layerNormEps: number;
  readonly selfAttention: SelfAttention;
  readonly crossAttention: CrossAttention;
  readonly mlp: Module & { forward(x: Tensor): Tensor };
}

/** What a decoder layer sees beside the targets. */
export interface DecoderBlockContext extends AttentionContext {
  /** The encoder's output as this layer's cross-attention remembers it (B, N, 2D). */
  readonly memory: Tensor;
  /** Added to the scores of the memory: (1 or B, 1, N). */
  readonly memoryMask?: Tensor | undefined;
}

/** Self-attention, attention to the encoder's output, and a feed-forward network. Vaswani et al. 2017, §3.1. */
export abstract class DecoderBlock extends Module {
  readonly selfAttention: SelfAttention;
  readonly norm1: LayerNorm;
  readonly crossAttention: CrossAttention;
  readonly norm2: LayerNorm;
  readonly mlp: DecoderBlockOptions["mlp"];
  readonly norm3: LayerNorm;

  constructor({ hiddenSize, layerNormEps, selfAttention, crossAttention, mlp }: DecoderBlockOptions) {
    super();
    this.selfAttention = selfAttention;
    this.norm1 = new LayerNorm(hiddenSize, layerNormEps);
    this.crossAttention = crossAttention;
    this.norm2 = new LayerNorm(hiddenSize, layerNormEps);
    this.mlp = mlp;
    this.norm3 = new LayerNorm(hiddenSize, layerNormEps);
  }

  /** y (k·B, M, D) → (k·B, M, D), k samples in a row sharing a memory */
  abstract forward(y: Tensor, context: DecoderBlockContext): Tensor;
}

/** norm(x + sublayer(x)), three times: the paper's order. */
export class PostNormDecoderBlock extends DecoderBlock {
  override forward(y: Tensor, { memory, memoryMask, ...context }: DecoderBlockContext): Tensor {
    return blockScope(() => {
      const attended = this.norm1.forward(add(y, this.selfAttention.forward(y, context)));
      const looked = this.crossAttention.forward(attended, memory, { mask: memoryMask, trace: context.trace });
      const informed = this.norm2.forward(add(attended, looked));
      return this.norm3.forward(add(informed, this.mlp.forward(informed)));
    });
  }
}

/** x + sublayer(norm(x)), three times. */
export class PreNormDecoderBlock extends DecoderBlock {
  override forward(y: Tensor, { memory, memoryMask, ...context }: DecoderBlockContext): Tensor {
    return blockScope(() => {
      const attended = add(y, this.selfAttention.forward(this.norm1.forward(y), context));
      const looked = this.crossAttention.forward(this.norm2.forward(attended), memory, { mask: memoryMask, trace: context.trace });
      const informed = add(attended, looked);
      return add(informed, this.mlp.forward(this.norm3.forward(informed)));
    });
  }
}
