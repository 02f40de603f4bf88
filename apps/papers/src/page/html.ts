/** The page: one file, with its pictures inside. */
import { writeFile } from "node:fs/promises";
import { mechanism } from "../draw/mechanism.ts";
import { escaped } from "../draw/tiles.ts";
import { commandOf, told } from "./told.ts";
import type { Paper } from "../paper.ts";
import { type Report, tookOf } from "../report.ts";

const style = `
:root { color-scheme: light }
body { max-width: 60rem; margin: 0 auto; padding: 2rem 1.2rem 6rem; font: 16px/1.55 system-ui, sans-serif; color: #222; background: #fff }
h1 { font-size: 1.9rem; margin-bottom: .2rem } h2 { margin-top: 3.5rem; padding-top: 1.2rem; border-top: 1px solid #ddd } h3 { margin-bottom: .3rem }
svg { max-width: 100%; height: auto; border-radius: 8px } figure { margin: 1.6rem 0 } figcaption { color: #555; font-size: .93rem }
table { border-collapse: collapse } td, th { padding: .3rem .8rem .3rem 0; text-align: left; vertical-align: top; border-bottom: 1px solid #eee }
td:last-child { font-weight: 600 } .faint { color: #666; font-size: .93rem } code { background: #f3f1ec; padding: .1rem .3rem; border-radius: 4px }
`;

export async function writePage(path: string, papers: readonly Paper[], reports: readonly Report[]): Promise<void> {
  const sections = told(papers, reports).map(({ paper, report, scores }) => section(paper, report, scores));
  const html = `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Eight papers, eight runs</title><style>${style}</style>
<h1>Eight papers, eight runs</h1>
<p>Each system trained from nothing on real data, with its paper's own objective and recipe, in small. All scores are of data that no training saw.</p>
<table>${reports.map((report) => `<tr><td><a href="#${report.id}">${report.id}</a></td><td>${escaped(report.score)}</td><td>${report.minutes.core.toFixed(1)} min of one core</td></tr>`).join("")}</table>
${sections.join("\n")}
</html>
`;
  await writeFile(path, html);
}

/** Markers' ids are the page's, so each picture gets its own. */
const own = (svg: string, id: string): string =>
  svg.replaceAll(/\bid="([^"]+)"/g, `id="$1-${id}"`).replaceAll(/url\(#([^)]+)\)/g, `url(#$1-${id})`);

function section(paper: Paper, report: Report, scores: Report["scores"]): string {
  const figures = [
    ...report.figures.map(({ title, caption, svg }) => ({ title, caption, svg })),
    ...report.curves.map(({ title, svg }) => ({ title: "The training", caption: title, svg })),
  ];
  return `<h2 id="${paper.id}">${escaped(paper.title)}</h2>
<p class="faint">${escaped(paper.by)}, <a href="https://arxiv.org/abs/${paper.arXiv}">arXiv:${paper.arXiv}</a></p>
<p>${escaped(paper.idea)}</p>
${own(mechanism(paper.mechanism), paper.id)}
<table>${scores.map(([what, value]) => `<tr><td>${escaped(what)}</td><td>${escaped(value)}</td></tr>`).join("")}</table>
${figures.map(({ title, caption, svg }, i) => `<figure><h3>${escaped(title)}</h3>${own(svg, `${paper.id}-${i}`)}<figcaption>${escaped(caption)}</figcaption></figure>`).join("\n")}
<p><b>Data.</b> ${escaped(paper.data)}</p>
<p><b>Recipe.</b> ${escaped(paper.recipe)}</p>
<p class="faint">${Object.entries(report.models)
    .map(([name, count]) => `${name}: ${(count / 1000).toFixed(0)} thousand parameters`)
    .join(
      "; ",
    )}. Seed ${report.seed}${report.share === 1 ? "" : `, ${report.share} of the steps`}; ${tookOf(report)}; ${escaped(report.machine)}. <code>${commandOf(report)}</code></p>`;
}
