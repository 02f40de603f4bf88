/** A folder that a run ends in: what was asked for, the run's own files while it lasts, and what came of it. */
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ArgumentError } from "@x/layers";
import { parseJson, reasonOf } from "@x/layers/model";
import type { Evaluation } from "@x/train";

/** What decides how a run ends, by the option that says it. */
export type Asked = Readonly<Record<string, string | number | null>>;

/** What came of a run. */
export interface Outcome {
  readonly steps: number;
  /** The best evaluation, whose weights these are; null without examples to evaluate with. */
  readonly best: ({ readonly step: number } & Evaluation) | null;
}

interface Note {
  readonly asked: Asked;
  /** Of a finished run. */
  readonly outcome?: Outcome | undefined;
}

const NOTE = "fine-tune.json";
const RUN = "run";
/** What a save that was killed leaves. */
const LEFTOVER = /\.tmp$|\.saving$/;

export class RunFolder {
  readonly #folder: string;
  readonly #asked: Asked;
  /** Of a finished run. */
  readonly outcome: Outcome | undefined;

  private constructor(folder: string, { asked, outcome }: Note) {
    this.#folder = folder;
    this.#asked = asked;
    this.outcome = outcome;
  }

  /**
   * Looks at what lies there: nothing, a run to go on with, or a finished one.
   * @throws ArgumentError when it is something else, or what is asked isn't what the run began with
   */
  static async open(folder: string, asked: Asked): Promise<RunFolder> {
    const lies = await readdir(folder).catch((cause: NodeJS.ErrnoException) => {
      if (cause.code === "ENOENT") return [];
      throw new ArgumentError("--out", "a run has a folder of its own", `${folder} can't be read: ${reasonOf(cause)}`);
    });
    const names = lies.filter((name) => !LEFTOVER.test(name));
    const text = await readFile(join(folder, NOTE), "utf8").catch(() => undefined);
    const [other] = text === undefined ? names.filter((name) => name !== RUN) : [];
    if (other !== undefined)
      throw new ArgumentError("--out", "a run has a folder of its own", `in ${folder} there is something else: ${other}`);
    const note = text === undefined ? { asked } : noteIn(text, folder);
    const hasBegun =
      note.outcome !== undefined || (await readdir(join(folder, RUN)).catch(() => [])).some((name) => name.endsWith(".safetensors"));
    if (!hasBegun) return new RunFolder(folder, { asked });
    for (const [name, value] of Object.entries(note.asked)) {
      if (asked[name] === value) continue;
      const began = name === "data" ? "with other examples" : `with ${value ?? "none"}`;
      const came = name === "data" ? "these came" : `${asked[name] ?? "none"} came`;
      throw new ArgumentError(`--${name}`, `the run in ${folder} began ${began} (another run belongs in another folder)`, came);
    }
    return new RunFolder(folder, note);
  }

  /** Where checkpoints go while it lasts. */
  get checkpoints(): string {
    return join(this.#folder, RUN);
  }

  /** Begins, or goes on. */
  async begin(): Promise<void> {
    await mkdir(this.checkpoints, { recursive: true });
    await this.#write({ asked: this.#asked });
    for (const name of await readdir(this.#folder, { recursive: true }))
      if (LEFTOVER.test(name)) await rm(join(this.#folder, name), { force: true });
  }

  /** The model lies there, whole. */
  async finish(outcome: Outcome): Promise<void> {
    await this.#write({ asked: this.#asked, outcome });
  }

  /** What a finished run doesn't need. */
  async tidy(): Promise<void> {
    await rm(this.checkpoints, { recursive: true, force: true });
  }

  async #write(note: Note): Promise<void> {
    const file = join(this.#folder, NOTE);
    await writeFile(`${file}.tmp`, `${JSON.stringify(note, null, 2)}\n`, { flush: true });
    await rename(`${file}.tmp`, file);
  }
}

/** @throws CheckpointError, and ArgumentError, when it isn't what `begin` wrote */
function noteIn(text: string, folder: string): Note {
  const note: Partial<Note> = parseJson(text, NOTE, { label: folder });
  const { asked, outcome } = note;
  const isNote = [asked, outcome ?? {}].every((part) => typeof part === "object" && part !== null && !Array.isArray(part));
  if (isNote) return note as Note;
  throw new ArgumentError("--out", `${NOTE} says what was asked for`, `the one in ${folder} doesn't`);
}
