import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { peers } from "./peers.ts";
import { type RuntimeName, runtimeNames } from "./runtimes/names.ts";
import { suites } from "./suites.ts";

export interface Options {
  readonly suites: readonly string[];
  readonly runtimes: readonly RuntimeName[];
  readonly threads: readonly number[];
  /** Names of peers and baselines: `onnxruntime-web`, `roofline`, `self`… */
  readonly peers: readonly string[];
  readonly rounds: number | undefined;
  readonly quick: boolean;
  readonly json: string | undefined;
  readonly html: string | undefined;
  readonly markdown: string | undefined;
  readonly footprint: string | undefined;
  readonly help: boolean;
}

/** What runs in a fresh process each time; the others are in suites.ts. */
export const freshSuites = ["cold-start", "footprint"] as const;
const suiteNames = [...suites.keys(), ...freshSuites];

/** Who takes part in some cases only: the machine's limit, our own plain way, an FFT. */
const baselines = ["roofline", "self", "pffft"];

export const help: string = `pnpm bench [suite…] [options]
pnpm bench report ROWS.json… [--footprint FILE.json] [--html FILE] [--markdown FILE]   draws what is stored
pnpm bench compare BEFORE.json AFTER.json [--threshold 0.1]    flags ratios that fell by more than that share

Suites (all by default): ${suiteNames.join(", ")}

  --threads 1,2   numbers of threads, each in processes of its own (default 1,2; 1 on a machine with one core)
  --runtimes a,b  where (default node): ${runtimeNames.join(", ")}, or all; what isn't installed is left out
  --peers a,b     whom to compare with (default all): ${[...peers.map(({ name }) => name), ...baselines].join(", ")}
  --repeat N      rounds; in each everybody takes a turn (default: what fits into 20 s, from 5 to 21)
  --quick         small sizes and few rounds: does it run at all?
  --json FILE     write the rows there
  --html FILE     write a page with plots there
  --markdown FILE write a table there
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
  const known = [...peers.map(({ name }) => name), ...baselines];
  return {
    suites: choose("suite", positionals, suiteNames),
    runtimes:
      values.runtimes === "all"
        ? runtimeNames
        : (choose("runtime", values.runtimes?.split(",") ?? ["node"], runtimeNames) as readonly RuntimeName[]),
    threads: values.threads === undefined ? defaultThreads() : values.threads.split(",").map((word) => count("--threads", word)),
    peers: choose("peer", values.peers?.split(",") ?? [], known),
    rounds: values.repeat === undefined ? undefined : count("--repeat", values.repeat),
    quick: values.quick,
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
        repeat: { type: "string" },
        quick: { type: "boolean", default: false },
        json: { type: "string" },
        html: { type: "string" },
        markdown: { type: "string" },
        footprint: { type: "string" },
        help: { type: "boolean", short: "h", default: false },
      },
    }),
  );
}

/** `report`. @throws UsageError */
export function parseReport(words: readonly string[]): {
  readonly files: readonly string[];
  readonly html?: string;
  readonly markdown?: string;
  readonly footprint?: string;
} {
  const options = { html: { type: "string" }, markdown: { type: "string" }, footprint: { type: "string" } } as const;
  const { values, positionals: files } = guarded(() => parseArgs({ args: [...words], allowPositionals: true, options }));
  if ((files.length === 0 && values.footprint === undefined) || (values.html === undefined && values.markdown === undefined)) {
    throw new UsageError("report takes files of rows (or --footprint), and --html or --markdown");
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
