import { type CommandSpec, texts } from "../command.ts";
import { running, topK, truncate } from "../options.ts";

export const fillMask: CommandSpec = {
  name: "fill-mask",
  summary: "Say what could stand where a text says [MASK]",
  inputs: texts,
  options: [...running(), topK(5), truncate()],
  example: 'x fill-mask --model google-bert/bert-base-uncased "Hello I\'m a [MASK] model."',
  async run(call) {
    const { pipeline } = await import("@x/models-nlp/auto");
    using fill = await pipeline("fill-mask", call.options.model, call.loading);
    await call.each(
      call.texts(),
      (lines) => fill(lines, { ...call.ranking, ...call.cutting }),
      (text, tokens) => ({
        record: { text, tokens },
        heading: text,
        rows: tokens.map((found) => [found.token, found.probability, found.text]),
      }),
    );
  },
};
