import { fillNormal, type Module, type Rng } from "@x/layers";
import { SinusoidalPositions } from "@x/models-nlp";

/**
 * Fresh weights for a narrow encoder and little text, where BERT's N(0, 0.02²) stays for thousands of steps at what frequency alone would guess.
 *
 * - Linear layers: N(0, 1/fanIn). 0.02 is half of that deviation at 768 columns, but under a quarter at 128, where attention and feed-forward would
 *   add next to nothing to the residual, and every key would fit every query alike.
 * - Positions begin as sinusoids (Vaswani et al. 2017, §3.5), in which "the word before" is the same linear map everywhere, with the deviation of
 *   BERT's; they are learned from there. It shortens the wait by a third.
 */
export function initializeNarrow(model: Module, rng: Rng): void {
  for (const [path, parameter] of model.namedParameters()) {
    const [rows = 0, columns = 0] = parameter.shape;
    if (path === "embeddings.positionEmbeddings.weight") {
      using waves = new SinusoidalPositions(columns, "interleaved").at(0, rows); // of variance 1/2
      parameter.data.set(waves.data.map((x) => x * 0.02 * Math.SQRT2));
    } else if (parameter.shape.length === 2 && path.endsWith(".weight") && !path.startsWith("embeddings.")) {
      fillNormal(parameter, rng, 1 / Math.sqrt(columns));
    }
  }
}
