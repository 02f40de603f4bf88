/** What a request says, checked. */
import { HttpError } from "./http-error.ts";

export type Body = Readonly<Record<string, unknown>>;

/** @throws HttpError 413 when it is longer than `mostBytes`, 400 when it is no JSON object */
export async function readBody(request: Request, mostBytes: number): Promise<Body> {
  const tooLong = new HttpError(413, "Validation", `the body is beyond ${mostBytes} bytes`);
  if (Number(request.headers.get("content-length")) > mostBytes) throw tooLong;
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let length = 0;
  for await (const part of request.body ?? []) {
    length += part.length;
    if (length > mostBytes) throw tooLong;
    parts.push(part);
  }
  let value: unknown;
  try {
    value = JSON.parse(await new Blob(parts).text());
  } catch {
    throw new HttpError(400, "Validation", "the body is not JSON");
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Body;
  throw new HttpError(400, "Validation", "the body is not a JSON object");
}

const wrong = (name: string, rule: string): HttpError => new HttpError(422, "Validation", `\`${name}\` must be ${rule}`);

export function aText(body: Body, name: string): string {
  const value = body[name];
  if (typeof value === "string") return value;
  throw wrong(name, "a text");
}

/** One text, or a list of them. @param most of a list */
export function someTexts(body: Body, name: string, most: number): readonly string[] {
  const value = body[name];
  if (typeof value === "string") return [value];
  if (!Array.isArray(value) || value.length === 0 || !value.every((one) => typeof one === "string"))
    throw wrong(name, "a text, or a list of texts");
  if (value.length > most)
    throw new HttpError(413, "Validation", `\`${name}\` has ${value.length} texts, of ${most} that may come together`);
  return value as string[];
}

export function aFlag(body: Body, name: string, otherwise: boolean): boolean {
  const value = body[name] ?? otherwise;
  if (typeof value === "boolean") return value;
  throw wrong(name, "true or false");
}

export function aChoice<Choice extends string>(body: Body, name: string, choices: readonly Choice[], otherwise: Choice): Choice {
  const value = body[name] ?? otherwise;
  const found = choices.find((choice) => choice === value);
  if (found !== undefined) return found;
  throw wrong(name, choices.join(" or "));
}

/** A whole number from 1 on, or undefined. */
export function aCount(body: Body, name: string): number | undefined {
  const value = body[name] ?? undefined;
  if (value === undefined || (typeof value === "number" && Number.isInteger(value) && value > 0)) return value;
  throw wrong(name, "a whole number from 1 on");
}
