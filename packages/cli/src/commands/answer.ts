import { type CommandSpec, texts } from "../command.ts";
import { context, running, topK } from "../options.ts";
import { pairOf } from "../pair.ts";

export const answer: CommandSpec = {
  name: "answer",
  summary: "Find where a context answers questions",
  inputs: texts,
  options: [...running(), context(), topK(1)],
  example: 'x answer --model deepset/bert-base-cased-squad2 --context "Jim Henson was a nice puppet" "Who was Jim Henson?"',
  async run(call) {
    const { pipeline } = await import("@x/models-nlp/auto");
    const { model, context: shared } = call.options;
    using find = await pipeline("question-answering", model, call.loading);
    const asked = (line: string): readonly [string, string] =>
      shared === undefined ? pairOf(line, "--context", "without it, an input is a question, a tab and its context") : [line, shared];
    await call.each(
      call.texts(),
      async (lines) => {
        const questions = lines.map(asked).map(([question, own]) => ({ question, context: own }));
        const answers = await find(questions, call.ranking);
        return questions.map((question, i) => ({ ...question, answers: answers[i] ?? [] }));
      },
      (_, { question, context: own, answers }) => ({
        record: { question, context: own, answers },
        heading: question,
        rows: answers.map((found) => [found.text, found.probability]),
      }),
    );
  },
};
