/** Arguments and results on their way between threads. */
import { ArgumentError } from "@x/layers";
import { kindOf } from "@x/layers/model";
import type { Sent } from "./messages.ts";

/** What stays on this side of an argument: options may have an AbortSignal, a function that is told of progress, and a wish to give buffers away. */
export interface Kept {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: never) => void) | undefined;
  readonly transfer?: boolean | undefined;
}

/** @throws ArgumentError naming an option that no other thread can be told of */
export async function sendable(where: string, ...given: readonly unknown[]): Promise<{ readonly sent: Sent; readonly kept: Kept }> {
  const last = given.at(-1);
  const hasOptions = given.length > 1 && (last === undefined || (kindOf(last) === "Object" && !isImage(last)));
  const { signal, onProgress, transfer, ...options } = (hasOptions ? (last ?? {}) : {}) as Kept & Readonly<Record<string, unknown>>;
  const odd = Object.entries(options).find(([, value]) => typeof value === "function");
  if (odd) throw new ArgumentError(where, "options that are functions can't go to another thread", `${odd[0]} is one`);
  const words = await Promise.all((hasOptions ? given.slice(0, -1) : given).map(plain));
  return { sent: { words, options, wantsProgress: onProgress !== undefined }, kept: { signal, onProgress, transfer } };
}

/** Decoded pixels, and what gives its bytes when asked. */
const isImage = (value: unknown): boolean => typeof value === "object" && value !== null && ("data" in value || "arrayBuffer" in value);

/** What structured cloning knows: addresses become texts, responses bytes, and parts of large buffers buffers of their own. */
async function plain(value: unknown): Promise<unknown> {
  if (Array.isArray(value)) return Promise.all(value.map(plain));
  const kind = kindOf(value);
  if (kind === "URL") return String(value);
  if (ArrayBuffer.isView(value) && value.byteLength < value.buffer.byteLength)
    return kind === "DataView" ? value : new Uint8Array(value.buffer, value.byteOffset, value.byteLength).slice();
  if (typeof value === "object" && value !== null && "arrayBuffer" in value && !["Blob", "File"].includes(kind))
    return (value as Response).arrayBuffer();
  return value;
}

/** The buffers that a value holds, which may change hands. Shared ones needn't. */
export function buffersIn(value: unknown, found: Set<ArrayBuffer> = new Set()): ReadonlySet<ArrayBuffer> {
  if (kindOf(value) === "ArrayBuffer") found.add(value as ArrayBuffer);
  else if (ArrayBuffer.isView(value)) buffersIn(value.buffer, found);
  else if (Array.isArray(value)) for (const one of value) buffersIn(one, found);
  else if (kindOf(value) === "Object") for (const one of Object.values(value as object)) buffersIn(one, found);
  return found;
}
