/** Fills gaps, and tells which words each head looked at. */
import { noGrad, Trace } from "@x/layers";
import { BertForMaskedLM, fillMasks } from "@x/models-nlp";
import type { Bar } from "../parts/bars.ts";
import type { Tools } from "../room.ts";

export interface Filled {
  readonly tokens: readonly string[];
  /** Of each [MASK] the likeliest words. */
  readonly guesses: readonly (readonly Bar[])[];
  /** Of each layer and head (N × N): rows look, columns are looked at. */
  readonly heads: readonly (readonly Float32Array[])[];
}

export interface MaskWork {
  fill(text: string): Promise<Filled>;
}

const MOST = 24;

export async function open({ files }: Tools): Promise<MaskWork> {
  const bert = await BertForMaskedLM.fromPretrained(await files("speeches-bert"));
  const { tokenizer } = bert;
  if (!tokenizer) throw new Error("the model came without its tokenizer");
  return {
    async fill(text) {
      const options = { maxLength: MOST, truncation: "first" } as const;
      const encoding = tokenizer.encode(text, options);
      const guesses = encoding.ids.includes(tokenizer.special.mask ?? -1) ? await fillMasks(bert, text, { ...options, topK: 6 }) : [];
      const heads = noGrad(() => {
        const trace = new Trace({ hiddenStates: false });
        bert.encode(tokenizer.pad([encoding]), { trace });
        return trace.attentions.map((attention) => {
          const [, count = 0, length = 0] = attention.shape; // (1, heads, N, N)
          const values = attention.toTypedArray();
          return Array.from({ length: count }, (_, head) => values.slice(head * length ** 2, (head + 1) * length ** 2));
        });
      });
      return {
        tokens: encoding.ids.map((id) => tokenizer.idToToken(id) ?? ""),
        guesses: guesses.map((list) => list.map(({ token, probability }) => ({ label: token, share: probability }))),
        heads,
      };
    },
  };
}
