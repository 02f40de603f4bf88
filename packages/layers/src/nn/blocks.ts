import { blockScope } from "../autograd/grad-mode.ts";
import { add } from "../ops/elementwise/arithmetic.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { AttentionContext } from "./attention-context.ts";
import type { DropPath } from "./drop-path.ts";
import { LayerNorm } from "./layer-norm.ts";
import { Module } from "./module.ts";

/** What lets tokens see each other: self-attention, window attention, a token MLP, Fourier mixing. (B, N, D) → (B, N, D) */
export interface TokenMixer<Context> extends Module {
  forward(x: Tensor, context: Context): Tensor;
}

export interface BlockOptions<Context> {
  readonly hiddenSize: number;
  readonly layerNormEps: number;
  readonly mixer: TokenMixer<Context>;
  /** What works on each token by itself. */
  readonly mlp: Module & { forward(x: Tensor): Tensor };
  /** Stochastic depth on both branches. */
  readonly dropPath?: DropPath | undefined;
}

abstract class Block<Context> extends Module {
  readonly norm1: LayerNorm;
  readonly mixer: TokenMixer<Context>;
  readonly norm2: LayerNorm;
  readonly mlp: BlockOptions<Context>["mlp"];
  readonly dropPath: DropPath | undefined;

  constructor(options: BlockOptions<Context>) {
    super();
    const { hiddenSize, layerNormEps, mixer, mlp, dropPath } = options;
    this.norm1 = new LayerNorm(hiddenSize, layerNormEps);
    this.mixer = mixer;
    this.norm2 = new LayerNorm(hiddenSize, layerNormEps);
    this.mlp = mlp;
    this.dropPath = dropPath;
  }

  protected drop(branch: Tensor): Tensor {
    return this.dropPath?.forward(branch) ?? branch;
  }
}

/** x + mixer(norm1(x)), then x + mlp(norm2(x)): ViT, MAE, Swin, CLIP, MLP-Mixer. */
export class PreNormBlock<Context = void> extends Block<Context> {
  /** x (B, N, D) → (B, N, D) */
  forward(x: Tensor, context: Context): Tensor {
    return blockScope(() => {
      const mixed = add(x, this.drop(this.mixer.forward(this.norm1.forward(x), context)));
      return add(mixed, this.drop(this.mlp.forward(this.norm2.forward(mixed))));
    });
  }
}

/** norm1(x + mixer(x)), then norm2(x + mlp(x)): the Transformer's own order, BERT, FNet. */
export class PostNormBlock<Context = void> extends Block<Context> {
  /** x (B, N, D) → (B, N, D) */
  forward(x: Tensor, context: Context): Tensor {
    return blockScope(() => {
      const mixed = this.norm1.forward(add(x, this.drop(this.mixer.forward(x, context))));
      return this.norm2.forward(add(mixed, this.drop(this.mlp.forward(mixed))));
    });
  }
}

/** x (B, N, D) → through the blocks one after the other (B, N, D). The trace gets what the first one sees, then what each one makes of it. */
export function runBlocks(
  blocks: readonly { forward(x: Tensor, context: AttentionContext): Tensor }[],
  x: Tensor,
  context: AttentionContext = {},
): Tensor {
  context.trace?.addHiddenState(x);
  for (const block of blocks) {
    x = block.forward(x, context);
    context.trace?.addHiddenState(x);
  }
  return x;
}
