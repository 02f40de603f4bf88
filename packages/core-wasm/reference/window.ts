/** Specification of assembly/window.ts. */
import { generate, type Numbers } from "./numbers.ts";

/** The place in (B, H, W, C) of element i of (B·nW, M·M, C). */
function source(i: number, height: number, width: number, channels: number, window: number, shift: number): number {
  const channel = i % channels;
  const token = Math.floor(i / channels);
  const column = token % window;
  const row = Math.floor(token / window) % window;
  const index = Math.floor(token / (window * window));
  const across = width / window;
  const down = height / window;
  const u = index % across;
  const v = Math.floor(index / across) % down;
  const batch = Math.floor(index / (across * down));
  const line = (v * window + row + shift) % height;
  return ((batch * height + line) * width + ((u * window + column + shift) % width)) * channels + channel;
}

export function windowPartition(x: Numbers, height: number, width: number, channels: number, window: number, shift: number): Float64Array {
  return generate(x.length, (i) => x[source(i, height, width, channels, window, shift)]!);
}

export function windowReverse(x: Numbers, height: number, width: number, channels: number, window: number, shift: number): Float64Array {
  const y = new Float64Array(x.length);
  for (let i = 0; i < x.length; i++) y[source(i, height, width, channels, window, shift)] = x[i]!;
  return y;
}
