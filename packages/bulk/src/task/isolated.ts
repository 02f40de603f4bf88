import { isError, type Json } from "@x/layers/model";
import { BadItem, type Cells } from "../row.ts";
import type { Task } from "./task.ts";

/** Runs a task; where items are bad, they are found by halves, and the rest has its results. What isn't about an item (the disk, the memory) is thrown. */
export async function runEach(task: Task, items: readonly Json[], onDone: (items: number) => void): Promise<(Cells | BadItem)[]> {
  const results: (Cells | BadItem)[] = [];
  const { chunk = Math.max(1, items.length) } = task;
  for (let begin = 0; begin < items.length; begin += chunk) {
    const part = items.slice(begin, begin + chunk);
    results.push(...(await runOrHalve(task, part, (done) => onDone(begin + done))));
    onDone(begin + part.length);
  }
  return results;
}

async function runOrHalve(task: Task, items: readonly Json[], onDone: (items: number) => void): Promise<readonly (Cells | BadItem)[]> {
  try {
    return await task.run(items, onDone);
  } catch (error) {
    if (!isAboutAnItem(error)) throw error;
    if (items.length === 1) return [new BadItem(error.message)];
    const half = items.length >> 1;
    const first = await runOrHalve(task, items.slice(0, half), onDone);
    return [...first, ...(await runOrHalve(task, items.slice(half), (done) => onDone(half + done)))];
  }
}

/** By name: it may be of another copy of a package. */
const isAboutAnItem = (error: unknown): error is Error =>
  isError(error) && ["ArgumentError", "ImageError", "TokenizerError", "TypeError", "RangeError"].includes(error.name);
