import { ArgumentError, mean, noGrad, scope, slice, Trace } from "@x/layers";
import { anyModel } from "../any-model.ts";
import { attentionSvg } from "../attention-svg.ts";
import type { Call } from "../call.ts";
import { type CommandSpec, pictures } from "../command.ts";
import { enlarged, sideBySide, stemOf, writePicture } from "../drawing.ts";
import { oneAttention, out, running, truncate } from "../options.ts";
import { UsageError } from "../usage-error.ts";

export const attention: CommandSpec = {
  name: "attention",
  summary: "Draw where a model looked: in pictures a map over them (PNG), in texts a table of words (SVG)",
  inputs: `texts, or ${pictures}`,
  options: [...running(), ...oneAttention(), out(), truncate()],
  example: "x attention --model facebook/dinov2-small photo.jpg",
  async run(call) {
    const { sees, reads } = await anyModel(call);
    if (sees && reads) throw new ArgumentError("attention", "the model sees or reads", "this one does both; give the folder of one tower");
    if (sees && (call.options.layer ?? call.options.head) !== undefined)
      throw new UsageError("--layer and --head are for texts; in pictures all layers and heads count together");
    await (sees ? inPictures(call) : inTexts(call));
  },
};

/** Attention rollout through all layers, beside the picture. */
async function inPictures(call: Call): Promise<void> {
  const { attentionMap, encodePng, heatMap, toImages, ViT } = await import("@x/models-vision");
  const { load } = await import("@x/models-vision/auto");
  const { model: name, out: folder = "." } = call.options;
  using model = await load(name, call.loading);
  if (!(model instanceof ViT))
    throw new ArgumentError("attention", "the model is a ViT or a relative of it", `it is a ${model.constructor.name}`);
  const { processor } = model;
  await call.each(
    call.pictures(),
    (files) =>
      Promise.all(
        files.map(async (file) => {
          using images = await processor.process(file);
          const { map, picture } = scope(() => {
            const weights = attentionMap(model, images); // (1, rows, columns)
            const [, rows = 0, columns = 0] = weights.shape;
            const [seen] = toImages(images, processor).map((image) => enlarged(image, 160));
            const values = weights.toTypedArray();
            return {
              map: Array.from({ length: rows }, (_, row) => Array.from(values.subarray(row * columns, (row + 1) * columns))),
              picture: seen && sideBySide([seen, heatMap(seen, weights.view([rows, columns]))]),
            };
          });
          return { map, picture: picture && (await writePicture(folder, `${stemOf(file)}-attention.png`, encodePng(picture))) };
        }),
      ),
    (file, { map, picture }) => ({ record: { file, picture, map }, rows: [[file, picture ?? ""]] }),
  );
}

/** One layer's, of one head or their mean. */
async function inTexts(call: Call): Promise<void> {
  const { SentenceEncoder } = await import("@x/models-nlp");
  const { model: name, out: folder = ".", layer, head } = call.options;
  using model = await SentenceEncoder.fromPretrained(name, call.loading);
  const { tokenizer, encoder } = model;
  if (!tokenizer) throw new ArgumentError("attention", "there is a tokenizer beside the weights", "there is none");
  let count = 0;
  await call.each(
    call.texts(),
    (lines) =>
      Promise.all(
        lines.map(async (text) => {
          const encoding = tokenizer.encode(text, { truncation: call.cutting.truncation, maxLength: model.maxLength });
          const tokens = encoding.ids.map((id) => tokenizer.idToToken(id) ?? "");
          const { rows, title } = scope(() => {
            const trace = new Trace({ hiddenStates: false });
            noGrad(() => encoder.encode(tokenizer.pad([encoding]), { trace }));
            return chosen(trace, layer, head);
          });
          const picture = await writePicture(folder, `attention-${++count}.svg`, attentionSvg(tokens, rows, title));
          return { tokens, attention: rows, picture };
        }),
      ),
    (text, { tokens, attention: weights, picture }) => ({ record: { text, picture, tokens, attention: weights }, rows: [[text, picture]] }),
  );
}

/** @throws UsageError when there is no such layer or head */
function chosen(
  { attentions }: Trace,
  layer: number | undefined,
  head: number | undefined,
): { readonly rows: number[][]; readonly title: string } {
  const number = layer ?? attentions.length;
  const all = attentions[number - 1]; // (1, heads, N, N)
  if (!all) throw new UsageError(`--layer ${number}: there are ${attentions.length} with attention`);
  const [, heads = 0, length = 0] = all.shape;
  if (head !== undefined && head > heads) throw new UsageError(`--head ${head}: there are ${heads}`);
  const values = (head === undefined ? mean(all, 1) : slice(all, 1, head - 1, head)).toTypedArray(); // (1, N, N)
  return {
    rows: Array.from({ length }, (_, row) => Array.from(values.subarray(row * length, (row + 1) * length))),
    title: `layer ${number} of ${attentions.length}, ${head === undefined ? `mean of ${heads} heads` : `head ${head} of ${heads}`}`,
  };
}
