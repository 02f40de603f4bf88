/** What Swin's windows save: Liu et al. 2021, equations 1 and 2. */
import { noGrad, zeros } from "@x/layers";
import { Swin, swinCost, ViT } from "@x/models-vision";
import { chart } from "../draw/chart.ts";
import type { Lab } from "../lab.ts";
import type { Figure } from "../report.ts";
import { interleaved } from "../timing.ts";

/** Equations 1 and 2, counted and measured: one stage of each, of the same patches, width, heads and layers. */
export async function costs(lab: Lab): Promise<Figure[]> {
  const sides = lab.part([56, 84, 112, 168, 224, 336]);
  using windowed = await Swin.fromConfig(
    { imageSize: 56, patchSize: 4, embedDim: 64, depths: [4], numHeads: [4], windowSize: 7, numLabels: 0 },
    { rng: lab.rng(4) },
  );
  using global = await ViT.fromConfig(
    { imageSize: 56, patchSize: 4, hiddenSize: 64, numHiddenLayers: 4, numAttentionHeads: 4, intermediateSize: 256, numLabels: 0 },
    { rng: lab.rng(5) },
  );
  const [measured, counted] = [[], []] as [{ x: number; y: number; line: string }[], { x: number; y: number; line: string }[]];
  for (const side of sides) {
    const once = (model: Swin | ViT) => () =>
      noGrad(() => {
        const images = zeros([1, 3, side, side]);
        model.encode(images);
      });
    const [ofSwin = 0, ofViT = 0] = interleaved([once(windowed), once(global)], 5);
    measured.push({ x: side, y: ofSwin, line: "Swin" }, { x: side, y: ofViT, line: "ViT" });
    counted.push({ x: side, y: swinCost(windowed.config, side).attentionFlops / 1e6, line: "Swin, eq. 2" });
    counted.push({ x: side, y: swinCost(windowed.config, side).globalAttentionFlops / 1e6, line: "all to all, eq. 1" });
  }
  const ratio = (line: string): string => {
    const own = measured.filter((point) => point.line === line);
    return ((own.at(-1)?.y ?? 0) / (own[0]?.y ?? 1)).toFixed(0);
  };
  const [first = 1, last = 1] = [sides[0], sides.at(-1)];
  const same = { x: "side of the picture, pixels", log: "both" } as const;
  return [
    {
      title: "The cost of a picture, measured",
      caption: `One forward pass, median of five taken in turns, four layers, 64 wide, patches of 4 × 4, windows of 7 × 7. From ${first} to ${last} pixels a side there are ${(last / first) ** 2} times as many patches; Swin takes ${ratio("Swin")} times as long, ViT ${ratio("ViT")} times.`,
      svg: await chart(measured, { ...same, y: "milliseconds" }),
    },
    {
      title: "The cost of attention, counted (equations 1 and 2)",
      caption: "Operations of the attention with its projections: linear in the patches in windows, quadratic where all look at all.",
      svg: await chart(counted, { ...same, y: "million operations" }),
    },
  ];
}
