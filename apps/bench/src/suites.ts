import type { Case, Suite, SuiteOptions } from "./case.ts";
import { attentionSuite } from "./suites/attention.ts";
import { clipSuite } from "./suites/clip.ts";
import { fftSuite } from "./suites/fft.ts";
import { forkJoinSuite } from "./suites/fork-join.ts";
import { int8Suite } from "./suites/int8.ts";
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
  ["fork-join", forkJoinSuite],
  ["vit", viTSuite],
  ["vision", visionSuite],
  ["language", languageSuite],
  ["int8", int8Suite],
  ["clip", clipSuite],
  ["training", trainingSuite],
  ["vision-claims", visionClaimsSuite],
  ["language-claims", languageClaimsSuite],
]);

/** The cases of a suite. @param short without those that are only for the thorough */
export function casesOf(suite: string, { short, ...options }: SuiteOptions & { readonly short: boolean }): readonly Case[] {
  const cases = suites.get(suite)?.(options) ?? [];
  return short ? cases.filter(({ thorough = false }) => !thorough) : cases;
}
