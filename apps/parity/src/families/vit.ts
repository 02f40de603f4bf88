import { noGrad, slice, Trace } from "@x/layers";
import { ViT } from "@x/models-vision";
import { toTensor } from "../fixture.ts";
import { type Family, imageInputs } from "../family.ts";

export const viT: Family = {
  name: "ViT",
  matches: ({ config, keys }) =>
    ["vit", "deit", "vit_msn", "dinov2", "dinov2_with_registers"].includes(String(config["model_type"])) ||
    (keys.has("patch_embed.proj.weight") && keys.has("blocks.0.attn.qkv.weight") && !keys.has("mask_token")),
  async run(fixture, check) {
    using model = await ViT.fromPretrained(fixture.weights);
    for (const { key, endings } of imageInputs(fixture)) {
      noGrad(() => {
        const images = toTensor(fixture.io.get(key) ?? { shape: [0], data: [] });
        const trace = new Trace({ attentions: false });
        const encoded = model.encode(images, { trace });
        const tokens = encoded.data;
        const cls = slice(encoded, 1, 0, 1).data; // DINOv2's pooler_output
        const [, first] = trace.hiddenStates;
        const embeddings = model.embed(images).data;
        const logits = model.forward(images).data;
        for (const ending of endings) {
          check(`logits${ending}`, logits);
          check(`last_hidden_state${ending}`, tokens);
          check(`features${ending}`, tokens);
          check(`pooler_output${ending}`, cls);
          check(`hidden1${ending}`, first?.data ?? []);
          check(`embeddings${ending}`, embeddings);
        }
      });
    }
  },
};
