/** Rows as tables. */
import { peers } from "../peers.ts";
import { runtimeTitle } from "../runtimes/names.ts";
import { type Cell, numbers, type Table, words } from "./blocks.ts";
import type { Row } from "./rows.ts";
import { milliseconds } from "./table.ts";

const libraries: readonly string[] = peers.map(({ name }) => name);

/** Whether a row compares with another library, not with ourselves or with the machine. */
export const isLibrary = ({ peer }: Pick<Row, "peer">): boolean => libraries.includes(peer);

/** What somebody else needed: our advantage and its time. */
export const against = ({ ratio, peerMs }: Row): Cell => ({
  text: `${ratioText(ratio)}× (${milliseconds(peerMs)})`,
  tone: ratio >= 1 ? "good" : "poor",
});

/** "1.82", "14.6", "203": three digits. */
export const ratioText = (ratio: number): string => ratio.toFixed(ratio < 9.995 ? 2 : ratio < 99.95 ? 1 : 0);

/** Beside other libraries: a line a case, runtime and number of threads; a column a library. */
export function libraryTable(rows: readonly Row[]): Table {
  const shown = libraries.filter((library) => rows.some(({ peer }) => peer === library));
  const cases = [...Map.groupBy(rows.filter(isLibrary), (row) => JSON.stringify([row.case, row.runtime, row.threads])).values()];
  return {
    kind: "table",
    columns: [words(""), words("runtime"), numbers("threads"), numbers("@x, ms"), ...shown.map(numbers)],
    lines: cases.map((its) => {
      const [first] = its as [Row];
      const cells = shown.map((library) => its.find(({ peer }) => peer === library)).map((row) => (row ? against(row) : ""));
      return [first.case, runtimeTitle(first.runtime), String(first.threads), milliseconds(first.oursMs), ...cells];
    }),
  };
}

/** Beside ourselves and the machine: a line a row. */
export function baselineTable(rows: readonly Row[]): Table {
  return {
    kind: "table",
    columns: [words(""), words("runtime"), numbers("threads"), numbers("@x, ms"), words("beside"), numbers("its ms"), numbers("ratio")],
    lines: rows
      .filter((row) => !isLibrary(row))
      .map((row) => [
        row.case,
        runtimeTitle(row.runtime),
        String(row.threads),
        milliseconds(row.oursMs),
        row.peer,
        milliseconds(row.peerMs),
        ratioText(row.ratio),
      ]),
  };
}

/** Everything that is known. */
export function numbersTable(rows: readonly Row[]): Table {
  const spread = ([low, high]: Row["oursSpread"]): string => `${milliseconds(low)}–${milliseconds(high)}`;
  const some = ["threads", "@x, ms", "quartiles"].map(numbers);
  return {
    kind: "table",
    columns: [
      words(""),
      words("runtime"),
      ...some,
      words("beside"),
      ...["its ms", "quartiles", "ratio", "largest difference", "machine's noise"].map(numbers),
    ],
    lines: rows.map((row) => [
      row.case,
      runtimeTitle(row.runtime),
      String(row.threads),
      milliseconds(row.oursMs),
      spread(row.oursSpread),
      row.peer,
      milliseconds(row.peerMs),
      spread(row.peerSpread),
      `${ratioText(row.ratio)}${row.disturbed ? ", disturbed" : ""}`,
      row.maxAbsDiff === 0 ? "" : row.maxAbsDiff.toExponential(1),
      row.noise === undefined ? "" : `${(100 * row.noise).toFixed(0)} %`,
    ]),
  };
}
