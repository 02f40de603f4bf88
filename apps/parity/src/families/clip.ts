import { CLIP, contrastiveLoss, ModifiedResNet, SigLIP, sigmoidLoss } from "@x/clip";
import { noGrad, transpose } from "@x/layers";
import { type GoldenTensor, toIntTensor, toTensor } from "../fixture.ts";
import type { Family } from "../family.ts";

const nothing: GoldenTensor = { shape: [0], data: [] };

export const clip: Family = {
  name: "CLIP",
  matches: ({ config, keys }) => config["model_type"] === "clip" || (keys.has("text_projection") && keys.has("ln_final.weight")),
  async run({ weights, io }, check) {
    using model = await CLIP.fromPretrained(weights);
    noGrad(() => {
      const images = toTensor(io.get("pixel_values") ?? io.get("image") ?? nothing);
      const ids = toIntTensor(io.get("input_ids") ?? io.get("text") ?? nothing);
      const given = io.get("attention_mask");
      const mask = given && toIntTensor(given);
      const { logits, imageEmbeddings, textEmbeddings } = model.forward(images, ids, mask);
      check("logits_per_image", logits.data);
      check("logits_per_text", transpose(logits).data);
      check("loss", contrastiveLoss(imageEmbeddings, textEmbeddings, model.logitScale).data);
      check("image_embeds", imageEmbeddings.data);
      check("text_embeds", textEmbeddings.data);
      const [imageFeatures, textFeatures] = [model.visual.forward(images).data, model.text.forward(ids, mask).data];
      for (const name of ["image_features", "vision_pooled"]) check(name, imageFeatures);
      for (const name of ["text_features", "text_pooled"]) check(name, textFeatures);
      if (model.visual instanceof ModifiedResNet) {
        check("stem", model.visual.stem(images).data);
        for (const [i, map] of model.visual.encode(images).entries()) check(`layer${i + 1}`, map.data);
      } else check("vision_last", model.visual.encode(images).data);
    });
  },
};

export const sigLIP: Family = {
  name: "SigLIP",
  matches: ({ config }) => config["model_type"] === "siglip",
  async run({ weights, io }, check) {
    using model = await SigLIP.fromPretrained(weights);
    noGrad(() => {
      const images = toTensor(io.get("pixel_values") ?? nothing);
      const ids = toIntTensor(io.get("input_ids") ?? nothing);
      const given = io.get("attention_mask");
      const mask = given && toIntTensor(given);
      const { logits, imageEmbeddings, textEmbeddings } = model.forward(images, ids, mask);
      check("logits_per_image", logits.data);
      check("logits_per_text", transpose(logits).data);
      check("loss", sigmoidLoss(imageEmbeddings, textEmbeddings, model.logitScale, model.logitBias).data);
      check("image_embeds", imageEmbeddings.data);
      check("text_embeds", textEmbeddings.data);
      check("vision_last", model.visual.encode(images).data);
      check("vision_pooled", model.visual.forward(images).data);
      check("text_last", model.text.norm.forward(model.text.encode(ids, mask)).data);
      check("text_pooled", model.text.forward(ids, mask).data);
    });
  },
};
