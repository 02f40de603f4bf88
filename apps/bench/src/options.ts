import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import type { Simd } from "@x/core-wasm";
import { contestants } from "./peers.ts";
import { type RuntimeName, runtimeNames } from "./runtimes/names.ts";
import { suites } from "./suites.ts";

export interface Options {
  readonly suites: readonly string[];
  readonly runtimes: readonly RuntimeName[];
  readonly threads: readonly number[];
  /** Names of peers and baselines: `onnxruntime-web`, `roofline`, `self`… */
  readonly peers: readonly string[];
  /** How our kernels run; undefined: as they do by themselves. */
  readonly simd: Simd | undefined;
  /** Cases whose names match; undefined: all. */
  readonly cases: string | undefined;
  readonly rounds: number | undefined;
  /** How long the rounds of a case may take. */
  readonly seconds: number | undefined;
  readonly quick: boolean;
  readonly short: boolean;
  readonly publish: boolean;
  readonly json: string | undefined;
  readonly html: string | undefined;
  readonly markdown: string | undefined;
  readonly footprint: string | undefined;
  readonly help: boolean;
}

/** What runs in a fresh process each time; the others are in suites.ts. */
export const freshSuites = ["cold-start", "footprint"] as const;
const suiteNames = [...suites.keys(), ...freshSuites];

const SHORT_SECONDS = 3;
const simdModes: readonly Simd[] = ["plain", "relaxed", "wide"];

export const help: string = `pnpm bench [suite…] [options]
pnpm bench report [ROWS.json…] [--footprint FILE.json] [--publish] [--html FILE] [--markdown FILE]   draws what is stored
                                                               (default: what has been published)
pnpm bench compare BEFORE.json AFTER.json [--threshold 0.1]    flags ratios that fell by more than that share

Suites (all by default): ${suiteNames.join(", ")}

  --threads 1,2   numbers of threads, each in processes of its own (default 1,2; 1 on a machine with one core)
  --runtimes a,b  where (default node): ${runtimeNames.join(", ")}, or all; what isn't installed is left out
  --peers a,b     whom to compare with (default all): ${contestants.join(", ")}
  --simd MODE     plain, relaxed or wide (default: the faster of the first two); wide in node is the runtime node-wide
  --cases REGEX   those whose names match (default: all)
  --repeat N      rounds; in each everybody takes a turn (default: what fits into --seconds, from 3 to 21)
  --seconds N     how long the rounds of a case may take, if three fit in (default 20; 3 with --short)
  --short         for other runtimes: without long cases, and without those that compare us with ourselves
  --quick         small sizes and few rounds: does it run at all?
  --publish       keep the rows in docs/, in place of those of the same cases, runtimes and threads; write docs/benchmarks.md and the README's table
  --json FILE     write the rows there
  --html FILE     write a page with plots there
  --markdown FILE write the tables there
  --footprint FILE  write what the suite footprint weighed there
  --help          print this

Ratios are peer ÷ ours in time: above 1, ours is faster. Exits with 1 when outputs differ or a case fails.`;

/** A command line that makes no sense. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** @throws UsageError */
export function parseOptions(words: readonly string[]): Options {
  const { values, positionals } = parse(words);
  if (values.publish && (values.quick || values.simd !== undefined)) {
    throw new UsageError(
      "--publish takes no --quick and no --simd: what is kept is whole, and runs as it does by itself; node-wide is a runtime",
    );
  }
  const runtimes =
    values.runtimes === "all"
      ? runtimeNames
      : (choose("runtime", values.runtimes?.split(",") ?? ["node"], runtimeNames) as readonly RuntimeName[]);
  return {
    suites: choose("suite", positionals, suiteNames),
    runtimes: values.simd === "wide" ? runtimes.map((name) => (name === "node" ? "node-wide" : name)) : runtimes,
    threads: values.threads === undefined ? defaultThreads() : values.threads.split(",").map((word) => count("--threads", word)),
    peers: choose("peer", values.peers?.split(",") ?? [], contestants),
    simd: values.simd === undefined ? undefined : (choose("SIMD mode", [values.simd], simdModes)[0] as Simd),
    cases: values.cases === undefined ? undefined : pattern(values.cases),
    rounds: values.repeat === undefined ? undefined : count("--repeat", values.repeat),
    seconds: values.seconds === undefined ? (values.short ? SHORT_SECONDS : undefined) : count("--seconds", values.seconds),
    quick: values.quick,
    short: values.short,
    publish: values.publish,
    json: values.json,
    html: values.html,
    markdown: values.markdown,
    footprint: values.footprint,
    help: values.help,
  };
}

function parse(words: readonly string[]) {
  return guarded(() =>
    parseArgs({
      args: words.filter((word) => word !== "--"), // pnpm may hand it on
      allowPositionals: true,
      options: {
        runtimes: { type: "string" },
        threads: { type: "string" },
        peers: { type: "string" },
        simd: { type: "string" },
        cases: { type: "string" },
        repeat: { type: "string" },
        seconds: { type: "string" },
        quick: { type: "boolean", default: false },
        short: { type: "boolean", default: false },
        publish: { type: "boolean", default: false },
        json: { type: "string" },
        html: { type: "string" },
        markdown: { type: "string" },
        footprint: { type: "string" },
        help: { type: "boolean", short: "h", default: false },
      },
    }),
  );
}

export interface ReportOptions {
  /** Of rows; empty: those that have been published. */
  readonly files: readonly string[];
  readonly publish: boolean;
  readonly html?: string;
  readonly markdown?: string;
  readonly footprint?: string;
}

/** `report`. @throws UsageError */
export function parseReport(words: readonly string[]): ReportOptions {
  const path = { type: "string" } as const;
  const options = { html: path, markdown: path, footprint: path, publish: { type: "boolean", default: false } } as const;
  const { values, positionals: files } = guarded(() => parseArgs({ args: [...words], allowPositionals: true, options }));
  if (values.html === undefined && values.markdown === undefined && !values.publish) {
    throw new UsageError("report takes --html, --markdown or --publish");
  }
  return { files, ...values };
}

/** `compare`. @throws UsageError */
export function parseCompare(words: readonly string[]): { readonly before: string; readonly after: string; readonly threshold: number } {
  const { values, positionals } = guarded(() =>
    parseArgs({ args: [...words], allowPositionals: true, options: { threshold: { type: "string", default: "0.1" } } }),
  );
  const [before, after] = positionals;
  const threshold = Number(values.threshold);
  if (before === undefined || after === undefined || positionals.length > 2) throw new UsageError("compare takes two files of rows");
  if (!(threshold > 0 && threshold < 1)) throw new UsageError(`--threshold takes a share between 0 and 1, but found "${values.threshold}"`);
  return { before, after, threshold };
}

/** What parseArgs refuses is a UsageError. */
function guarded<Parsed>(parseWords: () => Parsed): Parsed {
  try {
    return parseWords();
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

/** What can be made a regular expression of. */
function pattern(word: string): string {
  guarded(() => new RegExp(word, "u"));
  return word;
}

const defaultThreads = (): number[] => (availableParallelism() > 1 ? [1, 2] : [1]);

function choose(what: string, words: readonly string[], known: readonly string[]): readonly string[] {
  const strangers = words.filter((word) => !known.includes(word));
  if (strangers.length > 0) throw new UsageError(`there is no ${what} ${strangers.join(", ")}; there are ${known.join(", ")}`);
  return words.length > 0 ? words : known;
}

function count(option: string, word: string): number {
  const number = Number(word);
  if (!Number.isInteger(number) || number < 1) throw new UsageError(`${option} takes whole numbers from 1 on, but found "${word}"`);
  return number;
}
