import { type CommandSpec, texts } from "../command.ts";
import { languages, running, truncate } from "../options.ts";

export const translate: CommandSpec = {
  name: "translate",
  summary: "Put texts into the model's other language",
  inputs: texts,
  options: [...running(), ...languages(), truncate()],
  example: 'x translate --model Helsinki-NLP/opus-mt-en-de "Good morning!"',
  async run(call) {
    const { pipeline } = await import("@x/models-nlp/auto");
    using translator = await pipeline("translation", call.options.model, call.loading);
    const { from, to } = call.options;
    await translator([], { from, to }); // languages that aren't there are told before any text
    await call.each(
      call.texts(),
      (lines) => translator(lines, { ...call.batch, ...call.cutting, from, to }),
      (text, translation) => ({ record: { text, translation }, rows: [[translation]] }),
    );
  },
};
