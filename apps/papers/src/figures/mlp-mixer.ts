/** What a Mixer's token mixing looks for: Tolstikhin et al. 2021, figure 5. */
import { SIDE } from "@x/example-data/src/mnist.ts";
import { MLPMixer } from "@x/models-vision";
import { signed, tiles } from "../draw/tiles.ts";
import type { Figure } from "../report.ts";

const [PATCH, UNITS] = [2, 48];
const GRID = SIDE / PATCH;

/** Figure 5. */
export function filters(model: MLPMixer, of: string): Figure {
  const weights = model.namedParameters().get("blocks.0.mixer.mlp.fc1.weight")?.toTypedArray() ?? new Float32Array(); // (units, patches)
  return {
    title: `What its first token-mixing MLP looks for in ${of} (figure 5)`,
    caption: `The input weights of its ${UNITS} hidden units over the 14 × 14 places, red positive, blue negative. Nothing in the model says which places are neighbours: what is smooth here has been learned, and much is still as it was drawn.`,
    svg: tiles(
      Array.from({ length: UNITS }, (_, unit) => ({ image: signed(weights.subarray(unit * GRID ** 2, (unit + 1) * GRID ** 2), GRID) })),
      { columns: 12, size: 58 },
    ),
  };
}
