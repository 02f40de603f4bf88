/** DINOv2, Oquab et al. 2024, as Hugging Face's library has it: a ViT with LayerScale, whose heads see the class token beside the mean of the patches. */
import { CheckpointError } from "@x/layers";
import { configFrom, hubConfigOf, type JsonObject } from "@x/layers/model";
import { viTChoices, type ViTConfig, viTDefaults } from "./config.ts";
import { fittingRatio, gatedSize } from "./is-dinov2.ts";

/** What Hugging Face fills in for keys that a `config.json` leaves out. */
const defaults = { ...viTDefaults, layerNormEps: 1e-6, layerscaleValue: 1, mlpRatio: 4 };

/** @param found `config.json` in camelCase, with `numLabels` */
export function dinoV2Config(found: JsonObject): ViTConfig {
  const hasRegisters = found["modelType"] === "dinov2_with_registers";
  const own = hasRegisters ? { ...defaults, numRegisterTokens: 4 } : { ...defaults, patchSize: 14 };
  const { mlpRatio, ...config } = configFrom<typeof own>(own, found, { ...viTChoices, imageSize: undefined }); // it only runs with squares there
  const { hiddenSize, useSwigluFfn } = config;
  const whole = {
    ...config,
    intermediateSize: useSwigluFfn ? gatedSize(hiddenSize, mlpRatio) : Math.trunc(hiddenSize * mlpRatio),
    pooling: "clsMean",
    positions: hasRegisters ? "class" : "all",
    positionInterpolation: hasRegisters ? "cubicAntialias" : "cubic",
  };
  return configFrom<ViTConfig>(viTDefaults, whole, viTChoices);
}

/** @throws CheckpointError when it couldn't be followed there */
export function dinoV2HubConfig(config: ViTConfig): JsonObject {
  if (typeof config.imageSize !== "number")
    throw new CheckpointError("imageSize can't be saved: Hugging Face's DINOv2 only runs with squares", {
      found: JSON.stringify(config.imageSize),
    });
  const { pooling: _1, finalNorm: _2, classToken: _3, positions: _4, preNorm: _5, branchNorm: _6, distilled: _7, ...known } = config;
  const { numLabels, intermediateSize: _8, numRegisterTokens, ...shared } = known;
  const registers = numRegisterTokens > 0;
  const mlpRatio = fittingRatio(config) ?? 0;
  const own = registers ? { ...shared, mlpRatio, numRegisterTokens } : { ...shared, mlpRatio, useMaskToken: false };
  const name = `${registers ? "Dinov2WithRegisters" : "Dinov2"}${numLabels === 0 ? "Model" : "ForImageClassification"}`;
  return hubConfigOf(own, name, registers ? "dinov2_with_registers" : "dinov2");
}
