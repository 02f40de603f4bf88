/** What a fresh process is asked for: load one model with one library, and use it once. */
import type { Simd } from "@x/core-wasm";
import type { RuntimeName } from "../runtimes/names.ts";

/** Who can. ONNX Runtime reads the same model as ONNX, TensorFlow.js its numbers as they are. */
export const freshContenders = ["ours", "onnxruntime-web", "onnxruntime-node", "tfjs-wasm"] as const;
export type FreshContender = (typeof freshContenders)[number];

export interface FreshTask {
  readonly contender: FreshContender;
  readonly runtime: RuntimeName;
  readonly threads: number;
  readonly work: "forward" | "training step";
  /** Folder of `config.json`, `model.safetensors`, `model.onnx`, `tfjs.json` and `tfjs.bin`; pages are served it as `/files`. */
  readonly folder: string;
  readonly imageSize: number;
}

export interface FreshReport {
  /** From before the library's import to the first output, in ms. */
  readonly ms: number;
  /** Logits; empty after a training step. */
  readonly output: readonly number[];
  /** Most bytes that our tensors took at once. */
  readonly tensorBytes?: number | undefined;
  /** How our kernels ran. */
  readonly simd?: Simd | undefined;
  /** From before the import on, the process's resident memory grew by at most so many bytes. Only Linux's commands know. */
  readonly processBytes?: number | undefined;
}

/** What a library's file gives. */
export interface FirstOutput {
  readonly output: Float32Array | undefined;
  readonly tensorBytes?: number;
  readonly simd?: Simd;
}

/** Pixels (1, 3, S, S), the same everywhere. */
export const pixels = (imageSize: number): Float32Array =>
  Float32Array.from({ length: 3 * imageSize ** 2 }, (_, i) => ((i * 7919) % 2001) / 1000 - 1);
