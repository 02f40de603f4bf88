/** Convolution and batch norm as one, at inference. */
import { Floats, FloatsOut } from "./parts/operands";
import { loadTail, storeTail } from "./simd/lanes";

/**
 * A convolution and the inference-time norm behind it as one: folded (C, k + 1) = each of the weight's rows (C, k) times w_c·ρ_c, then b_c - μ_c·w_c·ρ_c,
 * which is the row's bias. Units: rows, C.
 * @units channels
 * @cost 2 * k
 */
export function foldBatchNorm(
  kernel: Floats, mean: Floats, variance: Floats, weight: Floats, bias: Floats, folded: FloatsOut, k: i32, epsilon: f32, begin: i32, end: i32,
): void {
  for (let row = begin; row < end; row++) {
    const channel: usize = row << 2;
    const scale = load<f32>(weight + channel) / sqrt(load<f32>(variance + channel) + epsilon);
    const from = kernel + <usize>row * (k << 2);
    const to = folded + <usize>row * ((k + 1) << 2);
    for (let i = 0; i < k; i += 4) {
      const o: usize = i << 2;
      const lanes = min(4, k - i);
      storeTail(to + o, f32x4.mul(loadTail(from + o, lanes, 0), f32x4.splat(scale)), lanes);
    }
    store<f32>(to + (<usize>k << 2), load<f32>(bias + channel) - load<f32>(mean + channel) * scale);
  }
}
