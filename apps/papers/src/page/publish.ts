/** The same as a page of the documentation: docs/papers.md, its pictures in docs/images/papers. */
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { mechanism } from "../draw/mechanism.ts";
import type { Paper } from "../paper.ts";
import { type Report, tookOf } from "../report.ts";
import { commandOf, told } from "./told.ts";

export async function publish(docs: string, papers: readonly Paper[], reports: readonly Report[]): Promise<void> {
  const images = join(docs, "images/papers");
  await rm(images, { recursive: true, force: true });
  await mkdir(images, { recursive: true });
  const picture = async (name: string, title: string, svg: string): Promise<string> => {
    await writeFile(join(images, `${name}.svg`), svg);
    return `![${title}](images/papers/${name}.svg)`;
  };
  const known = told(papers, reports);
  const sections: string[] = [];
  for (const { paper, report, scores } of known) {
    const figures: string[] = [];
    for (const [i, { title, caption, svg }] of report.figures.entries())
      figures.push(`**${title}.** ${caption}`, await picture(`${paper.id}-${i + 1}`, title, svg));
    for (const [i, { title, svg }] of report.curves.entries()) figures.push(await picture(`${paper.id}-curve-${i + 1}`, title, svg));
    const models = Object.entries(report.models).map(([name, count]) => `${name}, ${(count / 1000).toFixed(0)} thousand parameters`);
    sections.push(
      `## ${paper.title}`,
      `${paper.by}, [arXiv:${paper.arXiv}](https://arxiv.org/abs/${paper.arXiv}). ${paper.idea}`,
      await picture(`${paper.id}-mechanism`, paper.mechanism.map(({ name }) => name).join(", "), mechanism(paper.mechanism)),
      table(["measured", ""], scores),
      ...figures,
      `**Data.** ${paper.data}`,
      `**Recipe.** ${paper.recipe}`,
      `\`${commandOf(report)}\`: seed ${report.seed}${report.share === 1 ? "" : `, ${report.share} of the steps`}; ${tookOf(report)}, on ${report.machine}. Models: ${models.join("; ")}.`,
    );
  }
  const summary = known.map(
    ({ paper, report }) => [`[${paper.id}](https://arxiv.org/abs/${paper.arXiv})`, report.score, report.minutes.core.toFixed(1)] as const,
  );
  const together = known.reduce((sum, { report }) => sum + report.minutes.core, 0);
  const text = [
    "# Eight papers, eight runs",
    `Each system trained from nothing on real data, with its paper's own objective and recipe, in small. All scores are of data that no training saw. Together they took ${together.toFixed(0)} minutes of one core; as many run at a time as there are cores. Written by \`npm run papers -- --publish\`; the recipes are in [apps/papers](../apps/papers).`,
    table(["", "what it reaches", "minutes of one core"], summary),
    ...sections,
  ];
  await writeFile(join(docs, "papers.md"), `${text.join("\n\n")}\n`);
}

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => "---"), ...rows]
    .map((cells) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|").replaceAll("<", "&lt;")).join(" | ")} |`)
    .join("\n");
