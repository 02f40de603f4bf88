/** What open_clip does to texts before a tokenizer sees them; OpenAI's own is "lower". */
import { decodeHTML } from "entities";
import type { Normalizer } from "../stages/pipeline.ts";
import { upperCase } from "../stages/unicode.ts";
import { repaired } from "./repair-text.ts";

export const cleanings = ["whitespace", "lower", "canonicalize"] as const;
export type Cleaning = (typeof cleanings)[number];

const entity = /&(#\d+|#x[\da-f]+|[a-z][a-z\d]*);?/giu;

/** The text repaired, HTML entities twice, spaces collapsed. */
const whitespace: Normalizer = (text) =>
  repaired(text)
    .map(entity, (match) => decodeHTML(match))
    .map(entity, (match) => decodeHTML(match))
    .replace(/\p{White_Space}+/gu, " ")
    .replace(/^ | $/g, "");

const lower: Normalizer = (text) => whitespace(text).map(upperCase, (character) => character.toLowerCase());

/** As Google's code for SigLIP: without ASCII's punctuation, too. */
const canonicalize: Normalizer = (text) =>
  lower(text)
    .replace(/_/g, " ")
    .replace(/[!-/:-@[-`{-~]/gu, "")
    .replace(/ +/g, " ")
    .replace(/^ | $/g, "");

export const cleaners: Readonly<Record<Cleaning, Normalizer>> = { whitespace, lower, canonicalize };
