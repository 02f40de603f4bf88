import { roundedToEven } from "./processor-config.ts";
import type { Sides } from "./processor-settings.ts";
import type { Region } from "./resize.ts";

/**
 * The middle of an image of some size; where that is smaller, the region reaches beyond it, and black is seen there. Of an odd margin "down" takes
 * the smaller half above and to the left (of a border the larger one), as Hugging Face's `center_crop`; "even" takes torchvision's: half the
 * margin, rounded to an even number (of a border the smaller one).
 */
export function centerRegion(image: Sides, { width, height }: Sides, rounding: "down" | "even" = "down"): Region {
  return { left: margin(image.width, width, rounding), top: margin(image.height, height, rounding), width, height };
}

function margin(size: number, side: number, rounding: "down" | "even"): number {
  if (rounding === "down") return Math.floor((size - side) / 2);
  return size < side ? -Math.floor((side - size) / 2) : roundedToEven((size - side) / 2);
}
