import { add, crossEntropy, noGrad, Trace } from "@x/layers";
import { Bert, BertEncoder, BertForPreTraining } from "@x/models-nlp";
import { type GoldenTensor, toIntTensor } from "../fixture.ts";
import type { Family } from "../family.ts";

export const bert: Family = {
  name: "BERT",
  matches: ({ config }) => config["model_type"] === "bert",
  async run(fixture, check) {
    const need = (key: string): GoldenTensor => fixture.io.get(key) ?? { shape: [0, 0], data: [] };
    const given = <Name extends string>(name: Name, key: string) =>
      fixture.io.has(key) ? ({ [name]: toIntTensor(need(key)) } as Record<Name, ReturnType<typeof toIntTensor>>) : {};
    const has = (ending: string): boolean => [...fixture.keys].some((key) => key.endsWith(ending));
    const kind = has("cls.seq_relationship.weight") ? BertForPreTraining : has("pooler.dense.weight") ? Bert : BertEncoder;
    using model = await (kind as typeof BertEncoder).fromPretrained(fixture.weights);
    noGrad(() => {
      const text = {
        inputIds: toIntTensor(need("input_ids")),
        ...given("tokenTypeIds", "token_type_ids"),
        ...given("attentionMask", "attention_mask"),
      };
      const trace = new Trace();
      const tokens = model.encode(text, { trace });
      check("last_hidden_state", tokens.data);
      for (const [i, state] of trace.hiddenStates.entries()) check(`hidden${i}`, state.data);
      for (const [i, map] of trace.attentions.entries()) check(`attn${i}`, map.data);
      if (model.pooler) check("pooler_output", model.pool(tokens).data);
      if (!(model instanceof BertForPreTraining)) return;
      const { wordLogits, nextSentenceLogits } = model.forward(text);
      check("prediction_logits", wordLogits.data);
      check("seq_relationship_logits", nextSentenceLogits.data);
      if (!fixture.io.has("labels") || !fixture.io.has("next_sentence_label")) return;
      const wordLoss = crossEntropy(wordLogits, toIntTensor(need("labels")));
      check("loss", add(wordLoss, crossEntropy(nextSentenceLogits, toIntTensor(need("next_sentence_label")))).data);
    });
  },
};
