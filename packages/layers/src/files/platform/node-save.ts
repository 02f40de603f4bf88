/**
 * Several files at once, all or none, whenever the process is killed. They are written under other names and flushed to the disk; then a note says which names
 * they take and which older files go; then that is done, and the note removed. A note that is left is read as if it were done, and the next save does it.
 */

import { randomUUID } from "node:crypto";
import { mkdir, open, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { CheckpointError, reasonOf } from "../checkpoint-error.ts";
import { checkWhole, isBrokenOff } from "../directory.ts";
import { checkFileName } from "../file-name.ts";
import { unlessAbsent } from "./absent.ts";
import { alone } from "./node-lock.ts";
import type { OutgoingFile } from "./types.ts";

/** What is still to be done of a save. */
interface Note {
  readonly id: string;
  /** Names of the files that are whole, and lie beside their places. */
  readonly files: readonly string[];
  /** Names of older files that go. */
  readonly stale: readonly string[];
}

/** After so long without a byte a save is dead, and what it left is swept. */
const DEAD_AFTER = 10 * 60_000;

const notePattern = /^\.([0-9a-f]{8})\.saving$/;
const noteName = (id: string): string => `.${id}.saving`;
const temporaryName = (name: string, id: string): string => `${name}.${id}.tmp`;

/** See `FileSystem.write`. */
export async function writeFiles(
  directory: string,
  files: readonly OutgoingFile[],
  isStale: (name: string) => boolean,
  signal?: AbortSignal,
): Promise<void> {
  signal?.throwIfAborted();
  const id = randomUUID().slice(0, 8);
  const names = files.map(({ name }) => name);
  const temporaries = [...names, noteName(id)].map((name) => join(directory, temporaryName(name, id)));
  let noted = false;
  try {
    for (const [index, file] of files.entries()) {
      const temporary = temporaries[index] ?? "";
      await mkdir(dirname(temporary), { recursive: true });
      await writeChunks(temporary, file.chunks(), signal);
      if ((await stat(join(directory, file.name)).catch(() => undefined))?.isDirectory() === true)
        throw new CheckpointError("there is a folder of this name");
    }
    signal?.throwIfAborted();
    const takePlaces = async (): Promise<void> => {
      for (const note of await notesIn(directory)) await carryOut(directory, note);
      const note = { id, files: names, stale: (await readdir(directory)).filter((name) => isStale(name) || isBrokenOff(name)) };
      // One file takes its place in one step.
      noted = names.length > 1 || note.stale.length > 0;
      if (noted) await writeNote(directory, note);
      await carryOut(directory, note);
    };
    const others = (await readdir(directory)).some((name) => isStale(name) || isBrokenOff(name) || notePattern.test(name));
    await (names.length > 1 || others ? alone(directory, signal, takePlaces) : takePlaces());
    await sweep(directory, names, isStale);
  } catch (cause) {
    const file = join(directory, names[0] ?? "");
    if (noted && (await stat(join(directory, noteName(id))).catch(() => undefined)))
      throw new CheckpointError(`is whole, but can't take its place yet; the next save there tries again: ${reasonOf(cause)}`, {
        file,
        cause,
      });
    for (const temporary of temporaries) await rm(temporary, { force: true }).catch(() => undefined);
    signal?.throwIfAborted();
    throw new CheckpointError(`can't be written: ${reasonOf(cause)}`, { file, cause });
  }
}

/**
 * A folder's files by name, as if its unfinished saves were done: what a name stands for (undefined: nothing), where it isn't the file of that name.
 * @throws CheckpointError where a browser's save was broken off
 */
export async function unfinished(directory: string): Promise<ReadonlyMap<string, string | undefined>> {
  checkWhole((await unlessAbsent(readdir(directory))) ?? [], directory);
  const instead = new Map<string, string | undefined>();
  for (const { id, files, stale } of await notesIn(directory)) {
    for (const name of stale) instead.set(name, undefined);
    for (const name of files) instead.set(name, temporaryName(name, id));
  }
  return instead;
}

async function notesIn(directory: string): Promise<readonly Note[]> {
  const notes: Note[] = [];
  for (const name of (await unlessAbsent(readdir(directory))) ?? []) {
    const id = notePattern.exec(name)?.[1];
    // Whoever made the note may be removing it.
    const text = id === undefined ? undefined : await unlessAbsent(readFile(join(directory, name), "utf8"));
    if (id !== undefined && text !== undefined) notes.push(parseNote(id, text, join(directory, name)));
  }
  return notes;
}

function parseNote(id: string, text: string, file: string): Note {
  const [files, stale] = text.split("\n\n").map((names) => names.split("\n").filter((name) => name !== ""));
  if (!files || !stale) throw new CheckpointError("this note of an unfinished save is damaged; remove it", { file });
  for (const name of [...files, ...stale]) checkFileName(name, file);
  return { id, files, stale };
}

async function writeNote(directory: string, { id, files, stale }: Note): Promise<void> {
  const temporary = join(directory, temporaryName(noteName(id), id));
  await writeChunks(temporary, [new TextEncoder().encode(`${files.join("\n")}\n\n${stale.join("\n")}\n`)]);
  await rename(temporary, join(directory, noteName(id)));
  await flushDirectory(directory);
}

/** May be done twice, and by several at once. */
async function carryOut(directory: string, { id, files, stale }: Note): Promise<void> {
  for (const name of files) {
    await unlessAbsent(rename(join(directory, temporaryName(name, id)), join(directory, name)));
  }
  for (const name of stale) await rm(join(directory, name), { force: true });
  for (const folder of new Set([directory, ...files.map((name) => dirname(join(directory, name)))])) await flushDirectory(folder);
  await rm(join(directory, noteName(id)), { force: true });
}

/** Removes what dead saves of this checkpoint left. */
async function sweep(directory: string, names: readonly string[], isStale: (name: string) => boolean): Promise<void> {
  const ours = new Set(names);
  const isOurs = (name: string): boolean => ours.has(name) || isStale(name) || notePattern.test(name);
  for (const folder of new Set(names.map((name) => name.slice(0, name.lastIndexOf("/") + 1)))) {
    await sweepLeftovers(join(directory, folder), /^(.*)\.([0-9a-f]{8})\.tmp$/, (name) => isOurs(folder + name));
  }
}

/**
 * Removes temporary files that nobody has written to for ten minutes.
 * @param pattern their names: what they were to be, and which call they are of; calls live as long as their newest file is written to
 */
export async function sweepLeftovers(directory: string, pattern: RegExp, isOurs: (name: string) => boolean): Promise<void> {
  const found: { readonly path: string; readonly id: string; readonly time: number }[] = [];
  for (const entry of await readdir(directory).catch(() => [])) {
    const [, name = "", id = ""] = pattern.exec(entry) ?? [];
    if (id === "" || !isOurs(name)) continue;
    const path = join(directory, entry);
    const stats = await stat(path).catch(() => undefined);
    if (stats) found.push({ path, id, time: stats.mtimeMs });
  }
  const isAlive = (call: string): boolean => found.some(({ id, time }) => id === call && Date.now() - time < DEAD_AFTER);
  for (const { path, id } of found) if (!isAlive(id)) await rm(path, { force: true }).catch(() => undefined);
}

/** Writes a new file and flushes it to the disk. */
export async function writeChunks(
  path: string,
  chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  signal?: AbortSignal,
): Promise<number> {
  let position = 0;
  const handle = await open(path, "wx");
  try {
    for await (const chunk of chunks) {
      signal?.throwIfAborted();
      for (let done = 0; done < chunk.length;) {
        const { bytesWritten } = await handle.write(chunk, done, chunk.length - done, position);
        done += bytesWritten;
        position += bytesWritten;
      }
    }
    await handle.sync();
  } finally {
    await handle.close();
  }
  return position;
}

/** So that a rename survives a power cut. Windows and some network disks can't. */
async function flushDirectory(directory: string): Promise<void> {
  try {
    const handle = await open(directory, "r");
    await handle.sync().finally(() => handle.close());
  } catch {
    // The files themselves are flushed; only their new names might be lost.
  }
}
