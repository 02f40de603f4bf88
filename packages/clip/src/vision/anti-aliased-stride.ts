import { averagePool2d, type Tensor } from "@x/layers";

/**
 * Anti-aliased stride: means over stride × stride pixels, then everything else at stride 1. Zhang 2019; Radford et al. 2021, §2.4.
 * x (B, C, H, W) → (B, C, H / stride, W / stride)
 */
export const antiAliasedStride = (x: Tensor, stride: number): Tensor => (stride > 1 ? averagePool2d(x, stride) : x);
