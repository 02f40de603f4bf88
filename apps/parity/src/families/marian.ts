import { noGrad, type Tensor } from "@x/layers";
import { generate, type GenerateOptions, Marian, shiftRight } from "@x/models-nlp";
import { type Fixture, toIntTensor } from "../fixture.ts";
import type { Check, Family } from "../family.ts";

export const marian: Family = {
  name: "Marian",
  matches: ({ config }) => config["model_type"] === "marian",
  async run(fixture, check) {
    const [ids, mask, labels] = ["input_ids", "attention_mask", "labels"].map((key) => fixture.io.get(key));
    if (!ids) return;
    using model = await Marian.fromPretrained(fixture.weights);
    using inputIds = toIntTensor(ids);
    using attentionMask = mask && toIntTensor(mask);
    const text = { inputIds, ...(attentionMask && { attentionMask }) };
    noGrad(() => {
      check("encoder_last", model.encode(text).data);
      check("pos_table", model.positions.at(0, fixture.io.get("pos_table")?.shape[0] ?? 1).data);
      if (!labels) return;
      const targets = toIntTensor(labels);
      check("logits", model.forward(text, { inputIds: shiftRight(targets, model.config) }).data);
      check("loss", model.loss(text, targets, { labelSmoothing: 0 }).data);
    });
    await checkGeneration(fixture, model, text, check);
  },
};

/** `greedy`, `beam<beams>_lp<length penalty>_es<early stopping>`, `beam<beams>_nret<returned sequences>`, and their `…_score`s. */
async function checkGeneration(
  { io }: Fixture,
  model: Marian,
  text: { inputIds: Tensor<"int32">; attentionMask?: Tensor<"int32"> },
  check: Check,
): Promise<void> {
  const { padTokenId, decoderStartTokenId } = model.config;
  const maxLength = Math.max(0, ...[...io].map(([key, { shape }]) => (settingsOf(key) ? (shape[1] ?? 0) : 0)));
  for (const [key, { shape }] of io) {
    const options = settingsOf(key);
    if (!options) continue;
    const common = { maxLength, badWordsIds: [[padTokenId]], renormalizeLogits: true };
    const found = (await generate(model, text, { ...common, ...options })).flat();
    const length = shape[1] ?? 0;
    const filling = Array.from({ length }, () => padTokenId);
    check(
      key,
      found.flatMap(({ tokens }) => [decoderStartTokenId, ...tokens, ...filling].slice(0, Math.max(length, tokens.length + 1))),
    );
    check(
      `${key}_score`,
      found.map(({ score }) => score),
    );
  }
}

function settingsOf(key: string): GenerateOptions | undefined {
  if (key === "greedy") return { numBeams: 1 };
  const [, numBeams, lengthPenalty, earlyStopping, numReturnSequences] =
    /^beam(\d+)(?:_lp([\d.]+)_es(True|False)|_nret(\d+))$/.exec(key) ?? [];
  if (numBeams === undefined) return undefined;
  if (numReturnSequences !== undefined) return { numBeams: Number(numBeams), numReturnSequences: Number(numReturnSequences) };
  return { numBeams: Number(numBeams), lengthPenalty: Number(lengthPenalty), earlyStopping: earlyStopping === "True" };
}
