/** Loads a checkpoint into a model through its name tables, and says what it found. */

import type { Checkpoint } from "./contents.ts";
import { CheckpointError, listed } from "../files/checkpoint-error.ts";
import { type Match, matchWeights, type Mismatch } from "./match-weights.ts";
import { matchesAny, NamePattern } from "./name-pattern.ts";
import type { Progress } from "../files/source-file.ts";
import type { Destination } from "./transfer.ts";
import { aFlag, aFunction, aSignal, aText, many, type RulesOf } from "../options.ts";
import type { WeightLayout } from "./weight-table.ts";

export interface LoadOptions {
  /**
   * Whether missing parameters and unexpected entries are errors. Default true, but for entries of modules that the model doesn't have, where the file is of a
   * library that only warns of them: a note tells.
   */
  readonly strict?: boolean | undefined;
  /** Patterns of parameters that the file shall not fill, and of entries to pass over: `["head.*"]` for a new head. Default none. */
  readonly ignore?: readonly string[] | undefined;
  /** Don't fill parameters whose entry has another shape, instead of an error. Default false. */
  readonly ignoreMismatched?: boolean | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

export const loadRules: RulesOf<LoadOptions> = {
  strict: aFlag,
  ignore: many(aText),
  ignoreMismatched: aFlag,
  onProgress: aFunction,
  signal: aSignal,
};

/** What was loaded and what wasn't. Parameters go by their paths in the model, entries by their keys in the file. */
export interface LoadReport {
  /** Which of the layouts the file has. */
  readonly layout: string;
  readonly loaded: readonly string[];
  /** Parameters that were to be passed over. */
  readonly ignored: readonly string[];
  /** Parameters that the file doesn't have. */
  readonly missing: readonly string[];
  /** Entries that no parameter takes. */
  readonly unexpected: readonly string[];
  /** Parameters whose entry has another shape. */
  readonly mismatched: readonly Mismatch[];
}

/** What becomes of parameters that no entry fills. */
export interface Unfilled {
  /** Patterns of parameters that may be missing, strict or not. Default none. */
  readonly mayBeMissing?: readonly string[] | undefined;
  /** Whether there may be entries of modules that nothing else in the file lies in, unless strictness is asked for. Default false. */
  readonly mayBeBeside?: boolean | undefined;
  /** Called when all has been checked, before anything is read. Default: they stay as they were. */
  readonly prepare?: ((report: LoadReport) => void) | undefined;
}

/**
 * Finds out which of the layouts the checkpoint has, and reads it into the parameters.
 * @throws CheckpointError listing all that is missing, unexpected or of another shape (the first 20 of each, and the count), or that no
 * layout fits; nothing is written then
 */
export async function loadWeights(
  parameters: ReadonlyMap<string, Destination>,
  checkpoint: Checkpoint,
  layouts: readonly WeightLayout[],
  options: LoadOptions = {},
  { mayBeMissing = [], mayBeBeside = false, prepare }: Unfilled = {},
): Promise<LoadReport> {
  const { strict = true, ignore = [], ignoreMismatched = false, onProgress, signal } = options;
  const match = bestMatch(parameters, checkpoint, layouts, ignore);
  const excused = mayBeMissing.map((text) => new NamePattern(text));
  const missed = match.missing.filter(({ parameter }) => !matchesAny(excused, parameter));
  const problems: string[] = [];
  if (strict && missed.length > 0) {
    problems.push(`${missed.length} missing: ${listed(missed.map(({ parameter, key }) => `${parameter} (${key})`))}`);
  }
  const extra = mayBeBeside && options.strict !== true ? insideOf(match) : match.unexpected;
  if (strict && extra.length > 0) problems.push(`${extra.length} unexpected: ${listed(extra)}`);
  if (!ignoreMismatched && match.mismatched.length > 0) {
    const shapes = match.mismatched.map(
      ({ parameter, key, expected, found }) => `${parameter} (${key}): expected ${expected}, found ${found}`,
    );
    problems.push(`${shapes.length} of another shape: ${listed(shapes)}`);
  }
  if (problems.length > 0) {
    throw new CheckpointError(`the checkpoint (layout "${match.layout.name}") doesn't fit the model\n${problems.join("\n")}`, {
      file: checkpoint.label,
    });
  }
  const { layout, loaded, ignored, missing, unexpected, mismatched } = match;
  const report = { layout: layout.name, loaded, ignored, missing: missing.map(({ parameter }) => parameter), unexpected, mismatched };
  prepare?.(report);
  await checkpoint.readInto(match.targets, { onProgress, signal });
  return report;
}

/** Those unexpected entries that lie in a module that is filled: the model would compute otherwise with them. */
function insideOf({ layout: { basePrefix = "" }, targets, unexpected }: Match): readonly string[] {
  const outermost = (name: string): string | undefined =>
    /^[^.]+(?=\.)/.exec(name.startsWith(basePrefix) ? name.slice(basePrefix.length) : name)?.[0];
  const filled = new Set(targets.map(([name]) => outermost(name)));
  return unexpected.filter((name) => (basePrefix !== "" && name.startsWith(basePrefix)) || filled.has(outermost(name)));
}

/** The layout that leaves the least missing and unexpected; the first of equals. */
function bestMatch(
  parameters: ReadonlyMap<string, Destination>,
  checkpoint: Checkpoint,
  layouts: readonly WeightLayout[],
  ignore: readonly string[],
): Match {
  const matches = layouts.map((layout) => matchWeights(parameters, checkpoint.entries, layout, ignore));
  const score = ({ loaded, mismatched, unexpected }: Match): number => loaded.length + mismatched.length - unexpected.length / 1e6;
  const [best] = matches.toSorted((a, b) => score(b) - score(a));
  if (best && (best.loaded.length > 0 || best.mismatched.length > 0 || parameters.size === 0)) return best;
  throw new CheckpointError("none of the known layouts fits", {
    file: checkpoint.label,
    expected: layouts.map(({ name }) => name).join(" or "),
    found: `keys such as ${listed([...checkpoint.entries.keys()].slice(0, 5))}`,
  });
}
