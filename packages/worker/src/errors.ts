/** Errors that cross from one thread to another keep their class. */
import { XError } from "@x/layers";
import { isError } from "@x/layers/model";
import type { SentError } from "./messages.ts";

export function sentError(error: unknown): SentError {
  if (!isError(error)) return { name: "Error", message: String(error), stack: undefined, properties: {} };
  const { name, message, stack } = error;
  const own = Object.entries(error).filter(([key, value]) => key !== "name" && ["string", "number", "boolean"].includes(typeof value));
  return { name, message, stack, properties: Object.fromEntries(own) };
}

/** The error as it would have been thrown here. */
export async function receivedError({ name, message, stack, properties }: SentError): Promise<Error> {
  const error = name === "AbortError" || name === "TimeoutError" ? new DOMException(message, name) : new XError(message);
  if (error instanceof XError) Object.setPrototypeOf(error, (await prototypeOf(name)) ?? Error.prototype);
  Object.assign(error, properties);
  for (const [key, value] of Object.entries({ name, stack }))
    if (!(error instanceof DOMException))
      Object.defineProperty(error, key, { value, configurable: true, writable: true, enumerable: false });
  return error;
}

/** The packages of models are only loaded for errors of theirs. */
async function prototypeOf(name: string): Promise<object | undefined> {
  if (name === "ImageError") return (await import("@x/models-vision")).ImageError.prototype;
  if (name === "TokenizerError") return (await import("@x/models-nlp")).TokenizerError.prototype;
  const { ArgumentError, CheckpointError, CoreError, OutOfMemoryError, ShapeError, TensorError } = await import("@x/layers");
  // By keys: minifiers rename classes, but not these.
  const own = { ArgumentError, CheckpointError, CoreError, OutOfMemoryError, ShapeError, TensorError, XError };
  const known: Readonly<Record<string, { readonly prototype: object }>> = { ...own, TypeError, RangeError, SyntaxError };
  return Object.hasOwn(known, name) ? known[name]?.prototype : undefined;
}
