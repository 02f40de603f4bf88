import type { ServedModel } from "../served-model.ts";

/** What an endpoint works with. */
export interface Answering {
  readonly models: readonly ServedModel[];
  readonly signal: AbortSignal;
  readonly limits: { readonly maxInputs: number };
}
