/** The file `misc.json`: interpolation, activations, Fourier transform, losses, schedules, MAE's masking. */
import { readFile } from "node:fs/promises";
import {
  activate,
  type Activation,
  crossEntropy,
  fourierMix,
  init,
  interpolate,
  type Interpolation,
  noam,
  noGrad,
  tensor,
} from "@x/layers";
import { randomMasking } from "@x/models-vision";
import { compare, type Comparison } from "../compare.ts";
import { golden, type GoldenTensor, toIntTensor, toTensor } from "../fixture.ts";

const modes: Readonly<Record<string, Interpolation>> = { bicubic: "cubic", bicubic_antialias: "cubicAntialias", bilinear: "linear" };
const activations: Readonly<Record<string, Activation>> = { gelu_erf: "gelu", gelu_new: "geluTanh", quick_gelu: "quickGelu", silu: "silu" };

export async function checkMisc(path: string): Promise<{ rows: Comparison[]; uncovered: string[] }> {
  await init();
  const file = JSON.parse(await readFile(path, "utf8")) as Record<string, unknown>;
  const tensors = new Map(Object.entries(file).flatMap(([key, value]) => golden(key, value)));
  const rows: Comparison[] = [];
  const seen = new Set<string>();
  const need = (key: string): GoldenTensor => tensors.get(key) ?? { shape: [0], data: [] };
  const check = (key: string, actual: ArrayLike<number>, expected = tensors.get(key)): void => {
    seen.add(key);
    if (expected) rows.push(compare("misc", key, actual, expected));
  };

  noGrad(() => {
    for (const [key, { shape }] of tensors) {
      const [found, mode] = /^(bicubic|bicubic_antialias|bilinear)_\d+x\d+$/.exec(key) ?? [];
      if (found !== undefined) check(key, resized(modes[mode ?? ""] ?? "linear", need("bicubic_in"), shape));
      const [scaled, from, to] = /^bicubic_scalefactor_([\d.]+)to([\d.]+)$/.exec(key) ?? [];
      if (scaled !== undefined) check(key, resized("cubic", need("bicubic_in"), shape, Number(from) / Number(to)));
      if (activations[key]) check(key, activate(toTensor(need("act_x")), activations[key]).data);
    }
    if (tensors.has("fft_in")) check("fft2_real", fourierMix(toTensor(need("fft_in"))).data);
    if (tensors.has("ls_logits")) {
      const [logits, labels] = [toTensor(need("ls_logits")), toIntTensor(need("ls_target"))];
      check("ce", crossEntropy(logits, labels).data);
      for (const key of ["ce_ls0.1", "hf_label_smoother_0.1"]) check(key, crossEntropy(logits, labels, { labelSmoothing: 0.1 }).data);
    }
  });
  for (const [key, value] of Object.entries(file)) {
    const [found, hiddenSize, warmup] = /^noam_(\d+)_(\d+)$/.exec(key) ?? [];
    if (found === undefined) continue;
    const schedule = noam(Number(hiddenSize), Number(warmup));
    const points = Object.entries(value as Record<string, number>);
    check(
      key,
      points.map(([step]) => schedule(Number(step))),
      { shape: [points.length], data: points.map(([, rate]) => rate) },
    );
  }
  const kept = file["mae_golden_ids_keep_first49"];
  const noise = file["mae_golden_noise"];
  if (Array.isArray(kept) && Array.isArray(noise)) {
    const { keptIds } = randomMasking(tensor(noise as number[], [1, noise.length]), 1 - kept.length / noise.length);
    check("mae_golden_ids_keep_first49", keptIds.data, { shape: [kept.length], data: kept as number[] });
    seen.add("mae_golden_noise");
  }
  const inputs = new Set(["bicubic_in", "fft_in", "act_x", "ls_logits", "ls_target", "mae_golden_noise"]);
  return {
    rows,
    uncovered: Object.keys(file)
      .filter((key) => !seen.has(key) && !inputs.has(key))
      .map((key) => `misc.json ${key}`),
  };
}

/** x (B, C, H, W) at another height and width. */
function resized(mode: Interpolation, x: GoldenTensor, shape: readonly number[], scale?: number): ArrayLike<number> {
  const [, , height = 1, width = 1] = shape;
  return interpolate(interpolate(toTensor(x), 2, height, mode, scale), 3, width, mode, scale).data;
}
