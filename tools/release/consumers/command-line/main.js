// The command line as npm installs it, in Node, and in Deno and Bun where they are: all print the same, and a server ends when it is told to.
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync, rmSync, writeFileSync } from "node:fs";

const { CHECKPOINT, PICTURE, ENCODER, DENO, BUN } = process.env;
const program = "node_modules/@x/cli/dist/main.js";
const runtimes = [
  ["node_modules/.bin/x"],
  ...(DENO ? [[DENO, "run", "--allow-all", "--no-lock", program]] : []),
  ...(BUN ? [[BUN, "run", program]] : []),
];
const sentences = ["the whale", "a ship"];
writeFileSync("rows.jsonl", sentences.map((text) => `${JSON.stringify({ text })}\n`).join(""));

const told = [];
for (const [command, ...before] of runtimes) {
  const records = (words, input = "") =>
    execFileSync(command, [...before, ...words, "--json"], { encoding: "utf8", input })
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
  const [{ labels }] = records(["classify", "--top-k", "1", "--model", CHECKPOINT, PICTURE]);
  const [{ class: name, parameters }] = records(["inspect", "--model", ENCODER]);
  const ids = records(["tokenize", "--model", ENCODER], sentences.join("\n")).map((record) => record.ids);
  const vectors = records(["embed", "--model", ENCODER, "--threads", "1"], sentences.join("\n")).map(({ embedding }) => embedding);
  rmSync("vectors.jsonl", { force: true });
  rmSync("vectors.jsonl.parts", { force: true, recursive: true });
  const [{ rows, failed }] = records(["bulk", "--model", ENCODER, "--out", "vectors.jsonl", "embed", "rows.jsonl"]);
  const kept = readFileSync("vectors.jsonl", "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line).embedding);
  const [served, end] = await answerOf(command, before);
  const wrong = spawnSync(command, [...before, "embed", "--modle", ENCODER], { encoding: "utf8" });
  const [best] = labels;
  told.push({
    label: `${best.label} ${best.probability.toFixed(5)}`,
    rest: JSON.stringify([name, parameters, ids, rows, failed, ...[vectors, kept, served].map(rounded), end, wrong.status, wrong.stderr]),
  });
}
const [first] = told;
for (const { label, rest } of told)
  if (label !== first.label || rest !== first.rest) throw new Error(`runtimes differ: ${JSON.stringify(told, undefined, 1)}`);
const [, , , rows, failed, vectors, kept, served, end, status] = JSON.parse(first.rest);
const same = [kept, served].every((others) => JSON.stringify(others) === JSON.stringify(vectors));
if (!same || rows !== 2 || failed !== 0 || end !== 0 || status !== 2) throw new Error(first.rest);
console.log(`${first.label}, six commands in ${told.length} runtimes`);

/** What a server answers, and how it ends when it is told to. */
async function answerOf(command, before) {
  const server = spawn(command, [...before, "serve", "--model", ENCODER, "--port", "0", "--threads", "1", "--json"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(server, "exit");
  const [line] = await once(server.stdout, "data");
  const { address } = JSON.parse(line);
  const response = await fetch(`${address}/embed`, { method: "POST", body: JSON.stringify({ inputs: sentences }) });
  const answer = await response.json();
  server.kill("SIGINT");
  return [answer, (await ended)[0]];
}

/** The last digits may be others elsewhere. */
function rounded(lists) {
  return lists.map((vector) => vector.map((value) => Math.round(1000 * value)));
}
