import { Rng, scope } from "@x/layers";
import { type CommandSpec, pictures } from "../command.ts";
import { enlarged, sideBySide, stemOf, writePicture } from "../drawing.ts";
import { maskRatio, out, running, seed } from "../options.ts";

export const reconstruct: CommandSpec = {
  name: "reconstruct",
  summary: "Hide most of pictures, and draw what a masked autoencoder makes of the rest",
  inputs: pictures,
  options: [...running(), maskRatio(), seed(), out()],
  example: "x reconstruct --model facebook/vit-mae-base photo.jpg",
  async run(call) {
    const { encodePng, MAE, reconstruct: complete, toImages } = await import("@x/models-vision");
    const { model, maskRatio: ratio, seed: number = 1, out: folder = "." } = call.options;
    using mae = await MAE.fromPretrained(model, { ...call.loading, ...(ratio !== undefined && { config: { maskRatio: ratio } }) });
    const { processor } = mae;
    await call.each(
      call.pictures(),
      (files) =>
        Promise.all(
          files.map(async (file) => {
            using images = await processor.process(file);
            const panels = scope(() => {
              const { visible, completed } = complete(mae, images, mae.drawNoise(images, new Rng(number)));
              return [visible, completed, images].flatMap((part) => toImages(part, processor));
            });
            const picture = encodePng(sideBySide(panels.map((panel) => enlarged(panel, 160))));
            return writePicture(folder, `${stemOf(file)}-reconstructed.png`, picture);
          }),
        ),
      (file, picture) => ({ record: { file, maskRatio: mae.config.maskRatio, picture }, rows: [[file, picture]] }),
    );
  },
};
