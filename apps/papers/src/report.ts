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
  readonly minutes: { readonly training: number; readonly all: number };
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
