import type { Row } from "./rows.ts";
import { milliseconds } from "./table.ts";

/** Rows as a Markdown table: a line a case, a column a peer. */
export function markdown(rows: readonly Row[]): string {
  const peers = [...new Set(rows.map(({ peer }) => peer))];
  const cases = [...Map.groupBy(rows, ({ case: name, threads, runtime }) => JSON.stringify([name, threads, runtime])).values()];
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [
    line(["", "runtime", "threads", "@x, ms", ...peers.map((peer) => `× ${peer}`)]),
    line(["---", "---", "--:", "--:", ...peers.map(() => "--:")]),
    ...cases.map((its) => {
      const [first] = its as [Row];
      const ratios = peers.map((peer) => its.find((row) => row.peer === peer)?.ratio.toFixed(2) ?? "");
      return line([first.case, first.runtime, String(first.threads), milliseconds(first.oursMs), ...ratios]);
    }),
    "",
  ].join("\n");
}
