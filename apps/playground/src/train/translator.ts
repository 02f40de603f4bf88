import { Rng } from "@x/layers";
import { Transformer, translate } from "@x/models-nlp";
import { bleu } from "@x/train";
import { shuffled } from "@x/example-translation/src/batches.ts";
import { sentencePairs } from "@x/example-translation/src/sentence-pairs.ts";
import type { Trained } from "./trained.ts";

/**
 * What `npm run example -- translation --width 128 --layers 2 --vocabulary 1500 --dropout 0.15 --steps 2200 --batch 32 --warmup 300 --factor 0.8 --threads 1`
 * has left, English to German, tested again with the 200 messages that it held out.
 */
export async function messagesTranslator(): Promise<Trained> {
  const model = await Transformer.fromPretrained(new URL("../../../../demo-output/translation-de/", import.meta.url));
  const unseen = shuffled(await sentencePairs("de"), new Rng(1)).slice(0, 200);
  const found = await translate(
    model,
    unseen.map(({ source }) => source),
    { maxLength: 100, batchSize: 32 },
  );
  const { score } = bleu(
    found,
    unseen.map(({ target }) => target),
  );
  return { model, score: `BLEU ${score.toFixed(1)} on 200 messages that it never saw` };
}
