/** A program: from before a library's import to the first output, in a process that has done nothing else. */
import { runProgram } from "../runtimes/program.ts";
import { growthOfProcess } from "./memory.ts";
import type { FirstOutput, FreshReport, FreshTask } from "./task.ts";

await runProgram<FreshTask, FreshReport>(async (task, tell) => {
  const grown = await growthOfProcess();
  const begin = performance.now();
  const { output, tensorBytes, simd } = await firstOutput(task);
  const ms = performance.now() - begin;
  await tell({ ms, output: [...(output ?? [])], tensorBytes, simd, processBytes: grown?.() });
});

async function firstOutput(task: FreshTask): Promise<FirstOutput> {
  switch (task.contender) {
    case "ours":
      return (await import("./ours.ts")).firstOutput(task);
    case "onnxruntime-web":
      return (await import("./onnxruntime-web.ts")).firstOutput(task);
    case "onnxruntime-node":
      return (await import("./onnxruntime-node.ts")).firstOutput(task);
    case "tfjs-wasm":
      return (await import("./tfjs.ts")).firstOutput(task);
  }
}
