/** Specification of assembly/patchify.ts. */
import { generate, type Numbers } from "./numbers.ts";

/** The place in (B, C, H, W) of channel, row and column of patch n. */
function pixel(
  n: number,
  channel: number,
  row: number,
  column: number,
  channels: number,
  height: number,
  width: number,
  patch: number,
): number {
  const across = width / patch;
  const down = height / patch;
  const batch = Math.floor(n / (across * down));
  const line = (Math.floor(n / across) % down) * patch + row;
  return ((batch * channels + channel) * height + line) * width + (n % across) * patch + column;
}

/** The place in the image of element i of the patches, in (channel, row, column) order. */
function channelsFirst(i: number, channels: number, height: number, width: number, patch: number): number {
  const area = patch * patch;
  const channel = Math.floor(i / area) % channels;
  const n = Math.floor(i / (area * channels));
  return pixel(n, channel, Math.floor(i / patch) % patch, i % patch, channels, height, width, patch);
}

/** The same in (row, column, channel) order. */
function channelsLast(i: number, channels: number, height: number, width: number, patch: number): number {
  const within = Math.floor(i / channels);
  const n = Math.floor(within / (patch * patch));
  return pixel(n, i % channels, Math.floor(within / patch) % patch, within % patch, channels, height, width, patch);
}

export type PatchLayout = "channelsFirst" | "channelsLast";

const places: Readonly<Record<PatchLayout, typeof channelsFirst>> = { channelsFirst, channelsLast };

export function patchify(
  images: Numbers,
  channels: number,
  height: number,
  width: number,
  patch: number,
  layout: PatchLayout,
): Float64Array {
  return generate(images.length, (i) => images[places[layout](i, channels, height, width, patch)]!);
}

export function unpatchify(
  patches: Numbers,
  channels: number,
  height: number,
  width: number,
  patch: number,
  layout: PatchLayout,
): Float64Array {
  const images = new Float64Array(patches.length);
  for (let i = 0; i < patches.length; i++) images[places[layout](i, channels, height, width, patch)] = patches[i]!;
  return images;
}
