import { add, binaryCrossEntropy, crossEntropy, meanSquaredError, noGrad, reshape, type Tensor, Trace } from "@x/layers";
import * as nlp from "@x/models-nlp";
import { type Fixture, type GoldenTensor, toIntTensor, toTensor } from "../fixture.ts";
import type { Check, Family } from "../family.ts";

/** A class with `encode`: BERT's kin, with a head or without. */
type Kind = typeof nlp.Bert | typeof nlp.BertForMaskedLM | typeof nlp.BertForPreTraining | typeof nlp.BertForQuestionAnswering;

export const textEncoder: Family = {
  name: "BERT and its kin",
  matches: (fixture) => kindOf(fixture) !== undefined,
  async run(fixture, check) {
    const Kind = kindOf(fixture) as typeof nlp.Bert;
    using model = await Kind.fromPretrained(fixture.weights);
    const given = <Name extends string>(name: Name, key: string) =>
      fixture.io.has(key) ? ({ [name]: idsOf(fixture, key) } as Record<Name, Tensor<"int32">>) : {};
    noGrad(() => {
      const text = {
        inputIds: idsOf(fixture, "input_ids"),
        ...given("tokenTypeIds", "token_type_ids"),
        ...given("attentionMask", "attention_mask"),
      };
      const trace = new Trace();
      const tokens = model.encode(text, { trace });
      check("last_hidden_state", tokens.data);
      for (const [i, state] of trace.hiddenStates.entries()) check(`hidden${i}`, state.data);
      for (const [i, map] of trace.attentions.entries()) check(`attn${i}`, map.data);
      if (model.pooler) check("pooler_output", model.pool(tokens).data);
      if ("forward" in model) checkHead(fixture, (model as Headed).forward(text), check);
    });
  },
};

interface Headed {
  forward(text: nlp.TextInput): Tensor | Readonly<Record<string, Tensor>>;
}

function checkHead(fixture: Fixture, outputs: ReturnType<Headed["forward"]>, check: Check): void {
  const has = (key: string): boolean => fixture.io.has(key);
  if ("wordLogits" in outputs && "nextSentenceLogits" in outputs) {
    const { wordLogits, nextSentenceLogits } = outputs as Readonly<Record<"wordLogits" | "nextSentenceLogits", Tensor>>;
    check("prediction_logits", wordLogits.data);
    check("seq_relationship_logits", nextSentenceLogits.data);
    if (!has("labels") || !has("next_sentence_label")) return;
    const wordLoss = crossEntropy(wordLogits, idsOf(fixture, "labels"));
    check("loss", add(wordLoss, crossEntropy(nextSentenceLogits, idsOf(fixture, "next_sentence_label"))).data);
  } else if ("startLogits" in outputs) {
    const answers = outputs as Readonly<Record<"startLogits" | "endLogits", Tensor>>;
    check("start_logits", answers.startLogits.data);
    check("end_logits", answers.endLogits.data);
    if (has("start_positions") && has("end_positions"))
      check("loss", nlp.answerLoss(answers, idsOf(fixture, "start_positions"), idsOf(fixture, "end_positions")).data);
  } else {
    const logits = outputs as Tensor;
    check("logits", logits.data);
    if (has("labels")) check("loss", lossOf(fixture, logits).data);
  }
}

/** What the reference trains such a head for: classes, a quantity, any of the labels, or, of each token, whether it was replaced. */
function lossOf({ config, io }: Fixture, logits: Tensor): Tensor {
  const labels = io.get("labels") ?? { shape: [0], data: [] };
  if (`${config["architectures"]}` === "ElectraForPreTraining") {
    const mask = io.get("attention_mask");
    return nlp.replacedTokenLoss(logits, toIntTensor(labels), mask && toIntTensor(mask));
  }
  if (config["problem_type"] === "regression") return meanSquaredError(reshape(logits, labels.shape), toTensor(labels));
  if (config["problem_type"] === "multi_label_classification") return binaryCrossEntropy(logits, toTensor(labels));
  return crossEntropy(logits, toIntTensor(labels));
}

const idsOf = ({ io }: Fixture, key: string): Tensor<"int32"> =>
  toIntTensor(io.get(key) ?? ({ shape: [0, 0], data: [] } satisfies GoldenTensor));

/** The class that the config names; `BertModel` is `Bert`, or `BertEncoder` where there is no pooler. */
function kindOf({ config, keys }: Fixture): Kind | undefined {
  const [named] = Array.isArray(config["architectures"]) ? config["architectures"] : [];
  if (typeof named !== "string") return undefined;
  const hasPooler = [...keys].some((key) => key.endsWith("pooler.dense.weight"));
  const name = named === "BertModel" && !hasPooler ? "BertEncoder" : named.replace(/Model$/, "");
  const found = Object.entries(nlp).find(([known]) => known === name)?.[1];
  return typeof found === "function" && "prototype" in found && "encode" in found.prototype && "pool" in found.prototype
    ? (found as Kind)
    : undefined;
}
