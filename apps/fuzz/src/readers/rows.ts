/** Examples and rows: lines of JSON and tables, as `@x/bulk` and `@x/train` read them; the notes of a training that goes on; what a server is asked. */
import { randomUUID } from "node:crypto";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { XError } from "@x/layers";
import { serve, type Serving } from "@x/serve";
import { readJsonLines } from "@x/train";
import { readCsv } from "@x/train/csv";
import { openSource } from "../../../../packages/bulk/src/source/open-source.ts";
import { RunFolder } from "../../../../packages/cli/src/fine-tune/run-folder.ts";
import { stateIn } from "../../../../packages/train/src/fit/checkpoint.ts";
import { historyFrom } from "../../../../packages/train/src/fit/history.ts";
import { below, type Draw, oneOf } from "../draw.ts";
import { type Bytes, joined, type Json, mutateBytes, mutateJson } from "../mutate.ts";
import { named, pathOf, type Reader, splitName, textOf, utf8 } from "../reader.ts";

/** Nothing that reads by paths leaves files behind. */
async function inFolder(name: string, content: Uint8Array, work: (folder: string) => Promise<void>): Promise<void> {
  const folder = join(tmpdir(), `fuzz-${randomUUID()}`);
  mkdirSync(folder);
  try {
    writeFileSync(join(folder, name), content);
    await work(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const example: Json = { text: 'a \u00e9 "b"', label: 1, list: [1, { a: null }], x: "" };
const lines = (draw: Draw): Bytes =>
  joined(
    ...Array.from({ length: 1 + below(draw, 4) }, () =>
      joined(draw() < 0.5 ? textOf(mutateJson(draw, example)) : textOf(example), utf8("\n")),
    ),
  );
const tables = [
  'text,label\na,1\n"b, ""c""\nd",2\n',
  "a\tb\n1\t2\n",
  "a;b;c\r\n1;2;3\r\n",
  "\uFEFFid,text\n1,x\n",
  "__proto__,a\n1,2\n",
  "a,a\n1,2\n",
];

/** Inputs are a file's ending and the file. */
export function rows(): Reader {
  return {
    name: "rows",
    next(draw) {
      const ending = oneOf(draw, ["jsonl", "csv", "tsv", "txt"]);
      const valid = ending === "jsonl" ? lines(draw) : utf8(oneOf(draw, tables));
      return named(ending, draw() < 0.7 ? mutateBytes(draw, valid) : valid);
    },
    async read(input) {
      const [ending, content] = splitName(input);
      await inFolder(`rows.${ending}`, content, async (folder) => {
        const { rows: found } = await openSource(join(folder, `rows.${ending}`));
        for await (const row of found) JSON.stringify(row);
      });
      if (ending === "jsonl") await readJsonLines(content);
      else await readCsv(content);
    },
  };
}

/** Inputs are a file's name and the file. */
export function runs(): Reader {
  const note: Json = { asked: { task: "a", seed: 1, data: "x", model: null }, outcome: { steps: 3, best: null } };
  const state: Json = {
    step: 3,
    finished: false,
    cursor: { epoch: 0, batch: 3, order: 1, draws: 2 },
    rngs: [{ seed: 1, state: 2 }],
    optimizer: { steps: 3, moved: [3, 3] },
    best: { step: 2, evaluation: { loss: 1 } },
    stale: 0,
    seconds: 1.5,
    settings: { batchSize: 2 },
  };
  const record = [1, 2].map((step) => JSON.stringify({ step, epoch: 0.1, loss: 2, learningRate: 1e-3, gradientNorm: 1 })).join("\n");
  return {
    name: "run of a training",
    next(draw) {
      const [name, content] = oneOf(draw, [
        ["fine-tune.json", textOf(draw() < 0.8 ? mutateJson(draw, note) : note)],
        ["state", textOf(mutateJson(draw, state))],
        ["history.jsonl", utf8(`${record}\n`)],
      ] as const);
      return named(name, draw() < 0.4 || name === "history.jsonl" ? mutateBytes(draw, content) : content);
    },
    async read(input) {
      const [name, content] = splitName(input);
      const text = new TextDecoder().decode(content);
      if (name === "state") stateIn({ label: "a run", metadata: new Map([["fit", text]]) });
      else if (name === "history.jsonl") historyFrom(text, 2);
      else if (name === "fine-tune.json") {
        await inFolder(name, content, async (folder) => {
          await RunFolder.open(folder, { task: "a", seed: 1, data: "x", model: null });
        });
      }
    },
  };
}

/** What a server refused; an answer of 500 and more is no refusal. */
class Refused extends XError {}

/** Inputs are a path and a body. */
export function requestBodies(): Reader {
  const seeds: readonly (readonly [path: string, body: Json])[] = [
    ["/embed", { inputs: ["a", "the whale"], truncate: true, normalize: false, dimensions: 4, prompt_name: "query" }],
    ["/v1/embeddings", { input: ["a", "b"], encoding_format: "base64", dimensions: 3, model: "a" }],
    ["/rerank", { query: "a", texts: ["a", "b"], raw_scores: true, return_text: true, truncate: true }],
    ["/predict", { inputs: [["a"], ["a", "b"]], truncate: true }],
  ];
  let serving: Promise<Serving> | undefined;
  const places = [pathOf("models-nlp/golden/sentence_mpnet"), pathOf("models-nlp/golden/rerank")];
  return {
    name: "request",
    next(draw) {
      const [path, body] = oneOf(draw, seeds);
      const changed = textOf(mutateJson(draw, body));
      return named(path, draw() < 0.2 ? mutateBytes(draw, changed) : changed);
    },
    async read(input) {
      const [path, content] = splitName(input);
      const server = await (serving ??= serve(places, { threads: 1, maxBody: 20_000, maxInputs: 8 }));
      const response = await server.fetch(
        new Request(`http://localhost${path.startsWith("/") ? path : "/"}`, { method: "POST", body: content }),
      );
      const told = await response.text();
      JSON.parse(told);
      if (response.status >= 500) throw new RangeError(told);
      if (response.status >= 400) throw new Refused(told);
    },
  };
}
