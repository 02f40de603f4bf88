/** A fresh CLIP for emoji, with its tokenizer and image processor. */
import { CLIP } from "@x/clip";
import { Rng } from "@x/layers";
import { ImageProcessor } from "@x/models-vision";
import type { EmojiFile } from "./emoji-file.ts";
import { trainTokenizer } from "./tokenizer.ts";

export interface ModelOptions {
  /** Of the image encoder. */
  readonly width: number;
  readonly layers: number;
  readonly seed: number;
}

export async function newModel({ side, emoji }: EmojiFile, { width, layers, seed }: ModelOptions): Promise<CLIP> {
  const tokenizer = await trainTokenizer(emoji, 2500);
  const eosTokenId = tokenizer.special.eos ?? 0;
  const made = await CLIP.fromConfig(
    {
      projectionDim: 128,
      textConfig: {
        vocabSize: tokenizer.vocabSize,
        hiddenSize: 128,
        intermediateSize: 512,
        numHiddenLayers: 3,
        numAttentionHeads: 4,
        maxPositionEmbeddings: 32,
        hiddenAct: "gelu",
        eosTokenId,
      },
      visionConfig: {
        imageSize: side,
        patchSize: 8,
        hiddenSize: width,
        intermediateSize: 4 * width,
        numHiddenLayers: layers,
        numAttentionHeads: width / 32,
        hiddenAct: "gelu",
      },
    },
    { rng: new Rng(seed) },
  );
  const half = [0.5, 0.5, 0.5];
  made.tokenizer = tokenizer;
  made.processor = new ImageProcessor({
    size: { shortestEdge: side },
    resample: "bicubic",
    cropSize: { height: side, width: side },
    rescaleFactor: 1 / 255,
    imageMean: half,
    imageStd: half,
  });
  return made;
}
