/** A tensor as it lies in a file, whatever the file's format. */

import type { Cursor } from "./cursor.ts";
import type { DType, StoredDType } from "./dtype.ts";
import type { SourceFile } from "../files/source-file.ts";

/** What a checkpoint tells about a tensor without reading it. */
export interface CheckpointEntry {
  readonly dtype: StoredDType;
  readonly shape: readonly number[];
}

export interface StoredTensor {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly file: SourceFile;
  /** Where its storage lies in the file, to read in file order. */
  readonly position: number;
  /** No byte from here on is needed. */
  readonly end: number;
  /** Elements from the storage's start to the tensor's first. */
  readonly offset: number;
  /** Elements between neighbours along each axis; absent when row-major and dense. */
  readonly strides?: readonly number[] | undefined;
  /** Where the storage's bytes start, which may take a look at the file. */
  locate(cursor: Cursor): Promise<number>;
}

/** A file of tensors, its table of contents read. */
export interface TensorFile {
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  /** Text notes that the file carries, such as `format: "pt"`. */
  readonly metadata: ReadonlyMap<string, string>;
}
