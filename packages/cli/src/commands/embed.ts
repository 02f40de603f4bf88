import { type CommandSpec, pictures } from "../command.ts";
import { openEmbedder } from "../embedder.ts";
import { input, running, truncate } from "../options.ts";

export const embed: CommandSpec = {
  name: "embed",
  summary: "Make vectors of texts or pictures, whichever the model takes",
  inputs: `texts, or ${pictures}`,
  options: [...running(), input(), truncate()],
  example: 'x embed --model sentence-transformers/all-MiniLM-L6-v2 --json "The whale is old."',
  async run(call) {
    using model = await openEmbedder(call);
    await call.each(
      model.inputs(),
      (batch) => model.embed(batch),
      (one, embedding) => ({
        record: { [model.isSeen(one) ? "file" : "text"]: one, embedding },
        heading: one,
        rows: [[`${Array.from(embedding.subarray(0, 6), (value) => value.toFixed(4)).join(" ")} … (${embedding.length} numbers)`]],
      }),
    );
  },
};
