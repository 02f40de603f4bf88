import { noGrad } from "@x/layers";
import { FNet, FNetForPreTraining } from "@x/models-nlp";
import { type GoldenTensor, toIntTensor } from "../fixture.ts";
import type { Family } from "../family.ts";

export const fNet: Family = {
  name: "FNet",
  matches: ({ config }) => config["model_type"] === "fnet",
  async run(fixture, check) {
    const need = (key: string): GoldenTensor => fixture.io.get(key) ?? { shape: [0, 0], data: [] };
    const pretrained = fixture.keys.has("cls.predictions.bias");
    using model = await (pretrained ? FNetForPreTraining : FNet).fromPretrained(fixture.weights);
    noGrad(() => {
      const types = fixture.io.has("token_type_ids") ? { tokenTypeIds: toIntTensor(need("token_type_ids")) } : {};
      const text = { inputIds: toIntTensor(need("input_ids")), ...types };
      const tokens = model.encode(text);
      check("last_hidden_state", tokens.data);
      check("pooler_output", model.pool(tokens).data);
      if (!(model instanceof FNetForPreTraining)) return;
      const { wordLogits, nextSentenceLogits } = model.forward(text);
      check("prediction_logits", wordLogits.data);
      check("seq_relationship_logits", nextSentenceLogits.data);
    });
  },
};
