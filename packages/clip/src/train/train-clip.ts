import { train, type TrainOptions } from "@x/layers";
import { aFunction, checkModel, checkOptions, needed, type RulesOf, trainRules } from "@x/layers/model";
import type { CLIP } from "../clip.ts";
import { cachedContrastiveLoss } from "./cached-loss.ts";
import { contrastiveLoss } from "./contrastive-loss.ts";
import type { ImageTextPairs } from "./pairs.ts";

export interface TrainCLIPOptions extends Omit<TrainOptions, "model" | "loss"> {
  /**
   * The step's batch, of distinct pairs: at once, or as chunks that go through the model one after another (gradient caching), so that memory holds
   * one chunk and the embeddings of all. A chunk is made twice a step, and must be the same both times.
   */
  readonly batch: (step: number) => ImageTextPairs | readonly (() => ImageTextPairs)[];
}

const { model: _model, loss: _loss, ...others } = trainRules;

const rules: RulesOf<TrainCLIPOptions> = { ...others, batch: needed(aFunction) };

/**
 * Contrastive training: `train` with the symmetric loss, the logit scale brought back to at most 100 after every step. Radford et al. 2021, §2.5.
 * The model is put into training mode for it. Throws as `train` does.
 */
export async function trainCLIP(model: CLIP, options: TrainCLIPOptions): Promise<void> {
  checkModel("trainCLIP", model, ["encodeImages", "encodeTexts"], "CLIP");
  checkOptions("trainCLIP", options, rules);
  const { batch, onStep, ...training } = options;
  await train({
    ...training,
    model,
    loss: (step) => {
      const pairs = batch(step);
      if (!("images" in pairs)) return cachedContrastiveLoss(model, pairs);
      const images = model.encodeImages(pairs.images);
      const texts = model.encodeTexts(pairs.inputIds, pairs.attentionMask);
      return contrastiveLoss(images, texts, model.logitScale);
    },
    onStep: (report) => {
      model.clampLogitScale();
      return onStep?.(report);
    },
  });
}
