/** A paper's run from beginning to end: trained, tested, saved, and what the page needs written down. */
import { mkdir, rm, writeFile } from "node:fs/promises";
import { cpus, loadavg } from "node:os";
import { join } from "node:path";
import { curveOf, type HistoryEntry } from "@x/train";
import { Lab, type LabOptions } from "./lab.ts";
import type { Paper } from "./paper.ts";
import type { Report } from "./report.ts";

export interface RunOptions extends LabOptions {
  /** How the kernels run: threads and SIMD. */
  readonly kernels: string;
}

/** @throws UnavailableError where the data can't be had */
export async function runPaper(paper: Paper, options: RunOptions): Promise<Report> {
  const lab = new Lab(paper.id, options);
  const began = { clock: performance.now(), core: process.cpuUsage() };
  await mkdir(lab.folder, { recursive: true });
  const { scores, score, curves, figures, numbers, models } = await paper.run(lab);
  for (const [name, model] of Object.entries(models)) {
    await mkdir(join(lab.folder, "models", name), { recursive: true });
    await model.savePretrained(join(lab.folder, "models", name));
  }
  const { user, system } = process.cpuUsage(began.core);
  const training = curves.reduce((sum, { fit }) => sum + fit.seconds, 0) / 60;
  const report: Report = {
    id: paper.id,
    seed: options.seed,
    share: options.share,
    scores,
    score,
    figures,
    numbers,
    curves: curves.map(({ title, fit }) => ({ title, svg: curveOf(fit.history, title), ...ends(fit.history) })),
    models: Object.fromEntries(Object.entries(models).map(([name, model]) => [name, model.numParameters])),
    minutes: { training, all: Math.max(training, (performance.now() - began.clock) / 60_000), core: (user + system) / 60e6 },
    machine: `${cpus().length} cores (${cpus()[0]?.model.trim() ?? "unknown"}), ${options.kernels}, load ${(loadavg()[1] ?? 0).toFixed(1)}`,
  };
  for (const model of Object.values(models)) model.dispose();
  await writeFile(join(lab.folder, "report.json"), JSON.stringify(report));
  await rm(join(lab.folder, "runs"), { recursive: true, force: true }); // whoever asks again begins anew
  return report;
}

function ends(history: readonly HistoryEntry[]): { readonly from: number; readonly to: number } {
  const losses = history.flatMap((entry) => ("loss" in entry ? [entry.loss] : []));
  const tenth = Math.ceil(losses.length / 10);
  const mean = (some: readonly number[]): number => some.reduce((sum, loss) => sum + loss, 0) / some.length;
  return { from: mean(losses.slice(0, tenth)), to: mean(losses.slice(-tenth)) };
}
