import { type Choices, completed } from "@x/layers/model";
import { swinChoices, type SwinConfig, swinDefaults, swinDefaultsFor } from "../swin/config.ts";

/** A Swin Transformer V2's shape: Swin's, and what its windows were before. */
export interface SwinV2Config extends SwinConfig {
  /** For each stage, side of the windows that the position biases were trained for; 0 where those are `windowSize`'s. They carry over to other sizes by it. */
  readonly pretrainedWindowSizes: readonly number[];

  /** Whether maps that fit in a window are padded to its size, not cut by a smaller one. timm's option. */
  readonly alwaysPartition: boolean;
}

/** SwinV2-T, as Hugging Face fills in keys that a `config.json` leaves out. */
export const swinV2Defaults: SwinV2Config = { ...swinDefaults, pretrainedWindowSizes: [0, 0, 0, 0], alwaysPartition: false };

export const swinV2Choices: Choices<SwinV2Config> = swinChoices;

/** Fills in the defaults. @throws ArgumentError when a setting makes no sense */
export const swinV2Config = (given: Partial<SwinV2Config>): SwinV2Config =>
  completed("SwinV2", { ...swinV2Defaults, windowSize: swinDefaultsFor(given.windowSize).windowSize }, given, swinV2Choices);
