import { packedPanelsLength, packPanelsUnits } from "@x/core-wasm";
import { TensorError } from "../errors.ts";
import { engine } from "./engine.ts";
import { keep } from "./scope.ts";
import { checkShape, type Shape, sizeOf } from "./shape.ts";
import { Storage } from "./storage.ts";
import { Tensor, type TypedArrayOf } from "./tensor.ts";

/**
 * A tensor that is learned. It lives until disposed of, outside every scope.
 *
 * A matrix that is only multiplied with (inference) is kept as the column panels that the kernel wants, instead of as rows, so nothing is packed per
 * call and nothing is held twice. Reading or training it brings the rows back; a matrix whose rows were asked for again (a tied embedding) keeps both.
 */
export class Parameter extends Tensor {
  #rows: Storage | undefined;
  #panels: Storage | undefined;
  #rowsAreWanted = false;

  /** A parameter of whatever was in memory: to be initialised or loaded. */
  constructor(shape: Shape) {
    checkShape("Parameter", shape);
    const rows = new Storage(engine(), 4 * sizeOf(shape));
    super(shape, "float32", rows, 0);
    this.#rows = rows;
    this.requiresGrad = true;
    keep(this);
  }

  /** @internal The rows: brought back if only the panels are there. */
  override get storage(): Storage {
    if (this.#rows) return this.#rows;
    const panels = this.#panels;
    if (!panels) throw new TensorError("a parameter was used after it was freed");
    const [outFeatures, inFeatures] = this.#matrix();
    const rows = new Storage(panels.core, 4 * this.size);
    panels.core.launch(
      "unpackPanels",
      packPanelsUnits(outFeatures),
      8 * inFeatures,
      panels.pointer,
      rows.pointer,
      inFeatures,
      outFeatures,
      1,
      inFeatures,
    );
    this.#rows = rows;
    this.#rowsAreWanted = true;
    return rows;
  }

  override get disposed(): boolean {
    return !this.#rows && !this.#panels;
  }

  /** The elements, to read or to overwrite. */
  override get data(): TypedArrayOf<"float32"> {
    this.touch();
    return super.data;
  }

  /** Says that the rows are about to change, so that panels made of them are forgotten. For whoever writes through `pointer`. */
  touch(): void {
    if (!this.#panels) return;
    void this.storage;
    this.#panels.release();
    this.#panels = undefined;
  }

  /** @internal Address of this (out, in…) matrix's transpose in column panels: `[out / 8][in][8]`. */
  panels(): number {
    if (this.#panels) return this.#panels.pointer;
    const rows = this.storage;
    const [outFeatures, inFeatures] = this.#matrix();
    const panels = new Storage(rows.core, 4 * packedPanelsLength(inFeatures, outFeatures));
    rows.core.launch(
      "packPanels",
      packPanelsUnits(outFeatures),
      8 * inFeatures,
      rows.pointer,
      panels.pointer,
      inFeatures,
      outFeatures,
      1,
      inFeatures,
    );
    this.#panels = panels;
    if (!this.#rowsAreWanted && rows.exclusive) {
      rows.release();
      this.#rows = undefined;
    }
    return panels.pointer;
  }

  /** Frees the gradient. */
  zeroGrad(): void {
    this.grad?.dispose();
    this.grad = undefined;
  }

  override dispose(): void {
    this.#rows?.release();
    this.#panels?.release();
    this.#rows = this.#panels = undefined;
    this.zeroGrad();
  }

  #matrix(): [outFeatures: number, inFeatures: number] {
    const outFeatures = this.shape[0] ?? 1;
    return [outFeatures, this.size / Math.max(outFeatures, 1)];
  }
}
