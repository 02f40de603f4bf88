import { contestants } from "../peers.ts";
import { suites } from "../suites.ts";
import type { Measured } from "./bars.ts";
import type { Footprint } from "./footprint.ts";
import { caseNames, inOrder, runtimeIndex, runtimeName } from "./order.ts";
import type { Row } from "./rows.ts";

/**
 * Fresh measurements take the place of old ones: rows of the same case, runtime, number of threads and peer; footprints of the same thing. Versions of a
 * runtime may differ. Rows of cases and peers that are no more go.
 */
export function merge(old: Measured, fresh: Measured): Measured {
  const [rowKeys, footprintKeys] = [new Set(fresh.rows.map(rowKey)), new Set(fresh.footprints.map(footprintKey))];
  const footprints = [...old.footprints.filter((footprint) => !footprintKeys.has(footprintKey(footprint))), ...fresh.footprints];
  return {
    rows: inOrder([...old.rows.filter((row) => !rowKeys.has(rowKey(row)) && isAlive(row)), ...fresh.rows]),
    footprints: footprints.sort((a, b) => runtimeIndex(a.runtime) - runtimeIndex(b.runtime) || a.threads - b.threads),
  };
}

const rowKey = ({ case: name, runtime, threads, peer }: Row): string => JSON.stringify([name, runtimeName(runtime), threads, peer]);
const footprintKey = ({ measure, what, runtime, threads }: Footprint): string =>
  JSON.stringify([measure, what, runtimeName(runtime), threads]);

/** Whether its suite, if it is one of suites.ts, still has the case, and its peer still takes part. */
const isAlive = ({ suite, threads, case: name, peer }: Row): boolean =>
  (!suites.has(suite) || caseNames(suite, threads).includes(name)) && contestants.includes(peer.split(" ")[0] ?? "");
