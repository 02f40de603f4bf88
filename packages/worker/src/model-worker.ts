import { ArgumentError, type CoreOptions, XError } from "@x/layers";
import { absolute, startThread } from "#thread";
import { receivedError } from "./errors.ts";
import type { Answer, Thread } from "./messages.ts";
import { buffersIn, type Kept, sendable } from "./send.ts";
import type { RemoteModel, RemoteOptions, RemotePipeline, SourceLocation, WorkerTask } from "./tasks.ts";

interface Awaited {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
  readonly onProgress: Kept["onProgress"];
}

/**
 * A worker for models: a Web Worker, in Node, Deno and Bun a worker thread. Several models may live in one, and take turns. It is started with the first;
 * a program may end while it has nothing to do.
 */
export class ModelWorker implements Disposable {
  readonly #core: CoreOptions;
  readonly #awaited = new Map<number, Awaited>();
  #thread: Thread | undefined;
  #ended: string | undefined;
  #last = 0;

  /** @param core what the worker's engine is started with: `threads`, `simd`, `maximumBytes` */
  constructor(core: CoreOptions = {}) {
    this.#core = core;
  }

  /**
   * A task with a model in this worker: what the packages' own `pipeline` of `@x/models-nlp/auto`, `@x/models-vision/auto` and `@x/clip/auto` give, with the
   * same calls. Signals, progress and classes of errors are as if it were here.
   * @throws CheckpointError as `load` does
   * @throws ArgumentError when there is no such task, or an option is a function that the worker can't be given
   * @throws XError when the worker ends, or can't be started
   */
  async pipeline<Task extends WorkerTask>(task: Task, where: SourceLocation, options: RemoteOptions = {}): Promise<RemotePipeline<Task>> {
    const { sent, kept } = await sendable("pipeline", typeof where === "string" ? absolute(where) : where, options);
    const opened = (await this.#ask(kept, (id) => ({ kind: "open", id, task, core: this.#core, sent }))) as {
      readonly pipeline: number;
      readonly model: Omit<RemoteModel, keyof Disposable>;
    };
    let isThere = true;
    const dispose = (): void => {
      if (isThere) this.#thread?.post({ kind: "close", pipeline: opened.pipeline }, []);
      isThere = false;
    };
    const call = async (...words: readonly unknown[]): Promise<unknown> => {
      if (!isThere) throw new ArgumentError(task, "the model is there", "it was disposed of");
      const own = await sendable(task, ...words);
      const transfer = own.kept.transfer === true ? [...buffersIn(own.sent.words)] : [];
      return this.#ask(own.kept, (id) => ({ kind: "call", id, pipeline: opened.pipeline, sent: own.sent }), transfer);
    };
    const model: RemoteModel = { ...opened.model, [Symbol.dispose]: dispose };
    return Object.assign(call, { model, dispose, [Symbol.dispose]: dispose }) as RemotePipeline<Task>;
  }

  /** Ends the worker: what it holds is freed, and what is awaited of it fails. */
  dispose(): void {
    this.#thread?.end();
    this.#end("it was disposed of");
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  #ask(kept: Kept, request: (id: number) => Parameters<Thread["post"]>[0], transfer: readonly ArrayBuffer[] = []): Promise<unknown> {
    const { signal, onProgress } = kept;
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      if (this.#ended !== undefined) return reject(new XError(`the worker has ended: ${this.#ended}`));
      this.#thread ??= this.#start();
      const [thread, id] = [this.#thread, ++this.#last];
      const abort = (): void => {
        thread.post({ kind: "abort", id }, []);
        finish();
        reject(signal?.reason);
      };
      const finish = (): void => {
        signal?.removeEventListener("abort", abort);
        this.#awaited.delete(id);
        if (this.#awaited.size === 0) thread.idle(true);
      };
      signal?.addEventListener("abort", abort, { once: true });
      this.#awaited.set(id, {
        resolve: (value) => (finish(), resolve(value)),
        reject: (error) => (finish(), reject(error)),
        onProgress,
      });
      thread.idle(false);
      try {
        thread.post(request(id), transfer);
      } catch (cause) {
        finish();
        reject(new ArgumentError("pipeline", "inputs and options can be sent to another thread", String(cause)));
      }
    });
  }

  #start(): Thread {
    const thread = startThread();
    thread.listen((answer) => void this.#hear(answer));
    thread.onEnd((why) => this.#end(why));
    return thread;
  }

  async #hear(answer: Answer): Promise<void> {
    const awaited = this.#awaited.get(answer.id); // undefined: it was aborted
    if (answer.kind === "progress") awaited?.onProgress?.(answer.value as never);
    else if (answer.kind === "result") awaited?.resolve(answer.value);
    else awaited?.reject(await receivedError(answer.error));
  }

  #end(why: string): void {
    this.#ended ??= why;
    for (const { reject } of this.#awaited.values()) reject(new XError(`the worker has ended: ${this.#ended}`));
  }
}

/**
 * A task with its model in a worker of its own, which `dispose` or `using` ends: `const embed = await pipeline("feature-extraction", where)`.
 * @throws as `ModelWorker.pipeline`
 */
export async function pipeline<Task extends WorkerTask>(
  task: Task,
  where: SourceLocation,
  options: RemoteOptions = {},
): Promise<RemotePipeline<Task>> {
  const worker = new ModelWorker();
  try {
    const call = await worker.pipeline(task, where, options);
    const dispose = (): void => worker.dispose();
    return Object.assign(call, { dispose, [Symbol.dispose]: dispose });
  } catch (error) {
    worker.dispose();
    throw error;
  }
}
