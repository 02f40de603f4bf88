import { anyModel } from "../any-model.ts";
import type { Call } from "../call.ts";
import { type CommandSpec, pictures } from "../command.ts";
import { input, running, truncate } from "../options.ts";
import { isAddress, isPicture } from "../pictures.ts";
import { UsageError } from "../usage-error.ts";

export const embed: CommandSpec = {
  name: "embed",
  summary: "Make vectors of texts or pictures, whichever the model takes",
  inputs: `texts, or ${pictures}`,
  options: [...running(), input(), truncate()],
  example: 'x embed --model sentence-transformers/all-MiniLM-L6-v2 --json "The whale is old."',
  async run(call) {
    using model = await embedderOf(call);
    const { text, image } = model;
    const asked = call.options.input ?? (text && image ? undefined : text ? "text" : "image");
    const embedded = asked === "image" ? image : text;
    if (!embedded) throw new UsageError(`--input ${asked}: this model takes none`);
    const isSeen = (one: string): boolean => (asked === undefined ? isAddress(one) || isPicture(one) : asked === "image");
    await call.each(
      asked === "image" ? call.pictures() : call.texts(),
      async (batch) => {
        const [seen, read] = [batch.filter(isSeen), batch.filter((one) => !isSeen(one))];
        const pictureVectors = (await image?.(seen)) ?? [];
        const textVectors = (await text?.(read)) ?? [];
        return batch.map((one) => (isSeen(one) ? pictureVectors.shift() : textVectors.shift()) ?? new Float32Array());
      },
      (one, embedding) => ({
        record: { [isSeen(one) ? "file" : "text"]: one, embedding },
        heading: one,
        rows: [[`${Array.from(embedding.subarray(0, 6), (value) => value.toFixed(4)).join(" ")} … (${embedding.length} numbers)`]],
      }),
    );
  },
};

/** What makes vectors of texts, and of pictures. */
interface Embedder extends Disposable {
  text?(texts: readonly string[]): Promise<Float32Array[]>;
  image?(files: readonly string[]): Promise<Float32Array[]>;
}

async function embedderOf(call: Call): Promise<Embedder> {
  const { reads, sees, place } = await anyModel(call);
  if (reads && sees) {
    const { pipeline } = await import("@x/clip/auto");
    const see = await pipeline("image-feature-extraction", place, call.loading);
    const { embedText } = await import("@x/models-nlp");
    return {
      text: (texts) => embedText(see.model, texts, { ...call.batch, ...call.cutting }),
      image: (files) => see(files, call.batch),
      [Symbol.dispose]: see.dispose,
    };
  }
  if (sees) {
    const { pipeline } = await import("@x/models-vision/auto");
    const see = await pipeline("image-feature-extraction", place, call.loading);
    return { image: (files) => see(files, call.batch), [Symbol.dispose]: see.dispose };
  }
  const { pipeline } = await import("@x/models-nlp/auto");
  const read = await pipeline("feature-extraction", place, call.loading);
  return { text: (texts) => read(texts, { ...call.batch, ...call.cutting }), [Symbol.dispose]: read.dispose };
}
