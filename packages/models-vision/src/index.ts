export { type ViTConfig, viTDefaults } from "./vit/config.ts";
export { viTPreset } from "./vit/presets.ts";
export { ViT, viTBlock } from "./vit/vit.ts";
export { attentionMap, attentionRollout } from "./attention-rollout.ts";
