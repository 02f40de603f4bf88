import { ArgumentError, type Checkpoint } from "@x/layers";
import { openStorage, type RunLocation } from "../storage/open-storage.ts";
import type { RunStorage } from "../storage/run-storage.ts";
import { notesOf, type RunState, stateIn, tensorsOf, type Trained } from "./checkpoint.ts";
import { curveOf } from "./curve.ts";
import { historyFrom, type HistoryEntry, lineOf } from "./history.ts";

const RECORD = "history.jsonl";
const PICTURE = "history.svg";
/** Says which training works on the run: the last that opened it. */
const OWNER = "owner";
const NAME = /^checkpoint-(\d+)\.safetensors$/;

const nameOf = (step: number): string => `checkpoint-${String(step).padStart(8, "0")}.safetensors`;

/** A run's files: checkpoints, a record of what happened, and a picture of it. */
export class Run {
  readonly #storage: RunStorage;
  readonly #keep: number;
  readonly #me: string = crypto.randomUUID();

  private constructor(storage: RunStorage, keep: number) {
    this.#storage = storage;
    this.#keep = keep;
  }

  /**
   * Whoever was at it ends with its next step: a process may still be at work when the caller that it belonged to was killed.
   * @param keep how many of the last checkpoints stay; the best one does anyhow
   */
  static async open(where: RunLocation, keep: number): Promise<Run> {
    const run = new Run(await openStorage(where), keep);
    await run.#storage.writeText(OWNER, run.#me);
    return run;
  }

  /** The last checkpoint, and what happened until then; undefined in a new run. */
  async latest(): Promise<{ readonly checkpoint: Checkpoint; readonly state: RunState; readonly history: HistoryEntry[] } | undefined> {
    const step = (await this.#steps()).at(-1);
    if (step === undefined) {
      // Of a run that was killed before it kept anything.
      if ((await this.#storage.readText(RECORD)) !== undefined) await this.#storage.remove(RECORD);
      return undefined;
    }
    const checkpoint = await this.open(step);
    const history = historyFrom((await this.#storage.readText(RECORD)) ?? "", step);
    await this.#storage.writeText(RECORD, history.map(lineOf).join("")); // what came after the checkpoint comes again
    return { checkpoint, state: stateIn(checkpoint), history };
  }

  open(step: number): Promise<Checkpoint> {
    return this.#storage.openTensors(nameOf(step));
  }

  /** Only when the new checkpoint is whole do old ones go. */
  async save(trained: Trained, state: RunState, history: readonly HistoryEntry[]): Promise<void> {
    await this.#whileMine(async () => {
      await this.#storage.saveTensors(nameOf(state.step), tensorsOf(trained), notesOf(state));
      await this.#storage.writeText(PICTURE, curveOf(history));
      const old = (await this.#steps()).slice(0, -this.#keep).filter((step) => step !== state.best?.step);
      for (const step of old) await this.#storage.remove(nameOf(step));
    });
  }

  async record(entry: HistoryEntry): Promise<void> {
    await this.#whileMine(() => this.#storage.appendText(RECORD, lineOf(entry)));
  }

  /** @throws ArgumentError before or after, where another training has opened the run, or ended it */
  async #whileMine(write: () => Promise<void>): Promise<void> {
    const check = async (): Promise<void> => {
      if ((await this.#storage.readText(OWNER)) !== this.#me)
        throw new ArgumentError("fit", "one training at a time works on a run", "another goes on with this one");
    };
    await check();
    await write().catch(async (cause: unknown) => {
      await check();
      throw cause;
    });
  }

  async #steps(): Promise<number[]> {
    const found = (await this.#storage.list()).flatMap((name) => NAME.exec(name)?.[1] ?? []);
    return found.map(Number).sort((a, b) => a - b);
  }
}
