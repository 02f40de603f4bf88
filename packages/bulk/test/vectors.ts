/** A task that makes a vector of each text without a model: what tests of parts need. */
import type { Task } from "../src/index.ts";

export default (): Task => ({
  columns: { vector: { vector: "float32", width: 4 } },
  run: async (texts) => texts.map((text) => ({ vector: new Float32Array(4).fill(String(text).length) })),
});
