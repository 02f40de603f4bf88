/** What a paper's run works with: how much of everything, where files go, what is drawn from. */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Rng } from "@x/layers";
import type { FitOptions } from "@x/train";
import type { Report } from "./report.ts";

const TRIAL = 0.05;

export interface LabOptions {
  /** A folder for all papers. */
  readonly folder: string;
  readonly seed: number;
  /** Of the steps: 1. A twentieth and less is a trial, which evaluates with a share, too. */
  readonly share: number;
}

export class Lab {
  /** The paper's own folder. */
  readonly folder: string;
  readonly #options: LabOptions;

  constructor(id: string, options: LabOptions) {
    this.folder = join(options.folder, id);
    this.#options = options;
  }

  /** A generator of its own for each purpose. */
  rng(purpose: number): Rng {
    return new Rng(100 * this.#options.seed + purpose);
  }

  /** At least twenty, in which a loss falls. */
  steps(full: number): number {
    return Math.max(20, Math.round(full * this.#options.share));
  }

  /** All, but in a trial as many of the first, and at least `least`. */
  part<Example>(examples: readonly Example[], least = 2): readonly Example[] {
    return this.#options.share > TRIAL ? examples : examples.slice(0, Math.max(least, Math.round(examples.length * this.#options.share)));
  }

  /** For `fit`: checkpoints, from which a run that was interrupted goes on, and a line now and then. */
  watched(name: string): Pick<FitOptions<never>, "run" | "saveEvery" | "keep" | "onStep"> {
    let [mean, told] = [0, performance.now()];
    return {
      run: join(this.folder, "runs", name),
      saveEvery: 100,
      keep: 1,
      onStep: ({ step, steps, loss, secondsLeft }) => {
        mean = mean === 0 ? loss : mean + 0.05 * (loss - mean);
        if (performance.now() - told < 15_000 && step < steps) return;
        told = performance.now();
        console.log(`  ${name}: step ${step} of ${steps}, loss ${mean.toFixed(4)}, ${Math.ceil(secondsLeft)} s left`);
      },
    };
  }

  /** What another paper's run has found, if it has been run here. */
  async found(id: string): Promise<Report | undefined> {
    const file = join(this.#options.folder, id, "report.json");
    return existsSync(file) ? (JSON.parse(await readFile(file, "utf8")) as Report) : undefined;
  }
}
