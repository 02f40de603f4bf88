/** Where BERT looks. */
import { noGrad, Trace } from "@x/layers";
import { BertForMaskedLM } from "@x/models-nlp";
import { attentionTable } from "../draw/attention-table.ts";
import type { Figure } from "../report.ts";

/** What the masked word is told by. */
export function bothSides(model: BertForMaskedLM): Figure {
  const { tokenizer } = model;
  if (!tokenizer) throw new Error("the model lost its tokenizer");
  const encoding = tokenizer.encode("the congress of the united [MASK] shall have power to declare war .");
  const heads = noGrad(() => {
    const trace = new Trace({ hiddenStates: false });
    using text = tokenizer.pad([encoding]);
    model.encode(text, { trace });
    return trace.attentions.map((attention) => attention.toTypedArray());
  });
  const [length, place] = [encoding.ids.length, encoding.ids.indexOf(tokenizer.special.mask ?? -1)];
  const rows = heads.flatMap((values, layer) =>
    [0, 1, 2, 3].map((head) => ({
      name: `layer ${layer + 1}, head ${head + 1}`,
      weights: values.slice((head * length + place) * length, (head * length + place + 1) * length),
    })),
  );
  return {
    title: "It looks to both sides",
    caption: "Where each head looks from the [MASK]: words before and behind alike, which a left-to-right model couldn't.",
    svg: attentionTable(
      rows.flatMap(({ weights }) => Array.from(weights)),
      rows.map(({ name }) => name),
      encoding.ids.map((id) => tokenizer.idToToken(id) ?? ""),
    ),
  };
}
