/** Which patches see which, in windows and in shifted windows. Liu et al. 2021. */
import { noGrad, softmax, Trace } from "@x/layers";
import { Swin, windowGrid, windowTokens } from "@x/models-vision";
import type { Tools } from "../room.ts";
import { grey28 } from "../worker/grey.ts";

/** What a block of the first stage does. */
export interface Block {
  /** The window of each of the 14 × 14 patches. */
  readonly windowOf: Int32Array;
  /** (196 × 196): how much each patch looks at each other, over all heads; 0 outside its window. */
  readonly attention: Float32Array;
}

export interface SwinWork {
  read(pixels: Float32Array): { readonly probabilities: Float32Array; readonly blocks: readonly Block[] };
}

const [GRID, WINDOW] = [14, 7];

export async function open({ files }: Tools): Promise<SwinWork> {
  const swin = await Swin.fromPretrained(await files("digits-swin"));
  const places = [0, Math.floor(WINDOW / 2)].map((shift) => windowTokens(windowGrid([GRID, GRID], WINDOW, shift, "huggingFace")));
  return {
    read: (pixels) =>
      noGrad(() => {
        const trace = new Trace({ hiddenStates: false });
        const probabilities = softmax(swin.forward(grey28(pixels), { trace })).toTypedArray();
        const blocks = places.map((tokens, i): Block => {
          const [, heads = 1, area = 1] = trace.attentions[i]?.shape ?? []; // (windows, heads, area, area)
          return unfolded(tokens, trace.attentions[i]?.toTypedArray() ?? new Float32Array(), heads, area);
        });
        return { probabilities, blocks };
      }),
  };
}

/** From windows back to the map. */
function unfolded(tokens: Int32Array, values: Float32Array, heads: number, area: number): Block {
  const windowOf = new Int32Array(tokens.length);
  const attention = new Float32Array(tokens.length ** 2);
  for (const [place, from] of tokens.entries()) {
    const [window, row] = [Math.floor(place / area), place % area];
    windowOf[from] = window;
    for (let head = 0; head < heads; head++) {
      for (let column = 0; column < area; column++) {
        const to = tokens[window * area + column] ?? 0;
        const at = from * tokens.length + to;
        attention[at] = (attention[at] ?? 0) + (values[((window * heads + head) * area + row) * area + column] ?? 0) / heads;
      }
    }
  }
  return { windowOf, attention };
}
