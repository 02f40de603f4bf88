/** What is left of a paper's run: all that the page needs. */
export interface Report {
  readonly id: string;
  readonly seed: number;
  /** Of the steps. 1: all. */
  readonly share: number;
  readonly scores: readonly (readonly [what: string, value: string])[];
  readonly score: string;
  readonly curves: readonly Curve[];
  readonly figures: readonly Figure[];
  readonly numbers: Readonly<Record<string, number>>;
  /** The models' names and numbers of parameters. */
  readonly models: Readonly<Record<string, number>>;
  /** Of training alone, and of all. */
  /** By the clock, of which training; and of one core, by which runs on machines that are busy otherwise can be compared. */
  readonly minutes: { readonly all: number; readonly training: number; readonly core: number };
  readonly machine: string;
}

export interface Curve {
  readonly title: string;
  readonly svg: string;
  /** Mean loss of the first tenth of the steps, and of the last. */
  readonly from: number;
  readonly to: number;
}

/** An SVG picture, what it shows, and what can be read from it. */
export interface Figure {
  readonly title: string;
  readonly caption: string;
  readonly svg: string;
}

/** What it took, in words. */
export const tookOf = ({ minutes: { all, training, core } }: Report): string =>
  `${core.toFixed(1)} minutes of one core; ${all.toFixed(1)} by the clock, of which training ${training.toFixed(1)}`;
