import { jax } from "./peers/jax.ts";
import { onnxruntimeNode } from "./peers/onnxruntime-node.ts";
import { onnxruntimeWeb } from "./peers/onnxruntime-web.ts";
import type { Peer } from "./peers/peer.ts";
import { pyTorch } from "./peers/pytorch.ts";
import { tfjs } from "./peers/tfjs.ts";
import { transformersJs } from "./peers/transformers-js.ts";

/** In the order in which they take turns. */
export const peers: readonly Peer[] = [jax, onnxruntimeWeb, onnxruntimeNode, transformersJs, tfjs, pyTorch];

/** Who takes part in some cases only, by their first word: the machine's limit, our own plain way, an FFT, and what one would write otherwise. */
const baselines = ["roofline", "self", "pffft", "JavaScript"];

/** Everybody whom we can be compared with. */
export const contestants: readonly string[] = [...peers.map(({ name }) => name), ...baselines];
