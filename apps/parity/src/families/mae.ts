import { noGrad, patchify } from "@x/layers";
import { MAE } from "@x/models-vision";
import { toTensor } from "../fixture.ts";
import { type Family, imageInputs } from "../family.ts";

export const mae: Family = {
  name: "MAE",
  matches: ({ config, keys }) => config["model_type"] === "vit_mae" || keys.has("decoder_pred.weight"),
  async run(fixture, check) {
    const normPixLoss = fixture.config["norm_pix_loss"] === true || /normpix/.test(fixture.name);
    using model = await MAE.fromPretrained(fixture.weights, { config: { normPixLoss } });
    for (const { key, endings } of imageInputs(fixture)) {
      noGrad(() => {
        const images = toTensor(fixture.io.get(key) ?? { shape: [0], data: [] });
        const noise = fixture.io.get("noise");
        if (!noise) return;
        const { predicted, loss, mask } = model.forward(images, toTensor(noise));
        const latent = model.encode(images, mask.keptIds);
        for (const ending of endings) {
          check(`logits${ending}`, predicted.data);
          check(`loss${ending}`, loss.data);
          check(`mask${ending}`, mask.mask.data);
          check(`ids_restore${ending}`, mask.restoreIds.data);
          check(`latent${ending}`, latent.data);
          check(`patchified${ending}`, patchify(images, model.config.patchSize, "channelsLast").data);
        }
      });
    }
  },
};
