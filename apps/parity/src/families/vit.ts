import { noGrad } from "@x/layers";
import { ViT } from "@x/models-vision";
import { toTensor } from "../fixture.ts";
import { type Family, imageInputs } from "../family.ts";

export const viT: Family = {
  name: "ViT",
  matches: ({ config, keys }) =>
    ["vit", "deit"].includes(String(config["model_type"])) ||
    (keys.has("cls_token") && keys.has("blocks.0.attn.qkv.weight") && !keys.has("mask_token")),
  async run(fixture, check) {
    using model = await ViT.fromPretrained(fixture.weights);
    for (const { key, endings } of imageInputs(fixture)) {
      noGrad(() => {
        const images = toTensor(fixture.io.get(key) ?? { shape: [0], data: [] });
        const tokens = model.encode(images).data;
        const embeddings = model.embed(images).data;
        const logits = model.forward(images).data;
        for (const ending of endings) {
          check(`logits${ending}`, logits);
          check(`last_hidden_state${ending}`, tokens);
          check(`features${ending}`, tokens);
          check(`embeddings${ending}`, embeddings);
        }
      });
    }
  },
};
