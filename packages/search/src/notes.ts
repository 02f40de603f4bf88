/** Ids and payloads as the text notes of a safetensors file, each a list in JSON. */
import type { Json } from "@x/layers/model";
import type { Entry } from "./entry.ts";

export function notesOf(entries: readonly Entry[]): Readonly<Record<string, string>> {
  const ids = JSON.stringify(entries.map(({ id }) => id));
  if (entries.every(({ payload }) => payload === null)) return { ids };
  return { ids, payloads: JSON.stringify(entries.map(({ payload }) => payload)) };
}

/** Undefined when they aren't an index's. */
export function readNotes<Payload extends Json>(notes: ReadonlyMap<string, string>): Entry<Payload>[] | undefined {
  const [ids, payloads] = [listIn(notes.get("ids")), listIn(notes.get("payloads") ?? "[]")];
  if (!ids?.every((id) => typeof id === "string" || typeof id === "number")) return undefined;
  if (!payloads || ![0, ids.length].includes(payloads.length)) return undefined;
  return ids.map((id, i) => ({ id, payload: (payloads[i] ?? null) as Payload | null }));
}

function listIn(text: string | undefined): readonly Json[] | undefined {
  try {
    const list: Json = JSON.parse(text ?? "");
    return Array.isArray(list) ? list : undefined;
  } catch {
    return undefined;
  }
}
