/**
 * What a step of MiniLM takes, of 16 texts of 128 tokens: all weights or a LoRA, with the blocks' insides kept or made again on the way back.
 * `npm run example -- fine-tuning/memory`
 */
import { init, LoRA, shutdown } from "@x/layers";
import { engine } from "@x/layers/model";
import { BertForSequenceClassification } from "@x/models-nlp";
import { miniLM } from "@x/example-data/src/packages.ts";
import { fit, textClassification } from "@x/train";

const folder = await miniLM();
const texts = Array.from({ length: 16 }, (_, i) => ({ text: "words ".repeat(200), label: i % 2 }));

/** Megabytes that the engine has asked for after two steps, and what a step took in seconds. */
async function step(rank: number | undefined, blocks: "kept" | "recomputed"): Promise<string> {
  await init(); // a memory of its own
  try {
    using model = await BertForSequenceClassification.fromPretrained(folder, { labels: ["ham", "spam"] });
    const adapter =
      rank === undefined
        ? undefined
        : LoRA.attach(model, { rank, alpha: 2 * rank, targetModules: ["query", "value"], modulesToSave: ["classifier"] });
    const { seconds } = await fit(textClassification(model, { maxLength: 128 }), texts, { steps: 2, adapter, blocks });
    const bytes = engine().memory.memory.buffer.byteLength;
    adapter?.detach();
    return `${(bytes / 1e6).toFixed(0)} MB, ${(seconds / 2).toFixed(1)} s`;
  } finally {
    shutdown();
  }
}

for (const rank of [undefined, 8]) {
  for (const blocks of ["kept", "recomputed"] as const)
    console.log(`${rank === undefined ? "all weights" : `LoRA of rank ${rank}`}, blocks ${blocks}: ${await step(rank, blocks)}`);
}
