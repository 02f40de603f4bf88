import { scope } from "../tensor/scope.ts";

let recording = true;

/** Whether ops are being recorded for `backward`. */
export const isRecording = (): boolean => recording;

/**
 * Runs `body` without recording and frees what it made except what it returns: for inference, evaluation, and updates in place.
 * Ops then pick their fused kernels.
 */
export function noGrad<T>(body: () => T): T {
  return withRecording(false, body);
}

/**
 * Records inside `body` even where it runs without recording, and frees what it made except what it returns: for an op whose backward makes its tape
 * anew, chunk by chunk, instead of keeping it.
 */
export function recordAgain<T>(body: () => T): T {
  return withRecording(true, body);
}

function withRecording<T>(inside: boolean, body: () => T): T {
  const before = recording;
  recording = inside;
  try {
    return scope(body);
  } finally {
    recording = before;
  }
}

/**
 * The scope of one block of a model: without recording it frees the block's intermediate tensors at once; while recording it leaves them to
 * the enclosing scope, because the tape needs them.
 */
export const blockScope = <T>(body: () => T): T => (recording ? body() : scope(body));
