/** DeiT: "Training data-efficient image transformers & distillation through attention", Touvron et al. 2021, §3. */
import { add, argmax, ArgumentError, crossEntropy, noGrad, reshape, scaleAndShift, slice, type Tensor } from "@x/layers";
import { aboveZero, aFunction, aShare, needed, oneOf, type RulesOf } from "@x/layers/model";
import { distillationLoss } from "../losses/distillation-loss.ts";
import type { ClassesOutcome } from "./classes.ts";

interface Head {
  forward(x: Tensor): Tensor;
}

/** What is needed of a model: a ViT with DeiT's distillation token and the head for it. */
interface TwoHeaded {
  /** images (B, C, H, W) → tokens (B, 2 + N, D): the class token, the distillation token, patches */
  encode(images: Tensor): Tensor;
  /** tokens (B, 2 + N, D) → the class token (B, D) */
  pool(tokens: Tensor): Tensor;
  readonly head: Head;
  readonly headDist: Head;
}

export interface TokenDistillation {
  /** images (B, C, H, W) → logits (B, classes), which get no gradient. The teacher stays in evaluation mode. */
  readonly teacher: (images: Tensor) => Tensor;
  /** "hard": the distillation token learns the teacher's likeliest class, eq. 3; "soft": all of what the teacher says, eq. 2. Default "hard". */
  readonly kind?: "hard" | "soft" | undefined;
  /** Of "soft": how much is made of the classes that the teacher finds unlikely. Default 1, as in the authors' code. */
  readonly temperature?: number | undefined;
  /** Share of the teacher's word in the loss; the rest is the labels'. Default 0.5. */
  readonly share?: number | undefined;
}

export const tokenDistillationRules: RulesOf<TokenDistillation> = {
  teacher: needed(aFunction),
  kind: oneOf("hard", "soft"),
  temperature: aboveZero,
  share: aShare,
};

/** @throws ArgumentError when the model has no distillation token with a head of its own */
export function twoHeaded(model: object): TwoHeaded {
  const { head, headDist } = model as Partial<TwoHeaded>;
  if (head && headDist) return model as TwoHeaded;
  throw new ArgumentError(
    "imageClassification",
    "who learns from a teacher by a token of its own is a DeiT with two heads",
    "the model is another",
  );
}

/**
 * The class token learns from the labels, the distillation token from the teacher.
 * @param lossOf logits (B, classes) → the labels' loss ()
 */
export function distilledByToken(
  model: TwoHeaded,
  images: Tensor,
  lossOf: (logits: Tensor) => Tensor,
  { teacher, kind = "hard", temperature = 1, share = 0.5 }: TokenDistillation,
): ClassesOutcome {
  const words = noGrad(() => teacher(images)); //                                            (B, classes)
  const tokens = model.encode(images); //                                                    (B, 2 + N, D)
  const logits = model.head.forward(model.pool(tokens)); //                                  (B, classes)
  const second = reshape(slice(tokens, 1, 1, 2), [tokens.shape[0] ?? 0, -1]); //             (B, D)
  const taught = model.headDist.forward(second); //                                          (B, classes)
  const theirs = kind === "soft" ? distillationLoss(taught, words, temperature) : crossEntropy(taught, argmax(words));
  return { loss: add(scaleAndShift(lossOf(logits), 1 - share, 0), scaleAndShift(theirs, share, 0)), logits };
}
