/** Losses of embeddings and of teachers: values and gradients against PyTorch's, golden/losses.safetensors. */
import { backward, init, ones, scope, type Tensor } from "@x/layers";
import { checkForLeaks, expectClose } from "@x/testing";
import { beforeAll, expect, test } from "vitest";
import { Golden } from "../../testing/src/golden.ts";
import { contrastiveLoss, cosineLoss, distillationLoss, rankingLoss, softCrossEntropy, tripletLoss } from "../src/index.ts";

beforeAll(() => init({ threads: 1 }));
checkForLeaks();

type Inputs = Readonly<Record<string, Tensor>>;
const losses: Readonly<Record<string, readonly [trained: readonly string[], given: readonly string[], loss: (inputs: Inputs) => Tensor]>> =
  {
    softCrossEntropy: [["logits"], ["targets"], ({ logits, targets }) => softCrossEntropy(logits as Tensor, targets as Tensor)],
    distillation: [["student"], ["teacher"], ({ student, teacher }) => distillationLoss(student as Tensor, teacher as Tensor, 3)],
    ranking: [["anchors", "candidates"], [], ({ anchors, candidates }) => rankingLoss(anchors as Tensor, candidates as Tensor)],
    contrastive: [["logits"], [], ({ logits }) => contrastiveLoss(logits as Tensor)],
    cosine: [
      ["first", "second"],
      ["scores"],
      ({ first, second, scores }) => cosineLoss(first as Tensor, second as Tensor, scores as Tensor),
    ],
    triplet: [
      ["anchors", "positives", "negatives"],
      [],
      ({ anchors, positives, negatives }) => tripletLoss(anchors as Tensor, positives as Tensor, negatives as Tensor, 1),
    ],
  };

test.each(Object.entries(losses))("%s", async (name, [trained, given, loss]) => {
  const golden = await Golden.read(new URL("../golden/losses.safetensors", import.meta.url));
  scope(() => {
    const inputs = Object.fromEntries([...trained, ...given].map((input) => [input, golden.tensor(`${name}.${input}`)]));
    for (const input of trained) if (inputs[input]) inputs[input].requiresGrad = true;
    const value = loss(inputs);
    expectClose(value.toTypedArray(), golden.values(`${name}.loss`), "the loss");
    backward(value);
    for (const input of trained) {
      expectClose(inputs[input]?.grad?.toTypedArray() ?? [], golden.values(`${name}.d_${input}`), input);
      inputs[input]?.grad?.dispose();
    }
    for (const input of given) expect(inputs[input]?.grad).toBeUndefined();
  });
});

test("shapes that don't go together are refused", () => {
  scope(() => {
    const [few, many] = [tensorOf(2, 3), tensorOf(3, 3)];
    expect(() => rankingLoss(many, few)).toThrow(
      "rankingLoss: each of the anchors (B, E) needs a candidate, but anchors is (3, 3), candidates is (2, 3)",
    );
    expect(() => softCrossEntropy(many, few)).toThrow("softCrossEntropy: logits and targets must have one shape");
  });
});

const tensorOf = (rows: number, columns: number): Tensor => ones([rows, columns]);
