import { add, matmul, mean, noGrad, scaleAndShift, slice, tensor, type Tensor, TensorError, Trace } from "@x/layers";
import { checkImages, checkModel } from "@x/layers/model";
import type { ViT } from "../vit/vit.ts";

/**
 * How much each token draws on each input token through all layers: the product of the layers' attention, averaged over heads, each with half an
 * identity for the residual path. Abnar & Zuidema 2020, "Quantifying Attention Flow in Transformers", §3.
 * @param attentions each layer's (B, heads, N, N), first layer first
 * @returns (B, N, N); rows sum to 1
 */
export function attentionRollout(attentions: readonly Tensor[]): Tensor {
  const [first, ...later] = attentions;
  if (!first) throw new TensorError("attentionRollout: at least one layer's attention is needed");
  const length = first.shape.at(-1) ?? 0;
  return noGrad(() => {
    const half = tensor(
      Array.from({ length: length ** 2 }, (_, i) => (i % (length + 1) === 0 ? 0.5 : 0)),
      [length, length],
    );
    const flow = (attention: Tensor): Tensor => add(scaleAndShift(mean(attention, 1), 0.5, 0), half); // (B, N, N)
    return later.reduce((rolled, attention) => matmul(flow(attention), rolled), flow(first));
  });
}

/**
 * Where a ViT looked: for each image how much its head drew on each patch, through all layers.
 * images (B, C, H, W) → (B, H / P, W / P); the patches of an image sum to at most 1, the rest went to special tokens.
 */
export function attentionMap(model: ViT, images: Tensor): Tensor {
  checkModel("attentionMap", model, ["numSpecialTokens"], "ViT");
  checkImages("attentionMap", images, model.config.numChannels);
  const [batch = 0, , height = 0, width = 0] = images.shape;
  const {
    numSpecialTokens,
    config: { patchSize, pooling },
  } = model;
  return noGrad(() => {
    const trace = new Trace({ hiddenStates: false });
    model.encode(images, { trace });
    const rollout = attentionRollout(trace.attentions); // (B, T + N, T + N)
    const seen = slice(rollout, 2, numSpecialTokens); // (B, T + N, N)
    const byHead = pooling === "cls" || pooling === "clsMean" ? slice(seen, 1, 0, 1) : slice(seen, 1, numSpecialTokens);
    return mean(byHead, 1).view([batch, height / patchSize, width / patchSize]);
  });
}
