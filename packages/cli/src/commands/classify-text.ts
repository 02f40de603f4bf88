import { type CommandSpec, texts } from "../command.ts";
import { pairs, running, topK, truncate } from "../options.ts";
import { pairOf } from "../pair.ts";

export const classifyText: CommandSpec = {
  name: "classify-text",
  summary: "Say what kind of texts they are",
  inputs: texts,
  options: [...running(), topK(5), pairs(), truncate()],
  example: 'x classify-text --model nlptown/bert-base-multilingual-uncased-sentiment "I liked it"',
  async run(call) {
    const { pipeline } = await import("@x/models-nlp/auto");
    using judge = await pipeline("text-classification", call.options.model, call.loading);
    const inputs = (lines: readonly string[]) =>
      call.options.pairs === true ? lines.map((line) => pairOf(line, "--pairs", "an input is two texts with a tab between them")) : lines;
    await call.each(
      call.texts(),
      (lines) => judge(inputs(lines), { ...call.ranking, ...call.cutting }),
      (text, found) => ({
        record: { text, labels: found.map(({ label, probability }) => ({ label, probability })) },
        heading: text,
        rows: found.map(({ label, probability }) => [label, probability]),
      }),
    );
  },
};
