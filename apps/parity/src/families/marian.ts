import { noGrad, type Tensor } from "@x/layers";
import { generate, type GenerateOptions, M2M100, Marian, shiftRight } from "@x/models-nlp";
import { type Fixture, toIntTensor } from "../fixture.ts";
import type { Check, Family } from "../family.ts";

export const marian: Family = {
  name: "Marian and M2M-100",
  matches: ({ config }) => config["model_type"] === "marian" || config["model_type"] === "m2m_100",
  async run(fixture, check) {
    const [ids, mask, labels] = ["input_ids", "attention_mask", "labels"].map((key) => fixture.io.get(key));
    if (!ids) return;
    using model = await (fixture.config["model_type"] === "marian" ? Marian : M2M100).fromPretrained(fixture.weights);
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

/** `generated` is as `generation_config.json` says. For Marian `greedy`, `beam<beams>_lp<length penalty>_es<early stopping>`, `beam<beams>_nret<returned sequences>`, and their `…_score`s; for M2M-100 `greedy` or `beam<beams>`,
 * `_rp<repetition penalty>`, `_nr<size of n-grams that aren't repeated>`, `_min<least new tokens>`, `_to_<first token>`. */
async function checkGeneration(
  { io }: Fixture,
  model: Marian | M2M100,
  text: { inputIds: Tensor<"int32">; attentionMask?: Tensor<"int32"> },
  check: Check,
): Promise<void> {
  const { padTokenId, decoderStartTokenId } = model.config;
  const maxLength = Math.max(0, ...[...io].map(([key, { shape }]) => (settingsOf(key) ? (shape[1] ?? 0) : 0)));
  for (const [key, { shape }] of io) {
    const options = settingsOf(key);
    if (!options) continue;
    const common = key !== "generated" && {
      maxLength,
      ...(model instanceof Marian && { badWordsIds: [[padTokenId]], renormalizeLogits: true }),
    };
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
  const found = /^(?:greedy|beam(\d+))(?:_rp([\d.]+))?(?:_nr(\d+))?(?:_min(\d+))?_to_(\d+)$/.exec(key);
  if (found) {
    const [numBeams = 1, repetitionPenalty = 1, noRepeatNgramSize = 0, minNewTokens = 0, forcedBosTokenId = 0] = found
      .slice(1)
      .map((text) => (text === undefined ? undefined : Number(text)));
    return { numBeams, repetitionPenalty, noRepeatNgramSize, minNewTokens, forcedBosTokenId };
  }
  if (key === "greedy") return { numBeams: 1 };
  if (key === "generated") return {};
  const [, numBeams, lengthPenalty, earlyStopping, numReturnSequences] =
    /^beam(\d+)(?:_lp([\d.]+)_es(True|False)|_nret(\d+))$/.exec(key) ?? [];
  if (numBeams === undefined) return undefined;
  if (numReturnSequences !== undefined) return { numBeams: Number(numBeams), numReturnSequences: Number(numReturnSequences) };
  return { numBeams: Number(numBeams), lengthPenalty: Number(lengthPenalty), earlyStopping: earlyStopping === "True" };
}
