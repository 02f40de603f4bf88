import { blockScope, recomputing } from "../autograd/grad-mode.ts";
import { add } from "../ops/elementwise/arithmetic.ts";
import { checkOptions, fromZero, needed, type RulesOf, shaped, wholeFrom } from "../options.ts";
import { Tensor } from "../tensor/tensor.ts";
import { type AttentionContext, attentionContextRules } from "./attention-context.ts";
import type { DropPath } from "./drop-path.ts";
import { LayerNorm } from "./layer-norm.ts";
import { LayerScale } from "./layer-scale.ts";
import { Module } from "./module.ts";
import { Trace } from "./trace.ts";

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
  /** What LayerScale on both branches starts from; 0 for none. Default 0. */
  readonly layerscaleValue?: number | undefined;
}

const aLayer = shaped("a layer with a forward", "forward");

const rules: RulesOf<BlockOptions<unknown>> = {
  hiddenSize: needed(wholeFrom(1)),
  layerNormEps: needed(fromZero),
  mixer: needed(aLayer),
  mlp: needed(aLayer),
  dropPath: aLayer,
  layerscaleValue: fromZero,
};

abstract class Block<Context> extends Module {
  readonly norm1: LayerNorm;
  readonly mixer: TokenMixer<Context>;
  readonly scale1: LayerScale | undefined;
  readonly norm2: LayerNorm;
  readonly mlp: BlockOptions<Context>["mlp"];
  readonly scale2: LayerScale | undefined;
  readonly dropPath: DropPath | undefined;

  constructor(options: BlockOptions<Context>) {
    super();
    checkOptions(this.constructor.name, options, rules);
    const { hiddenSize, layerNormEps, mixer, mlp, dropPath, layerscaleValue = 0 } = options;
    const scale = () => (layerscaleValue === 0 ? undefined : new LayerScale(hiddenSize, layerscaleValue));
    this.norm1 = new LayerNorm(hiddenSize, layerNormEps);
    this.mixer = mixer;
    this.scale1 = scale();
    this.norm2 = new LayerNorm(hiddenSize, layerNormEps);
    this.mlp = mlp;
    this.scale2 = scale();
    this.dropPath = dropPath;
  }

  /** In a training step that keeps only what goes into a block, body(x) is made again on the way back; not if anybody looks on. */
  protected run(x: Tensor, context: Context, body: (x: Tensor) => Tensor): Tensor {
    const recompute = recomputing();
    return recompute && !isSeenOutside(context) ? recompute(body, x, this.rngs()) : blockScope(() => body(x));
  }

  /** x + y, where y is what a branch makes of x: scaled, and in training sometimes dropped. */
  protected join(x: Tensor, y: Tensor, scale: LayerScale | undefined): Tensor {
    const scaled = scale?.forward(y) ?? y;
    return add(x, this.dropPath?.forward(scaled) ?? scaled);
  }
}

/** x + mixer(norm1(x)), then x + mlp(norm2(x)): ViT, MAE, Swin, CLIP, MLP-Mixer. */
export class PreNormBlock<Context = void> extends Block<Context> {
  /** x (B, N, D) → (B, N, D) */
  forward(x: Tensor, context: Context): Tensor {
    return this.run(x, context, (input) => {
      const mixed = this.join(input, this.mixer.forward(this.norm1.forward(input), context), this.scale1);
      return this.join(mixed, this.mlp.forward(this.norm2.forward(mixed)), this.scale2);
    });
  }
}

/** norm1(x + mixer(x)), then norm2(x + mlp(x)): the Transformer's own order, BERT, FNet. */
export class PostNormBlock<Context = void> extends Block<Context> {
  /** x (B, N, D) → (B, N, D) */
  forward(x: Tensor, context: Context): Tensor {
    return this.run(x, context, (input) => {
      const mixed = this.norm1.forward(this.join(input, this.mixer.forward(input, context), this.scale1));
      return this.norm2.forward(this.join(mixed, this.mlp.forward(mixed), this.scale2));
    });
  }
}

/** x + norm1(mixer(x)), then x + norm2(mlp(x)): Swin V2's order, in which what branches add doesn't grow with depth. Liu et al. 2022, §3.2. */
export class BranchNormBlock<Context = void> extends Block<Context> {
  /** x (B, N, D) → (B, N, D) */
  forward(x: Tensor, context: Context): Tensor {
    return this.run(x, context, (input) => {
      const mixed = this.join(input, this.norm1.forward(this.mixer.forward(input, context)), this.scale1);
      return this.join(mixed, this.norm2.forward(this.mlp.forward(mixed)), this.scale2);
    });
  }
}

/** Whether a context hands out what is made, or has a tensor of its own that a gradient leads through: a bias that several blocks share. */
function isSeenOutside(context: unknown): boolean {
  if (typeof context !== "object" || context === null) return false;
  return Object.values(context).some((part) => part instanceof Trace || (part instanceof Tensor && part.requiresGrad));
}

/** x (B, N, D) → through the blocks one after the other (B, N, D). The trace gets what the first one sees, then what each one makes of it. */
export function runBlocks(
  blocks: readonly { forward(x: Tensor, context: AttentionContext): Tensor }[],
  x: Tensor,
  context: AttentionContext = {},
): Tensor {
  checkOptions("runBlocks", context, attentionContextRules);
  context.trace?.addHiddenState(x);
  for (const block of blocks) {
    x = block.forward(x, context);
    context.trace?.addHiddenState(x);
  }
  return x;
}
