/** Valid files with something wrong: in their bytes, or, of JSON, in their structure. */
import { below, type Draw, oneOf } from "./draw.ts";

export type Bytes = Uint8Array<ArrayBuffer>;
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** Changes up to 16 places in [from, to): bits, numbers at their limits, cuts, doubled and lost pieces. */
export function mutateBytes(draw: Draw, bytes: Uint8Array, from: number = 0, to: number = bytes.length): Bytes {
  let changed = Uint8Array.from(bytes);
  for (let times = 1 + below(draw, oneOf(draw, [1, 2, 4, 16])); times > 0 && changed.length > 0; times--) {
    const at = from + below(draw, Math.max(1, Math.min(to, changed.length) - from));
    const kinds: readonly (() => void)[] = [
      () => (changed[at] = (changed[at] ?? 0) ^ (1 << below(draw, 8))),
      () => (changed[at] = oneOf(draw, [0, 1, 0x7f, 0x80, 0xff, 0x2e, 0x28, 0x29])),
      () => (changed[at] = below(draw, 256)),
      () => number(draw, changed, at),
      () => (changed = changed.slice(0, draw() < 0.3 ? at : changed.length)),
      () => (changed = joined(changed.subarray(0, at), changed.subarray(Math.max(0, at - below(draw, 16))))),
      () => (changed = joined(changed.subarray(0, at), changed.subarray(at + 1 + below(draw, 8)))),
      () => changed.copyWithin(at, below(draw, changed.length), below(draw, changed.length)),
    ];
    oneOf(draw, kinds)();
  }
  return changed;
}

export function joined(...parts: readonly Uint8Array[]): Bytes {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function number(draw: Draw, bytes: Bytes, at: number): void {
  const width = oneOf(draw, [2, 4]);
  if (at + width > bytes.length) return;
  const view = new DataView(bytes.buffer);
  const isLittle = draw() < 0.5;
  if (width === 2) view.setUint16(at, oneOf(draw, [0, 1, 0xffff, 0x8000, below(draw, 65_536)]), isLittle);
  else view.setUint32(at, oneOf(draw, [0, 1, 0xffffffff, 0x80000000, below(draw, 2 ** 32), bytes.length]), isLittle);
}

const numbers = [0, 1, -1, 2, 3, 7, 8, 15, 16, 255, 256, 65_535, 65_536, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 53 - 1, 2 ** 53];
const odd: readonly Json[] = [
  ...numbers,
  -(2 ** 31),
  0.5,
  1.5,
  1e-300,
  1e300,
  -0,
  null,
  true,
  false,
  [],
  {},
  [0],
  [[]],
  { a: 1 },
  "",
  "a",
  "0",
  "constructor",
  "__proto__",
  "toString",
  "\ud800",
  "é",
  " ",
  "x".repeat(1000),
  "../../x",
  "(a+)+$",
  "\0",
];

/** Changes up to three places of a JSON value, the root's own place excepted. */
export function mutateJson(draw: Draw, root: Json, values: readonly Json[] = odd): Json {
  const changed = structuredClone(root);
  for (let times = 1 + below(draw, 3); times > 0; times--) {
    const place = placeIn(draw, changed);
    if (place) change(draw, place.parent, place.key, values);
  }
  return changed;
}

type Parent = { [key: string]: Json };

function placeIn(draw: Draw, root: Json): { readonly parent: Parent; readonly key: string } | undefined {
  let parent = root as Parent;
  for (let depth = 0; ; depth++) {
    const keys = typeof parent === "object" && parent !== null ? Object.keys(parent) : [];
    if (keys.length === 0) return undefined;
    const key = oneOf(draw, keys);
    const child = parent[key];
    const isInner = typeof child === "object" && child !== null && Object.keys(child).length > 0;
    if (!isInner || draw() < 0.25 || depth > 8) return { parent, key };
    parent = child as Parent;
  }
}

function change(draw: Draw, parent: Parent, key: string, values: readonly Json[]): void {
  const value = parent[key];
  const anything = (): Json => structuredClone(oneOf(draw, values));
  const near = (count: number): Json => oneOf(draw, [count + 1, count - 1, -count, count * 2, count / 2, count + 0.5]);
  const list = Array.isArray(parent) ? (parent as Json[]) : undefined;
  const kinds: readonly (() => void)[] = [
    () => (parent[key] = anything()),
    () => (parent[key] = typeof value === "number" ? near(value) : anything()),
    () => (list ? void list.splice(Number(key), 1) : void delete parent[key]),
    () => (parent[key] = structuredClone(parent[oneOf(draw, Object.keys(parent))] ?? null)),
    () => (list ? void list.push(anything()) : void (parent[oneOf(draw, ["type", "size", "vocab", "x", "id", `${key}_`])] = anything())),
  ];
  oneOf(draw, kinds)();
}
