import { type CommandSpec, texts } from "../command.ts";
import { running, truncate } from "../options.ts";

export const tag: CommandSpec = {
  name: "tag",
  summary: "Find names, places and the like in texts",
  inputs: texts,
  options: [...running(), truncate()],
  example: 'x tag --model dslim/bert-base-NER "Marie Curie was born in Warsaw."',
  async run(call) {
    const { pipeline } = await import("@x/models-nlp/auto");
    using find = await pipeline("token-classification", call.options.model, call.loading);
    await call.each(
      call.texts(),
      (lines) => find(lines, { ...call.batch, ...call.cutting }),
      (text, entities) => ({
        record: { text, entities },
        heading: text,
        rows: entities.map((entity) => [entity.label, entity.text, entity.probability]),
      }),
    );
  },
};
