import { quantizeEmbeddings } from "@x/layers/model";
import { type CommandSpec, pictures } from "../command.ts";
import { openEmbedder } from "../embedder.ts";
import { input, precision, running, truncate } from "../options.ts";

export const embed: CommandSpec = {
  name: "embed",
  summary: "Make vectors of texts or pictures, whichever the model takes",
  inputs: `texts, or ${pictures}`,
  options: [...running(), input(), truncate(), precision()],
  example: 'x embed --model sentence-transformers/all-MiniLM-L6-v2 --json "The whale is old."',
  async run(call) {
    using model = await openEmbedder(call);
    await call.each(
      model.inputs(),
      async (batch) => quantizeEmbeddings(await model.embed(batch), call.options.precision ?? "float32"),
      (one, embedding) => ({
        record: { [model.isSeen(one) ? "file" : "text"]: one, embedding: Array.from(embedding) },
        heading: one,
        rows: [[`${Array.from(embedding.subarray(0, 6), shown).join(" ")} … (${embedding.length} numbers)`]],
      }),
    );
  },
};

const shown = (value: number): string => (Number.isInteger(value) ? String(value) : value.toFixed(4));
