/** Small inputs that are kept: one for each thing that a reader says, and everything that ever was a fault. */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Bytes } from "./mutate.ts";

const folderOf = (reader: string): string => fileURLToPath(new URL(`../corpus/${reader}`, import.meta.url));

export interface Kept {
  readonly name: string;
  readonly bytes: Bytes;
}

export function keptOf(reader: string): readonly Kept[] {
  const folder = folderOf(reader);
  if (!existsSync(folder)) return [];
  return readdirSync(folder).map((name) => ({ name, bytes: new Uint8Array(readFileSync(`${folder}/${name}`)) }));
}

export function keep(reader: string, bytes: Bytes): string {
  const path = `${folderOf(reader)}/${createHash("sha1").update(bytes).digest("hex").slice(0, 16)}`;
  mkdirSync(folderOf(reader), { recursive: true });
  writeFileSync(path, bytes);
  return path;
}
