import { mean, noGrad, Trace } from "@x/layers";
import { Swin } from "@x/models-vision";
import { toTensor } from "../fixture.ts";
import { type Family, imageInputs } from "../family.ts";

export const swin: Family = {
  name: "Swin",
  matches: ({ config, keys }) => config["model_type"] === "swin" || [...keys].some((key) => key.endsWith("relative_position_bias_table")),
  async run(fixture, check) {
    using model = await Swin.fromPretrained(fixture.weights);
    for (const { key, endings } of imageInputs(fixture)) {
      noGrad(() => {
        const images = toTensor(fixture.io.get(key) ?? { shape: [0], data: [] });
        const trace = new Trace({ attentions: false });
        const tokens = model.encode(images, { trace });
        const logits = model.forward(images);
        for (const ending of endings) {
          check(`logits${ending}`, logits.data);
          check(`last_hidden_state${ending}`, tokens.data);
          check(`features${ending}`, tokens.data);
          check(`pooler_output${ending}`, mean(tokens, 1).data);
          for (const [stage, out] of trace.hiddenStates.slice(1).entries()) check(`stage${stage}_out${ending}`, out.data);
        }
      });
    }
  },
};
