/** Where the Transformer looks, and how it knows places. */
import { intTensor, mean, noGrad, Trace } from "@x/layers";
import { SinusoidalPositions, Transformer } from "@x/models-nlp";
import { attentionTable } from "../draw/attention-table.ts";
import { signed, tiles } from "../draw/tiles.ts";
import type { Figure } from "../report.ts";

const WIDTH = 128;

/** The last decoder layer's cross-attention, mean of the heads. */
export function lookedAt(model: Transformer, source: string, target: string): Figure {
  const { tokenizer } = model;
  if (!tokenizer) throw new Error("the model lost its tokenizer");
  const [from, to] = [tokenizer.encode(source), tokenizer.encode(target)];
  const name = (id: number): string => (tokenizer.idToToken(id) ?? "").replaceAll("▁", "");
  const weights = noGrad(() => {
    using text = tokenizer.pad([from]);
    const trace = new Trace({ hiddenStates: false });
    const before = [model.config.decoderStartTokenId, ...to.ids.slice(0, -1)];
    model.forward(text, { inputIds: intTensor(before, [1, before.length]) }, { trace });
    const last = trace.attentions.at(-1);
    return last ? mean(last, 1).toTypedArray() : new Float32Array(); // (1, M, N)
  });
  return {
    title: "Which words it looks at (appendix, figures 3 to 5)",
    caption:
      "Cross-attention of the last decoder layer, mean of its heads, for a message it never saw: each written piece in a row, the English pieces in columns; dark is much.",
    svg: attentionTable(weights, to.ids.map(name), from.ids.map(name)),
  };
}

/** §3.5. */
export function waves(): Figure {
  using positions = new SinusoidalPositions(WIDTH, "interleaved").at(0, 48);
  return {
    title: "Positions are sines and cosines (§3.5)",
    caption: "48 places from top to bottom, 128 channels from left to right: each pair of channels turns with its own speed.",
    svg: tiles([{ image: signed(positions.toTypedArray(), WIDTH) }], { columns: 1, size: 460 }),
  };
}
