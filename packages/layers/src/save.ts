/** Writing, which a page that only reads leaves out: `PretrainedModel` loads it with the first `savePretrained`. */
export { encodeSafetensors, saveSafetensors } from "./checkpoint/save-safetensors.ts";
export { saveWeights, tensorsToSave } from "./checkpoint/save-weights.ts";
export { saveModule } from "./pretrained/save-module.ts";
export { savePretrained } from "./pretrained/save-pretrained.ts";
