import { peers } from "../peers.ts";
import { runtimeNames } from "../runtimes/names.ts";
import { casesOf, suites } from "../suites.ts";
import type { Row } from "./rows.ts";

/** Rows in the order in which suites, runtimes, cases, numbers of threads and peers are known, whatever was measured when. */
export const inOrder = (rows: readonly Row[]): Row[] => rows.toSorted(compare);

/** The names of a suite's cases; of a suite that isn't in suites.ts, none. */
export const caseNames = (suite: string, threads: number): readonly string[] =>
  casesOf(suite, { threads, quick: false, short: false }).map(({ name }) => name);

/** "node20 20.20.2" → "node20" */
export const runtimeName = (runtime: string): string => runtime.split(" ")[0] ?? "";

export const runtimeIndex = (runtime: string): number => index(runtimeNames, runtimeName(runtime));

const suiteNames: readonly string[] = [...suites.keys()];
const peerNames: readonly string[] = peers.map(({ name }) => name);
const index = (names: readonly string[], name: string): number => (names.includes(name) ? names.indexOf(name) : names.length);
const caseIndex = ({ suite, threads, case: name }: Row): number => index(caseNames(suite, threads), name);

const compare = (a: Row, b: Row): number =>
  index(suiteNames, a.suite) - index(suiteNames, b.suite) ||
  runtimeIndex(a.runtime) - runtimeIndex(b.runtime) ||
  caseIndex(a) - caseIndex(b) ||
  a.threads - b.threads ||
  index(peerNames, a.peer) - index(peerNames, b.peer);
