import type { Verdict } from "../suite/suite.ts";
import type { ContextReport } from "./runtime.ts";

/** A context's report with the name of what it ran in. */
export interface Result extends ContextReport {
  readonly runtime: string;
  readonly version: string;
}

/** Everything that isn't as it must be, one line each; empty when all agrees. */
export function disagreements(results: readonly Result[]): string[] {
  const hashes = firstHashes(results);
  return results.flatMap((result) => {
    const where = [result.runtime, result.context].filter(Boolean).join(", ");
    if ("error" in result.outcome) return [`${where}: ${result.outcome.error}`];
    const refused = result.outcome.violations.map((violation) => `${where}: refused: ${violation}`);
    const pictures = result.outcome.pictures.failures.map((failure) => `${where}: ${failure}`);
    const wrong = result.outcome.runs.flatMap(({ simd, threadsAsked, threads, verdicts }) => {
      const here = `${where}, ${simd}, ${threadsAsked} threads`;
      const due = result.mayShare ? threadsAsked : 1;
      const missing = [...hashes.keys()].filter((name) => !verdicts.some(({ family }) => family === name));
      return [
        ...missing.map((name) => `${here}: ${name} was not run`),
        ...(threads === due ? [] : [`${here}: ${threads} threads work instead of ${due}`]),
        ...verdicts.flatMap(({ family, failures }) => failures.map((failure) => `${here}: ${family}: ${failure}`)),
        ...(simd === "plain" ? verdicts : [])
          .filter(({ family, hash }) => hash !== hashes.get(family))
          .map(({ family }) => `${here}: ${family}: not the same bits as ${results[0]?.runtime} has`),
      ];
    });
    return [...refused, ...pictures, ...wrong];
  });
}

/** Each family's hash under the plain build, from the first context that has one. */
export function firstHashes(results: readonly Result[]): ReadonlyMap<string, string> {
  const hashes = new Map<string, string>();
  for (const { family, hash } of plainVerdicts(results)) if (!hashes.has(family)) hashes.set(family, hash);
  return hashes;
}

const plainVerdicts = (results: readonly Result[]): Verdict[] =>
  results.flatMap(({ outcome }) =>
    "error" in outcome ? [] : outcome.runs.flatMap(({ simd, verdicts }) => (simd === "plain" ? verdicts : [])),
  );
