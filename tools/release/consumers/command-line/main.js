// The command line as npm installs it, in Node, and in Deno and Bun where they are: all print the same.
import { execFileSync } from "node:child_process";

const { CHECKPOINT, PICTURE, DENO, BUN } = process.env;
const words = ["classify", "--json", "--top-k", "1", "--model", CHECKPOINT, PICTURE];
const program = "node_modules/@x/cli/dist/main.js";
const labels = [
  ["npx", "--no-install", "x"],
  ...(DENO ? [[DENO, "run", "--allow-all", "--no-lock", program]] : []),
  ...(BUN ? [[BUN, "run", program]] : []),
].map(([command, ...before]) => {
  const [best] = JSON.parse(execFileSync(command, [...before, ...words], { encoding: "utf8" })).labels;
  return `${best.label} ${best.probability.toFixed(5)}`;
});
if (new Set(labels).size > 1) throw new Error(`runtimes differ: ${labels.join(", ")}`);
console.log(`${labels[0]}, ${labels.length} runtimes`);
