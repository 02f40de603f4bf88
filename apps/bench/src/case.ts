/** What a suite hands to the runner. */
import type { Dims } from "./onnx/graph.ts";

/** What a run gives: numbers to compare, or nothing to compare. */
export type Output = Float32Array | undefined;

/** One way of computing a case. Everybody takes JavaScript arrays and gives JavaScript arrays, and pays for the copies. */
export interface Contender {
  readonly name: string;
  run(): Output | Promise<Output>;
  dispose?(): void | Promise<void>;
}

/** The case for ONNX Runtime: inputs of float32 or int64, one float32 output. */
export interface OnnxTask {
  readonly model: () => Uint8Array<ArrayBuffer>;
  readonly inputs: Readonly<Record<string, { readonly dims: Dims; readonly data: Float32Array | BigInt64Array }>>;
}

/** The part of TensorFlow.js that cases use. */
export type TensorFlow = typeof import("@tensorflow/tfjs");
export type TensorFlowTensor = import("@tensorflow/tfjs").Tensor;

/** The case for TensorFlow.js: uploads weights, returns what is timed. */
export type TensorFlowTask = (tf: TensorFlow) => () => TensorFlowTensor;

/** The part of jax-js that cases use. */
export type Jax = typeof import("@jax-js/jax");

/** The case for jax-js: uploads weights, returns what is timed. */
export type JaxTask = (jax: Jax) => () => Promise<Float32Array>;

/** A case that is ready to run. */
export interface Task {
  readonly ours: Contender;
  readonly onnx?: OnnxTask;
  readonly transformersJs?: TransformersJsTask;
  /** What pytorch-step.py is told. */
  readonly pyTorch?: readonly string[] | undefined;
  readonly tensorFlow?: TensorFlowTask;
  readonly jax?: JaxTask;
  /** What else to compare with: our own other ways, and what the machine can do at most. */
  readonly baselines?: readonly Contender[];
}

/** A place on an axis of sizes, for plots of time against size. */
export interface Cost {
  /** Of the plot: "BERT-Base, batch 1". */
  readonly title: string;
  /** "tokens", "image side, px" */
  readonly axis: string;
  readonly size: number;
  /** Name of our line; a baseline's is its own. */
  readonly of: string;
}

export interface Case {
  readonly name: string;
  /** Floating-point operations of the named work; a multiplication with its addition counts as two. */
  readonly flops?: number;
  /** How often a run does the named work; times are divided by it. Default 1. */
  readonly repetitions?: number;
  /** Where it stands on axes of sizes. */
  readonly costs?: readonly Cost[];
  /** Left out by `--short`: it takes long, or others say as much about another runtime. */
  readonly thorough?: boolean;
  /** What matrix products are computed in. Default f32. */
  readonly dtype?: "f32" | "int8";
  /** Largest difference that counts as agreement, as a share of the largest magnitude. */
  readonly tolerance: number;
  /** Makes weights and inputs. The engine runs already. */
  prepare(): Task | Promise<Task>;
}

export interface SuiteOptions {
  /** Threads of our engine, and of the peers. */
  readonly threads: number;
  /** Small sizes, which say only whether it runs. */
  readonly quick: boolean;
}

export type Suite = (options: SuiteOptions) => readonly Case[];

/** What transformers.js makes of the same graph, whose inputs it takes by name. */
export interface TransformersJsTask {
  /** The `config.json` that it wants beside the graph. */
  readonly config: Readonly<Record<string, unknown>>;
  /** Its class. Default what the config says. */
  readonly model?: "CLIPVisionModelWithProjection" | "CLIPTextModelWithProjection" | "SiglipVisionModel" | "SiglipTextModel";
}
