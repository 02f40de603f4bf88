/** One word is changed: which numbers change, before and after the Fourier transform. Lee-Thorp et al. 2022. */
import { fourierMix, noGrad, slice, softmax, subtract } from "@x/layers";
import { FNetForMaskedLM, type TextBatch } from "@x/models-nlp";
import type { Bar } from "../parts/bars.ts";
import type { Tools } from "../room.ts";

export interface Mixed {
  readonly tokens: readonly string[];
  /** The token that was masked. */
  readonly place: number;
  /** Numbers of a token. */
  readonly width: number;
  /** (tokens × width): what goes into the first layer's mixing, and what comes out. */
  readonly before: Float32Array;
  readonly after: Float32Array;
  /** The same with one word masked, minus the above. */
  readonly changeBefore: Float32Array;
  readonly changeAfter: Float32Array;
  /** What the model would put in its place. */
  readonly guesses: readonly Bar[];
}

export interface FNetWork {
  /** @param wanted the token that is masked, the last word of a text that has fewer */
  mix(text: string, wanted: number): Mixed;
}

export async function open({ files }: Tools): Promise<FNetWork> {
  const fnet = await FNetForMaskedLM.fromPretrained(await files("speeches-fnet"));
  const words = fnet.tokenizer;
  const mask = words?.special.mask;
  if (!words || mask === undefined) throw new Error("the model came without its tokenizer");
  const length = fnet.config.maxPositionEmbeddings; // as it was trained, since the Fourier transform mixes padding in
  return {
    mix(text, wanted) {
      const encoding = words.encode(text, { maxLength: length, truncation: "first" });
      const place = Math.min(wanted, encoding.ids.length - 2);
      const ids = encoding.ids.map((id, i) => (i === place ? mask : id));
      const padded = (row: readonly number[]): TextBatch => words.pad([{ ...encoding, ids: row }], { length });
      return noGrad(() => {
        const [whole, masked] = [padded(encoding.ids), padded(ids)];
        const x = fnet.embeddings.forward(whole.inputIds, whole.tokenTypeIds); //        (1, N, D)
        const y = fnet.embeddings.forward(masked.inputIds, masked.tokenTypeIds);
        const [mixedX, mixedY] = [fourierMix(x), fourierMix(y)];
        const logits = slice(fnet.forward(masked), 1, place, place + 1); //              (1, 1, V)
        return {
          tokens: encoding.ids.map((id) => words.idToToken(id) ?? ""),
          place,
          width: fnet.config.hiddenSize,
          before: x.toTypedArray(),
          after: mixedX.toTypedArray(),
          changeBefore: subtract(y, x).toTypedArray(),
          changeAfter: subtract(mixedY, mixedX).toTypedArray(),
          guesses: likeliest(softmax(logits).toTypedArray(), (id) => words.idToToken(id) ?? ""),
        };
      });
    },
  };
}

function likeliest(probabilities: Float32Array, name: (id: number) => string): Bar[] {
  const order = [...probabilities.keys()].sort((a, b) => (probabilities[b] ?? 0) - (probabilities[a] ?? 0));
  return order.slice(0, 5).map((id) => ({ label: name(id), share: probabilities[id] ?? 0 }));
}
