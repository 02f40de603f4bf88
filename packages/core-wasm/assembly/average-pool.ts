/** Mean pooling over K×K with stride K, as in CLIP's ResNet (Radford et al. 2021), and its gradient. */
import { Floats, FloatsOut } from "./parts/operands";

/**
 * y (B, C, ⌊H/K⌋, ⌊W/K⌋) = means of x (B, C, H, W) over K×K. Units: rows of y, B·C·⌊H/K⌋.
 * @units planes * floor(height / kernel)
 * @cost width * kernel
 */
export function averagePool(
  x: Floats, y: FloatsOut, height: i32, width: i32, kernel: i32, begin: i32, end: i32,
): void {
  const down = height / kernel;
  const across = width / kernel;
  const factor = <f32>1 / <f32>(kernel * kernel);
  for (let unit = begin; unit < end; unit++) {
    const top = unit / down * height + unit % down * kernel;
    for (let j = 0; j < across; j++) {
      let total: f32 = 0;
      for (let row = top; row < top + kernel; row++) {
        let from = x + (<usize>(row * width + j * kernel) << 2);
        for (let k = 0; k < kernel; k++, from += 4) total += load<f32>(from);
      }
      store<f32>(y + (<usize>(unit * across + j) << 2), total * factor);
    }
  }
}

/**
 * dx = dy / K² spread over each K×K square; what a floor left out gets zero. Units: rows of dx, B·C·H.
 * @units planes * height
 * @cost 2 * width
 */
export function averagePoolBackward(
  dy: Floats, dx: FloatsOut, height: i32, width: i32, kernel: i32, begin: i32, end: i32,
): void {
  const down = height / kernel;
  const across = width / kernel;
  const factor = <f32>1 / <f32>(kernel * kernel);
  for (let unit = begin; unit < end; unit++) {
    const i = unit % height / kernel;
    const from = dy + (<usize>((unit / height * down + i) * across) << 2);
    const used = i < down ? across * kernel : 0;
    let to = dx + (<usize>(unit * width) << 2);
    for (let j = 0; j < width; j++, to += 4) {
      store<f32>(to, j < used ? load<f32>(from + (<usize>(j / kernel) << 2)) * factor : 0);
    }
  }
}
