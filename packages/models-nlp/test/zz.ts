import { init, intTensor, Rng, engine } from "@x/layers";
import { generate, Marian } from "../src/index.ts";
await init({ threads: 2 });
const m = await Marian.fromConfig({ dModel: 512, encoderLayers: 6, decoderLayers: 6, encoderAttentionHeads: 8, decoderAttentionHeads: 8, encoderFfnDim: 2048, decoderFfnDim: 2048, activationFunction: "swish", scaleEmbedding: true, vocabSize: 58101 }, { rng: new Rng(1) });
const inputIds = intTensor([Array.from({ length: 25 }, (_, i) => 100 + i)]);
for (const numBeams of [1, 1, 4]) {
  const t = performance.now();
  const [[g] = []] = await generate(m, { inputIds }, { numBeams, maxLength: 41, badWordsIds: [[58100]] });
  const ms = performance.now() - t;
  console.log(numBeams, g?.tokens.length, ms.toFixed(0), "ms", ((1000 * (g?.tokens.length ?? 0)) / ms).toFixed(1), "tokens/s");
}
