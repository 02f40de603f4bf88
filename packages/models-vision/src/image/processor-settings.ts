/** What an image processor does, and a file's settings, read one by one. */
import { isJsonObject, type Json, type JsonObject } from "@x/layers/model";
import { type Resample, resampleCodes } from "./resample.ts";
import { ImageError } from "./rgb-image.ts";

export interface Sides {
  readonly height: number;
  readonly width: number;
}

/** What images go through before a model sees them; steps that are undefined are left out. */
export interface ImageProcessorConfig {
  /** Both sides; or the shorter one with the other in proportion, which `longestEdge` may hold down; or what is to be covered, in proportion. Pixels. */
  readonly size:
    | Sides
    | { readonly shortestEdge: number; readonly longestEdge?: number | undefined }
    | { readonly cover: Sides }
    | undefined;
  readonly resample: Resample;
  /** What is cut out of the middle afterwards; a smaller image gets a black border. Pixels. */
  readonly cropSize: Sides | undefined;
  /** Where the middle of an odd margin is: "down" as in Hugging Face's processors, "even" as in torchvision and timm. Default "down". */
  readonly cropRounding?: "down" | "even" | undefined;
  /** Multiplies the values 0…255; undefined leaves them. */
  readonly rescaleFactor: number | undefined;
  /** 1 for models of grey pictures: colours become brightness first. Default 3. */
  readonly numChannels?: 1 | 3 | undefined;
  /** A number for each channel: subtracted from red, green and blue, which are then divided by `imageStd`. */
  readonly imageMean: readonly number[] | undefined;
  readonly imageStd: readonly number[] | undefined;
}

export const square = (side: number): Sides => ({ height: side, width: side });

/**
 * A file's settings, with their types checked; what is missing has its default. null says no, as in Hugging Face's library: a flag is off, and what is needed
 * isn't there.
 */
export class Settings {
  readonly #values: JsonObject;

  constructor(values: JsonObject) {
    this.#values = values;
  }

  has(key: string): boolean {
    return (this.#values[key] ?? null) !== null;
  }

  flag(key: string, otherwise: boolean): boolean {
    const { [key]: value = otherwise } = this.#values;
    if (value !== null && typeof value !== "boolean") throw unfollowed(key, "true or false", value);
    return value === true;
  }

  number(key: string, otherwise: number): number {
    const { [key]: value = otherwise } = this.#values;
    if (typeof value !== "number") throw unfollowed(key, "a number", value);
    return value;
  }

  /** One where a file says so, or has one mean that counts; else three. @param means of the channels; undefined where none counts */
  numChannels(means: string | undefined): 1 | 3 {
    const told = this.#values["numChannels"];
    const found = means === undefined ? undefined : this.#values[means];
    if (this.has("numChannels") && told !== 1 && told !== 3) throw unfollowed("numChannels", "1 or 3", told);
    return told === 1 || (Array.isArray(found) && found.length === 1) ? 1 : 3;
  }

  /** One number for each channel, or one for all. */
  channels(key: string, otherwise: readonly number[] | undefined, count: 1 | 3): readonly number[] | undefined {
    const { [key]: value } = this.#values;
    if (value === undefined) return otherwise?.slice(0, count);
    const list: readonly (Json | undefined)[] = Array.isArray(value) ? value : Array.from({ length: count }, () => value);
    if (list.length === count && list.every((item): item is number => typeof item === "number")) return list;
    throw unfollowed(key, count === 3 ? "three numbers" : "one number", value);
  }

  resample(otherwise: Resample): Resample {
    const { resample: value } = this.#values;
    if (value === undefined) return otherwise;
    const found = typeof value === "number" ? resampleCodes[value] : undefined;
    if (!found) throw unfollowed("resample", "0 to 5", value);
    return found;
  }

  /** @param isSquare whether a single number means both sides */
  size({ size, isSquare }: Pick<ImageProcessorConfig, "size"> & { readonly isSquare: boolean }): ImageProcessorConfig["size"] {
    const { size: value } = this.#values;
    if (value === undefined) return size;
    if (typeof value === "number" && !isSquare) return { shortestEdge: value };
    if (isJsonObject(value) && typeof value["shortest_edge"] === "number" && typeof (value["height"] ?? value["width"]) !== "number") {
      const longest = value["longest_edge"];
      return { shortestEdge: value["shortest_edge"], ...(typeof longest === "number" && { longestEdge: longest }) };
    }
    if (isJsonObject(value) && value["shortest_edge"] !== undefined && value["shortest_edge"] !== null)
      throw unfollowed("size", sizeForms, value);
    return this.sides("size");
  }

  /** A number, [height, width] or {height, width}. */
  sides(key: string, otherwise?: Sides): Sides {
    const { [key]: value } = this.#values;
    if (value === undefined && otherwise) return otherwise;
    const [height, width] =
      typeof value === "number"
        ? [value, value]
        : Array.isArray(value)
          ? value
          : isJsonObject(value)
            ? [value["height"], value["width"]]
            : [];
    if (typeof height === "number" && typeof width === "number") return { height, width };
    const forms = key === "size" ? sizeForms : "a number of pixels or {height, width}";
    throw unfollowed(key, forms, value);
  }
}

const sizeForms = "a number of pixels, {height, width} or {shortest_edge}";

export const unfollowed = (key: string, expected: string, found: Json | undefined): ImageError =>
  new ImageError(`preprocessor_config: ${key} should be ${expected}, but is ${JSON.stringify(found)}`);
