import { mean, noGrad, Trace } from "@x/layers";
import { Swin, SwinV2 } from "@x/models-vision";
import { type Fixture, toTensor } from "../fixture.ts";
import { type Check, type Family, imageInputs } from "../family.ts";

export const swin: Family = {
  name: "Swin",
  matches: ({ config, keys }) => config["model_type"] === "swin" || [...keys].some((key) => key.endsWith("relative_position_bias_table")),
  run: (fixture, check) => run(Swin, fixture, check),
};

export const swinV2: Family = {
  name: "Swin V2",
  matches: ({ config, keys }) =>
    config["model_type"] === "swinv2" || (keys.has("patch_embed.proj.weight") && [...keys].some((key) => key.endsWith("attn.logit_scale"))),
  run: (fixture, check) => run(SwinV2, fixture, check),
};

async function run(kind: typeof Swin | typeof SwinV2, fixture: Fixture, check: Check): Promise<void> {
  using model = await (kind as typeof Swin).fromPretrained(fixture.weights);
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
}
