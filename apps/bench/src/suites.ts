import type { Suite } from "./case.ts";
import { attentionSuite } from "./suites/attention.ts";
import { clipSuite } from "./suites/clip.ts";
import { fftSuite } from "./suites/fft.ts";
import { languageClaimsSuite, languageSuite } from "./suites/language.ts";
import { layerNormSuite } from "./suites/layer-norm.ts";
import { matmulSuite } from "./suites/matmul.ts";
import { visionClaimsSuite } from "./suites/vision-claims.ts";
import { trainingSuite } from "./suites/training.ts";
import { viTSuite, visionSuite } from "./suites/vision.ts";

/** By the names that the command line takes, in the order in which they run. */
export const suites: ReadonlyMap<string, Suite> = new Map([
  ["matmul", matmulSuite],
  ["attention", attentionSuite],
  ["layer-norm", layerNormSuite],
  ["fft", fftSuite],
  ["vit", viTSuite],
  ["vision", visionSuite],
  ["language", languageSuite],
  ["clip", clipSuite],
  ["training", trainingSuite],
  ["vision-claims", visionClaimsSuite],
  ["language-claims", languageClaimsSuite],
]);
