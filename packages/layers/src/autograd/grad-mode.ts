import { scope } from "../tensor/scope.ts";

/** What becomes of ops: nothing more, a place on the tape, or one on the tape of a training step, which may keep of blocks only what goes in. */
let mode: "plain" | "recorded" | "trained" | "recomputed" = "recorded";

/** Whether ops are being recorded for `backward`. */
export const isRecording = (): boolean => mode !== "plain";

/** Whether they are because an optimizer will step. */
export const isTrainingStep = (): boolean => mode === "trained" || mode === "recomputed";

/** Whether blocks keep only what goes in, and are made again on the way back. */
export const isRecomputing = (): boolean => mode === "recomputed";

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
 * @param blocks whether their insides are kept for the way back, or made again: see `recompute`. Default kept
 */
export function trainingStep<T>(body: () => T, blocks: "kept" | "recomputed" = "kept"): T {
  return within(blocks === "kept" ? "trained" : "recomputed", body);
}

function within<T>(inside: typeof mode, body: () => T): T {
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
