import { type Module, noGrad, tensor, type Tensor } from "@x/layers";
import { breather } from "@x/layers/model";
import { batches, type Dataset } from "../data/batches.ts";
import { type ClassesConfig, classesOf, type ClassesOutcome, type Label } from "./classes.ts";
import { free } from "./free.ts";
import type { Objective } from "./objective.ts";

/** What a frozen model makes of an example, beside its label. */
export interface Features {
  readonly features: Float32Array;
  readonly label: Label | readonly Label[];
}

export interface FeaturesOptions {
  /** How many examples go through the model together. Default 16. */
  readonly batchSize?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Features of every example, made once, in evaluation mode: a linear layer on them trains in seconds, where the whole model takes minutes an epoch.
 *
 * ```ts
 * const features = await featuresOf(imageClassification(vit), examples, ({ images }) => vit.pool(vit.encode(images)));
 * ```
 * @param objective collates the examples
 * @param forward a batch → features (B, D)
 */
export async function featuresOf<Example extends Pick<Features, "label">, Batch>(
  objective: Pick<Objective<Example, Batch>, "model" | "collate">,
  dataset: Dataset<Example>,
  forward: (batch: Batch) => Tensor,
  { batchSize = 16, signal }: FeaturesOptions = {},
): Promise<Features[]> {
  const { model } = objective;
  const modes = [...model.namedModules()].map(([, module]) => [module, module.training] as const);
  const found: Features[] = [];
  const breathe = breather();
  model.eval();
  try {
    for await (const examples of batches(dataset, { batchSize })) {
      signal?.throwIfAborted();
      const batch = await objective.collate(examples);
      try {
        const rows = noGrad(() => {
          const features = forward(batch); // (B, D)
          const width = features.size / examples.length;
          const values = features.toTypedArray();
          return examples.map((_, i) => values.slice(i * width, (i + 1) * width));
        });
        for (const [i, { label }] of examples.entries()) found.push({ features: rows[i] ?? new Float32Array(), label });
      } finally {
        free(batch);
      }
      await breathe();
    }
  } finally {
    for (const [module, training] of modes) module.training = training;
  }
  return found;
}

/** Classes by a linear layer on features: what a representation is worth without changing it. Scores as `imageClassification` has them. */
export function linearProbe(
  head: Module & { forward(features: Tensor): Tensor },
  config: ClassesConfig,
): Objective<Features, { readonly x: Tensor; readonly targets: Tensor | Tensor<"int32"> }, ClassesOutcome> {
  const classes = classesOf("linearProbe", config, 0);
  return {
    model: head,
    collate(examples) {
      const targets = classes.targetsOf(examples.map(({ label }) => label));
      return { x: tensor(examples.map(({ features }) => features)), targets };
    },
    loss({ x, targets }) {
      const logits = head.forward(x); // (B, classes)
      return { loss: classes.loss(logits, targets), logits };
    },
    scores: () => classes.scores(),
  };
}
