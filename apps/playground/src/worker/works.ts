import type { Tools } from "../room.ts";

interface WorkModule {
  /** Loads what the room needs, and gives what it can do. */
  open(tools: Tools): Promise<object>;
}

/** What runs in the worker, by room. */
export const works: Readonly<Record<string, () => Promise<WorkModule>>> = {
  digit: () => import("../rooms/digit.work.ts"),
  mae: () => import("../rooms/mae.work.ts"),
  swin: () => import("../rooms/swin.work.ts"),
  mixer: () => import("../rooms/mixer.work.ts"),
  mask: () => import("../rooms/mask.work.ts"),
  fnet: () => import("../rooms/fnet.work.ts"),
  translate: () => import("../rooms/translate.work.ts"),
  emoji: () => import("../rooms/emoji.work.ts"),
  similarity: () => import("../rooms/similarity.work.ts"),
  train: () => import("../rooms/train.work.ts"),
  bench: () => import("../rooms/bench.work.ts"),
  own: () => import("../rooms/own.work.ts"),
};
