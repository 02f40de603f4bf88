/** Translates word by word, and tells at each which words of the text it looked at. */
import { intTensor, mean, noGrad, Trace } from "@x/layers";
import { generateSteps, Transformer } from "@x/models-nlp";
import type { Tools } from "../room.ts";

export interface Step {
  readonly token: string;
  readonly probability: number;
  /** Of each decoder layer, how much it looked at each token of the text, over all heads. */
  readonly attention: readonly Float32Array[];
}

export interface TranslateWork {
  /** Calls `onSource` with the text's tokens, then `onStep` for each token that is written → the whole translation. */
  translate(text: string, onSource: (tokens: readonly string[]) => void, onStep: (step: Step) => void): Promise<string>;
}

export async function open({ files }: Tools): Promise<TranslateWork> {
  const model = await Transformer.fromPretrained(await files("messages-de"));
  const { tokenizer, targetTokenizer } = model;
  if (!tokenizer || !targetTokenizer) throw new Error("the model came without its tokenizer");
  const name = (id: number): string => (tokenizer.idToToken(id) ?? "").replaceAll("▁", " ");
  return {
    async translate(text, onSource, onStep) {
      const encoding = tokenizer.encode(text, { maxLength: 64, truncation: "first" });
      onSource(encoding.ids.map(name));
      using batch = tokenizer.pad([encoding]);
      const tokens: number[] = [];
      for await (const [written] of generateSteps(model, batch, { maxLength: 80 })) {
        if (!written) break;
        const before = [model.config.decoderStartTokenId, ...tokens];
        tokens.push(written.token);
        onStep({ token: name(written.token), probability: Math.exp(written.logProb), attention: lookedAt(before) });
      }
      return targetTokenizer.decode(tokens, { skipSpecialTokens: true });

      /** The cross-attention of the last of these tokens: a row of each decoder layer. */
      function lookedAt(before: readonly number[]): Float32Array[] {
        return noGrad(() => {
          const trace = new Trace({ hiddenStates: false });
          model.forward(batch, { inputIds: intTensor([...before], [1, before.length]) }, { trace });
          const cross = trace.attentions.slice(model.config.encoderLayers).filter((_, i) => i % 2 === 1); // after each self-attention
          return cross.map((attention) => {
            const [, , queries = 0, keys = 0] = attention.shape;
            return mean(attention, 1)
              .toTypedArray()
              .slice((queries - 1) * keys);
          });
        });
      }
    },
  };
}
