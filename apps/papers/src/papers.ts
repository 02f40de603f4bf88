import type { Paper } from "./paper.ts";
import { bert } from "./papers/bert.ts";
import { clip } from "./papers/clip.ts";
import { fnet } from "./papers/fnet.ts";
import { mae } from "./papers/mae.ts";
import { mlpMixer } from "./papers/mlp-mixer.ts";
import { swin } from "./papers/swin.ts";
import { transformer } from "./papers/transformer.ts";
import { vit } from "./papers/vit.ts";

/** In the order in which they appeared. */
export const papers: readonly Paper[] = [transformer, bert, vit, clip, swin, mlpMixer, fnet, mae];
