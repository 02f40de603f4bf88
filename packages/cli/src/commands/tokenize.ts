import type { Encoding } from "@x/models-nlp";
import { type CommandSpec, texts } from "../command.ts";
import { model } from "../options.ts";

export const tokenize: CommandSpec = {
  name: "tokenize",
  summary: "Show the tokens of texts; the tokenizer's files are enough",
  inputs: texts,
  options: [model()],
  example: 'x tokenize --model google-bert/bert-base-uncased "Hello, world!"',
  async run(call) {
    const { Tokenizer } = await import("@x/models-nlp");
    const { onProgress, cacheDir, signal } = call.loading;
    const tokenizer = await Tokenizer.fromPretrained(call.options.model, { onProgress, cacheDir, signal });
    const tokensOf = ({ ids }: Encoding): string[] => ids.map((id) => tokenizer.idToToken(id) ?? "");
    await call.each(
      call.texts(),
      async (lines) => tokenizer.encodeBatch(lines, { maxLength: Infinity }),
      (text, encoding) => {
        const { ids, offsets } = encoding;
        const tokens = tokensOf(encoding);
        return {
          record: { text, ids, tokens, offsets },
          heading: text,
          rows: tokens.map((token, i) => [ids[i] ?? 0, token, text.slice(...(offsets[i] ?? [0, 0]))]),
        };
      },
    );
  },
};
