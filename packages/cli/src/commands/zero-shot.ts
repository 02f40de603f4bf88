import { type CommandSpec, pictures } from "../command.ts";
import { labels, running, template, topK } from "../options.ts";

export const zeroShot: CommandSpec = {
  name: "zero-shot",
  summary: "Say which of your own labels fits pictures",
  inputs: pictures,
  options: [...running(), labels(), template(), topK(5)],
  example: "x zero-shot --model openai/clip-vit-base-patch32 --labels cat,dog,bird photo.jpg",
  async run(call) {
    const [{ zeroShot: classifierFor }, { load }] = await Promise.all([import("@x/clip"), import("@x/clip/auto")]);
    const { model, labels: words = [], template: templates } = call.options;
    using clip = await load(model, call.loading);
    using classifier = await classifierFor(clip, words, { ...call.batch, templates });
    await call.each(
      call.pictures(),
      (files) => classifier.classify(files, call.ranking),
      (file, found) => ({
        record: { file, labels: found.map(({ label, probability }) => ({ label, probability })) },
        heading: file,
        rows: found.map(({ label, probability }) => [label, probability]),
      }),
    );
  },
};
