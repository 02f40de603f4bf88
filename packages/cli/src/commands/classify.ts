import { type CommandSpec, pictures } from "../command.ts";
import { running, topK } from "../options.ts";

export const classify: CommandSpec = {
  name: "classify",
  summary: "Say what is in pictures",
  inputs: pictures,
  options: [...running(), topK(5)],
  example: "x classify --model google/vit-base-patch16-224 cat.jpg holiday/",
  async run(call) {
    const { pipeline } = await import("@x/models-vision/auto");
    using see = await pipeline("image-classification", call.options.model, call.loading);
    await call.each(
      call.pictures(),
      (files) => see(files, call.ranking),
      (file, found) => ({
        record: { file, labels: found.map(({ label, probability }) => ({ label, probability })) },
        heading: file,
        rows: found.map(({ label, probability }) => [label, probability]),
      }),
    );
  },
};
