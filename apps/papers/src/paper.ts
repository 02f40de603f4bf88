import type { PretrainedModel } from "@x/layers/model";
import type { FitResult } from "@x/train";
import type { Lab } from "./lab.ts";
import type { Figure } from "./report.ts";

/** One of the papers: what it says, and how it is done again in small. */
export interface Paper {
  readonly id: string;
  readonly title: string;
  /** Who and when. */
  readonly by: string;
  /** Of arXiv. */
  readonly arXiv: string;
  /** The mechanism in a few sentences. */
  readonly idea: string;
  /** Its parts in their order; what the paper brought stands out. */
  readonly mechanism: readonly Step[];
  readonly data: string;
  /** What is done as the paper does it, and what is smaller or other. */
  readonly recipe: string;
  /** What is put beside another paper's numbers, if it has been run. Default nothing. */
  readonly beside?:
    | ((own: Numbers, of: (id: string) => Numbers | undefined) => readonly (readonly [what: string, value: string])[])
    | undefined;
  /** Trains, tests, draws. */
  readonly run: (lab: Lab) => Promise<Findings>;
}

export type Numbers = Readonly<Record<string, number>>;

/** A box of a mechanism's picture. */
export interface Step {
  readonly name: string;
  readonly detail?: string | undefined;
  /** What the paper brought. */
  readonly isNew?: true | undefined;
  /** Inside the block that is repeated. */
  readonly isRepeated?: true | undefined;
}

export interface Findings {
  /** What was measured on what no training saw, in words. */
  readonly scores: readonly (readonly [what: string, value: string])[];
  /** The one score that stands for the model. */
  readonly score: string;
  readonly curves: readonly { readonly title: string; readonly fit: FitResult }[];
  readonly figures: readonly Figure[];
  /** What other papers put beside their own. */
  readonly numbers: Numbers;
  /** Models that the playground shows, by the names they have there. The lab frees them. */
  readonly models: Readonly<Record<string, PretrainedModel<object>>>;
}
