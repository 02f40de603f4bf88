/**
 * FNet: "FNet: Mixing Tokens with Fourier Transforms", Lee-Thorp, Ainslie, Eckstein & Ontañón 2022, and its hybrids with some attention.
 * B texts of N tokens, D hidden size.
 */
import { type AttentionContext, Linear, type Rng, type TokenMixer } from "@x/layers";
import { completed, postNormBlock } from "@x/layers/model";
import { Pooler } from "../text-encoder/pooler.ts";
import { TextEmbeddings } from "../text-encoder/embeddings.ts";
import { TextEncoder, type TextEncoderParts } from "../text-encoder/text-encoder.ts";
import { attentionLayers } from "./attention-layers.ts";
import { fNetChoices, type FNetConfig, fNetDefaults } from "./config.ts";
import { fNetFamily } from "./family.ts";
import { FourierMixing } from "./fourier-mixing.ts";
import { LinearMixing } from "./linear-mixing.ts";

/** What mixes tokens where nothing attends: §3.2, §3.3. */
const mixers: Readonly<Record<FNetConfig["mixer"], (config: FNetConfig) => TokenMixer<AttentionContext>>> = {
  fourier: () => new FourierMixing(),
  linear: ({ maxPositionEmbeddings, hiddenSize }) => new LinearMixing(maxPositionEmbeddings, hiddenSize),
};

/**
 * Embeddings → mixing → + → LN, MLP → + → LN: a Transformer encoder, in which only the mixer differs. §3.2, figure 1. The attention mask counts in a hybrid's
 * attention only: the Fourier transform mixes padding in, so the same text padded to another length has other tokens.
 */
export function fNetParts(given: Partial<FNetConfig>, rng: Rng): TextEncoderParts<FNetConfig> {
  const config = completed("FNet", fNetDefaults, given, fNetChoices);
  const { hiddenSize } = config;
  return {
    name: "FNet",
    config,
    embeddings: new TextEmbeddings(config, rng, { projection: new Linear(hiddenSize, hiddenSize) }),
    blocks: attentionLayers(config).map((attends) => postNormBlock(config, rng, attends ? undefined : mixers[config.mixer](config))),
    pooler: new Pooler(hiddenSize),
    padsMatter: true,
  };
}

/** The encoder with its pooler; the models with heads (`FNetForPreTraining`…) are made of the same. */
export class FNet extends TextEncoder<FNetConfig> {
  static readonly family: typeof fNetFamily = fNetFamily;

  constructor(config: Partial<FNetConfig>, rng: Rng) {
    super(fNetParts(config, rng));
  }
}
