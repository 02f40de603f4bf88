import type { PretrainedModel } from "@x/layers/model";

export interface Trained {
  readonly model: PretrainedModel<object>;
  /** How good it is on what it never saw. */
  readonly score: string;
  readonly alongside?: ReadonlyMap<string, Uint8Array<ArrayBuffer>> | undefined;
}
