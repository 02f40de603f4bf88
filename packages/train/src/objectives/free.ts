import { Tensor } from "@x/layers";

/** Frees the tensors of a batch: in its properties, in arrays, and of parts that free themselves. */
export function free(batch: unknown): void {
  if (typeof batch !== "object" || batch === null || ArrayBuffer.isView(batch)) return;
  if (batch instanceof Tensor) batch.dispose();
  else if (isDisposable(batch)) batch[Symbol.dispose]();
  else for (const part of Object.values(batch)) free(part);
}

const isDisposable = (value: object): value is Disposable => Symbol.dispose in value;
