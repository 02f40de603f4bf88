import type { Rng } from "../random.ts";
import { scope } from "../tensor/scope.ts";
import type { Tensor } from "../tensor/tensor.ts";

/** What becomes of ops: nothing more, a place on the tape, or one on the tape of a training step, which may keep of blocks only what goes in. */
let mode: Mode = "recorded";

type Mode = "plain" | "recorded" | "trained" | { readonly recompute: Recompute };

/** See `recompute`. */
type Recompute = (body: (x: Tensor) => Tensor, x: Tensor, rngs: readonly Rng[]) => Tensor;

/** Whether ops are being recorded for `backward`. */
export const isRecording = (): boolean => mode !== "plain";

/** Whether they are because an optimizer will step. */
export const isTrainingStep = (): boolean => mode === "trained" || typeof mode === "object";

/** How blocks are run that keep only what goes in, and are made again on the way back; undefined where they keep their insides. */
export const recomputing = (): Recompute | undefined => (typeof mode === "object" ? mode.recompute : undefined);

/**
 * Runs `body` without recording and frees what it made except what it returns: for inference, evaluation, and updates in place.
 * Ops then pick their fused kernels.
 */
export function noGrad<T>(body: () => T): T {
  return within("plain", body);
}

/**
 * Records inside `body` even where it runs without recording, and frees what it made except what it returns: for an op whose backward makes its tape
 * anew, chunk by chunk, instead of keeping it.
 */
export function recordAgain<T>(body: () => T): T {
  return within("recorded", body);
}

/**
 * Runs a step of training and frees what it made: loss, gradients, and the optimizer's step.
 * @param recompute how blocks are run whose insides are made again on the way back. Default: they are kept
 */
export function trainingStep<T>(body: () => T, recompute?: Recompute): T {
  return within(recompute ? { recompute } : "trained", body);
}

function within<T>(inside: Mode, body: () => T): T {
  const before = mode;
  mode = inside;
  try {
    return scope(body);
  } finally {
    mode = before;
  }
}

/**
 * The scope of one block of a model: without recording it frees the block's intermediate tensors at once; while recording it leaves them to
 * the enclosing scope, because the tape needs them.
 */
export const blockScope = <T>(body: () => T): T => (isRecording() ? body() : scope(body));
