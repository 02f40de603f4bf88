import { jax } from "./peers/jax.ts";
import { onnxruntimeNode } from "./peers/onnxruntime-node.ts";
import { onnxruntimeWeb } from "./peers/onnxruntime-web.ts";
import type { Peer } from "./peers/peer.ts";
import { tfjs } from "./peers/tfjs.ts";
import { transformersJs } from "./peers/transformers-js.ts";

/** In the order in which they take turns. */
export const peers: readonly Peer[] = [jax, onnxruntimeWeb, onnxruntimeNode, transformersJs, tfjs];
