/**
 * Images cut into patches that don't overlap: images (B, C, H, W) ↔ patches (B, N, C·P·P), N = (H/P)·(W/P) row-major.
 * Inside a patch either (channel, row, column), the order of a strided convolution's weight (ViT, Swin, CLIP, Mixer), so that
 * a patch embedding is one matmul: ChannelsFirst; or (row, column, channel), MAE's patchify: ChannelsLast. H and W are multiples of P.
 *
 * Each is a bijection, and its inverse is its gradient.
 */
import { Floats, FloatsOut } from "./parts/operands";
import { copyRow } from "./simd/rows";

const enum PatchLayout {
  ChannelsFirst,
  ChannelsLast,
}

/** Byte offset in images of patch n's first pixel in channel 0. */
// @ts-ignore: decorator
@inline
function cornerOf(n: i32, channels: i32, height: i32, width: i32, patch: i32): usize {
  const across = width / patch;
  const down = height / patch;
  const line = n / across;
  const batch = line / down;
  return <usize>((batch * channels * height + (line % down) * patch) * width + (n % across) * patch) << 2;
}

// @ts-ignore: decorator
@inline
function movePatches(
  reverse: bool, images: usize, patches: usize, channels: i32, height: i32, width: i32, patch: i32, begin: i32, end: i32,
): void {
  const rowBytes = <usize>patch << 2;
  let p = patches + <usize>(begin * channels * patch) * rowBytes;
  for (let n = begin; n < end; n++) {
    const corner = images + cornerOf(n, channels, height, width, patch);
    for (let channel = 0; channel < channels; channel++) {
      for (let row = 0; row < patch; row++, p += rowBytes) {
        const pixels = corner + (<usize>((channel * height + row) * width) << 2);
        if (reverse) copyRow(p, pixels, patch);
        else copyRow(pixels, p, patch);
      }
    }
  }
}

// @ts-ignore: decorator
@inline
function movePatchesChannelsLast(
  reverse: bool, images: usize, patches: usize, channels: i32, height: i32, width: i32, patch: i32, begin: i32, end: i32,
): void {
  const plane = <usize>(height * width) << 2;
  let p = patches + (<usize>(begin * channels * patch * patch) << 2);
  for (let n = begin; n < end; n++) {
    const corner = images + cornerOf(n, channels, height, width, patch);
    for (let row = 0; row < patch; row++) {
      for (let column = 0; column < patch; column++) {
        let pixel = corner + (<usize>(row * width + column) << 2);
        for (let channel = 0; channel < channels; channel++, pixel += plane, p += 4) {
          if (reverse) store<u32>(pixel, load<u32>(p));
          else store<u32>(p, load<u32>(pixel));
        }
      }
    }
  }
}

/**
 * images (B, C, H, W) → patches (B, N, C·P·P). Units: patches, B·N.
 * @units batch * (height / patch) * (width / patch)
 * @cost channels * patch * patch
 */
export function patchify(
  images: Floats, patches: FloatsOut, channels: i32, height: i32, width: i32, patch: i32, layout: PatchLayout, begin: i32, end: i32,
): void {
  if (layout == PatchLayout.ChannelsFirst) movePatches(false, images, patches, channels, height, width, patch, begin, end);
  else movePatchesChannelsLast(false, images, patches, channels, height, width, patch, begin, end);
}

/**
 * patches (B, N, C·P·P) → images (B, C, H, W). Units: patches, B·N.
 * @units batch * (height / patch) * (width / patch)
 * @cost channels * patch * patch
 */
export function unpatchify(
  patches: Floats, images: FloatsOut, channels: i32, height: i32, width: i32, patch: i32, layout: PatchLayout, begin: i32, end: i32,
): void {
  if (layout == PatchLayout.ChannelsFirst) movePatches(true, images, patches, channels, height, width, patch, begin, end);
  else movePatchesChannelsLast(true, images, patches, channels, height, width, patch, begin, end);
}
