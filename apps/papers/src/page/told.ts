import type { Paper } from "../paper.ts";
import type { Report } from "../report.ts";

export interface Told {
  readonly paper: Paper;
  readonly report: Report;
  /** The report's, and what the paper puts beside others' numbers. */
  readonly scores: Report["scores"];
}

/** The papers that have been run, in their order. */
export function told(papers: readonly Paper[], reports: readonly Report[]): Told[] {
  const of = (id: string): Report | undefined => reports.find((report) => report.id === id);
  return papers.flatMap((paper) => {
    const report = of(paper.id);
    return report
      ? [{ paper, report, scores: [...report.scores, ...(paper.beside?.(report.numbers, (id) => of(id)?.numbers) ?? [])] }]
      : [];
  });
}

/** What does this run again. */
export const commandOf = ({ id, seed, share }: Report): string =>
  `npm run papers -- ${id}${share === 1 ? "" : ` --share ${share}`}${seed === 1 ? "" : ` --seed ${seed}`}`;
