import { type Core, int8PanelsBytes, int8PanelsUnits, packedPanelsLength, packPanelsUnits } from "@x/core-wasm";
import { formatShape, TensorError } from "../errors.ts";
import { engine } from "./engine.ts";
import { keep } from "./scope.ts";
import { checkShape, sameShape, type Shape } from "./shape.ts";
import { Storage } from "./storage.ts";
import { Tensor, type TypedArrayOf } from "./tensor.ts";

/**
 * A tensor that is learned. It lives until disposed of, outside every scope.
 *
 * A matrix that is only multiplied with (inference) is kept as the column panels that the kernel wants, instead of as rows, so nothing is packed per
 * call and nothing is held twice. Reading or training it brings the rows back; a matrix whose rows were asked for again (a tied embedding) keeps both.
 * `toInt8` replaces either by small whole numbers, for good.
 */
export class Parameter extends Tensor {
  readonly #core: Core;
  #rows: Storage | undefined;
  #panels: Storage | undefined;
  #int8: Storage | undefined;
  #derived: Storage | undefined;
  #rowsAreWanted = false;
  /** Whose elements these are, if they are exchanged. */
  #guest: Parameter | undefined;
  #disposed = false;

  /** A parameter of whatever was in memory: to be initialised or loaded. It takes memory from its first use on. */
  constructor(shape: Shape) {
    checkShape("Parameter", shape);
    super(shape, "float32", undefined, 0);
    this.#core = engine();
    this.requiresGrad = true;
    keep(this);
  }

  /**
   * What the elements are kept as: `int8` from `toInt8` on. Then it can be multiplied with, by `linear` without gradients; whatever needs the
   * float32 elements (reading, writing, training, saving) throws a TensorError.
   */
  get storedAs(): "float32" | "int8" {
    return this.#int8 ? "int8" : "float32";
  }

  /** @internal The rows: brought back if only the panels are there. */
  override get storage(): Storage {
    if (this.#rows) return this.#rows;
    if (this.#disposed) throw new TensorError("a parameter was used after it was freed");
    if (this.#int8) {
      throw new TensorError(
        `a ${formatShape(this.shape)} parameter is kept as int8, for inference only: its elements can't be read, written, trained or saved any more`,
      );
    }
    const panels = this.#panels;
    if (!panels) return (this.#rows = new Storage(this.#core, 4 * this.size));
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
    return this.#disposed;
  }

  /** The elements, to read or to overwrite. */
  override get data(): TypedArrayOf<"float32"> {
    this.touch();
    return super.data;
  }

  /** Says that the rows are about to change, so that panels made of them are forgotten. For whoever writes through `pointer`. */
  touch(): void {
    this.#derived?.release();
    this.#derived = undefined;
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

  /** @internal Address of what `make` makes of the elements, which is kept beside them until they change: one such thing a parameter. */
  derived(make: (rows: Storage) => Storage): number {
    return (this.#derived ??= make(this.storage)).pointer;
  }

  /**
   * Replaces the elements of this (out, in…) matrix by whole numbers of seven bits, with a step for each of its rows: a quarter of the memory,
   * for inference alone. Each element moves by at most 1/254 of the range of its row and 0. Harmless when repeated.
   */
  toInt8(): void {
    if (this.#int8) return;
    const rows = this.storage;
    const [outFeatures, inFeatures] = this.#matrix();
    const packed = new Storage(rows.core, int8PanelsBytes(inFeatures, outFeatures));
    rows.core.launch("int8Panels", int8PanelsUnits(outFeatures), 8 * inFeatures, rows.pointer, packed.pointer, inFeatures, outFeatures);
    this.#release();
    this.#int8 = packed;
    this.requiresGrad = false;
  }

  /** @internal Whether the elements are another parameter's, by `exchange`. */
  get exchanged(): boolean {
    return this.#guest !== undefined && !this.#guest.disposed;
  }

  /**
   * @internal Exchanges the elements with another parameter's of this shape, without a copy: the same call again puts them back. Gradients are forgotten.
   * @throws TensorError when they are exchanged already with yet another's
   */
  exchange(other: Parameter): void {
    for (const [one, two] of [[this, other] as const, [other, this] as const]) {
      if (!sameShape(one.shape, two.shape))
        throw new TensorError(`exchange: ${formatShape(one.shape)} and ${formatShape(two.shape)} differ`);
      if (one.exchanged && one.#guest !== two) throw new TensorError("exchange: the elements are another parameter's already");
      one.zeroGrad();
    }
    [this.#rows, other.#rows] = [other.#rows, this.#rows];
    [this.#panels, other.#panels] = [other.#panels, this.#panels];
    [this.#int8, other.#int8] = [other.#int8, this.#int8];
    [this.#derived, other.#derived] = [other.#derived, this.#derived];
    [this.#rowsAreWanted, other.#rowsAreWanted] = [other.#rowsAreWanted, this.#rowsAreWanted];
    [this.#guest, other.#guest] = this.#guest === other ? [undefined, undefined] : [other, this];
  }

  /** @internal Address of the whole numbers that `toInt8` left, if it did: see int8-quantize.ts among the kernels. */
  int8Panels(): number | undefined {
    return this.#int8?.pointer;
  }

  /** Frees the gradient. */
  zeroGrad(): void {
    this.grad?.dispose();
    this.grad = undefined;
  }

  override dispose(): void {
    this.#release();
    this.#disposed = true;
  }

  #release(): void {
    for (const storage of [this.#rows, this.#panels, this.#int8, this.#derived]) storage?.release();
    this.#rows = this.#panels = this.#int8 = this.#derived = undefined;
    this.zeroGrad();
  }

  #matrix(): [outFeatures: number, inFeatures: number] {
    const outFeatures = this.shape[0] ?? 1;
    return [outFeatures, this.size / Math.max(outFeatures, 1)];
  }
}
