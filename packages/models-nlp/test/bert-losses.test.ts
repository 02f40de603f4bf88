/** Losses of heads that are more than one cross-entropy. */
import { crossEntropy, init, intTensor, noGrad, tensor } from "@x/layers";
import { expectClose, expectTrainingAgrees } from "@x/testing";
import { beforeAll, expect, test } from "vitest";
import { answerLoss, BertForQuestionAnswering, bertLayouts } from "../src/index.ts";
import { goldenFolder, inputsOf, readGolden } from "./golden.ts";

beforeAll(() => init());

test("an answer's loss and every gradient are Hugging Face's", async () => {
  using model = await BertForQuestionAnswering.fromPretrained(goldenFolder("bert_question"));
  const golden = await readGolden("bert_question");
  expectTrainingAgrees(golden, model, bertLayouts[0], () =>
    answerLoss(model.forward(inputsOf(golden)), golden.ids("start_positions"), golden.ids("end_positions")),
  );
});

test("an answer that was cut off counts for nothing", () => {
  noGrad(() => {
    const startLogits = tensor([[1, 2, 3], [3, 1, 0]]); // prettier-ignore
    const endLogits = tensor([[0, 2, 1], [1, 1, 4]]); // prettier-ignore
    const loss = answerLoss({ startLogits, endLogits }, intTensor([1, 3]), intTensor([2, 7]));
    const alone = answerLoss({ startLogits: tensor([[1, 2, 3]]), endLogits: tensor([[0, 2, 1]]) }, intTensor([1]), intTensor([2]));
    expectClose(loss.toTypedArray(), alone.data, "values", 1e-6);
    const startOnly = answerLoss({ startLogits, endLogits }, intTensor([1, 3]), intTensor([3, 3]));
    expectClose(startOnly.toTypedArray(), [0.5 * crossEntropy(tensor([[1, 2, 3]]), intTensor([1])).item()], "values", 1e-6);
  });
});

test("a position before the text is refused", () => {
  noGrad(() => {
    const logits = tensor([[1, 2, 3]]);
    expect(() => answerLoss({ startLogits: logits, endLogits: logits }, intTensor([-1]), intTensor([2]))).toThrow(
      "labels go from 0 to 2, but label 0 is -1",
    );
  });
});
