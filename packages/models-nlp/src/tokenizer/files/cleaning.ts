/** What open_clip does to texts before a tokenizer sees them; OpenAI's own is "lower". */
import { decodeHTML } from "entities";
import { inOrder, lowercase } from "../stages/normalizers.ts";
import type { Normalizer } from "../stages/pipeline.ts";
import { repaired } from "./repair-text.ts";

export const cleanings = ["whitespace", "lower", "canonicalize"] as const;
export type Cleaning = (typeof cleanings)[number];

const entity = /&(#\d+|#x[\da-f]+|[a-z][a-z\d]*);?/giu;

/** The text repaired, HTML entities twice, spaces collapsed. */
const whitespace: Normalizer = inOrder(
  repaired,
  (text) => text.map(entity, (match) => decodeHTML(match)),
  (text) => text.map(entity, (match) => decodeHTML(match)),
  (text) => text.replace(/\p{White_Space}+/gu, " "),
  (text) => text.replace(/^ | $/g, ""),
);

const lower: Normalizer = inOrder(whitespace, lowercase);

/** As Google's code for SigLIP: without ASCII's punctuation, too. */
const canonicalize: Normalizer = inOrder(
  lower,
  (text) => text.replace(/_/g, " "),
  (text) => text.replace(/[!-/:-@[-`{-~]/gu, ""),
  (text) => text.replace(/ +/g, " "),
  (text) => text.replace(/^ | $/g, ""),
);

export const cleaners: Readonly<Record<Cleaning, Normalizer>> = { whitespace, lower, canonicalize };
