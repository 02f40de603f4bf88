/** The other end of a thread that computes. */
import { Worker } from "node:worker_threads";
import { XError } from "@x/layers";
import type { Reply, Request, Start } from "./messages.ts";

/** A thread couldn't do what it was asked for. */
export class ThreadError extends XError {
  override readonly name = "ThreadError";
  /** The name of what it threw. */
  readonly of: string;
  /** Of a failure of the system: "ENOSPC". */
  readonly code: string | undefined;

  constructor({ name, message, code }: Extract<Reply, { readonly failed: object }>["failed"]) {
    super(message);
    this.of = name;
    this.code = code;
  }
}

/** V8 lets what a busy thread is done with grow ten times as large before it looks; memory is to stay flat, and looking more often takes no longer. */
const maxYoungGenerationSizeMb = 12;

export class ComputingThread {
  readonly #worker: Worker;
  #pending: { readonly resolve: () => void; readonly reject: (error: Error) => void; readonly onDone: (items: number) => void } | undefined;
  #ended: Error | undefined;

  private constructor(start: Start) {
    const isSource = import.meta.url.endsWith(".ts");
    this.#worker = new Worker(new URL(isSource ? "thread.ts" : "thread.js", import.meta.url), {
      workerData: start,
      resourceLimits: { maxYoungGenerationSizeMb },
      ...(isSource && { execArgv: ["--conditions=@x/source", "--disable-warning=ExperimentalWarning"] }),
    });
    this.#worker.on("message", (reply: Reply) => this.#hear(reply));
    this.#worker.on("error", (error: Error) => this.#end(error));
    this.#worker.on("exit", (code) => this.#end(new XError(`a thread ended by itself, with code ${code}`)));
  }

  /** With its model loaded. @throws what loading throws, as a ThreadError */
  static async start(start: Start): Promise<ComputingThread> {
    const thread = new ComputingThread(start);
    try {
      await thread.#answer(() => {});
      return thread;
    } catch (error) {
      await thread.end();
      throw error;
    }
  }

  /** @param onDone told how many items of it are done */
  async run(request: Request, onDone: (items: number) => void): Promise<void> {
    const answer = this.#answer(onDone);
    this.#worker.postMessage(request);
    await answer;
  }

  async end(): Promise<void> {
    await this.#worker.terminate();
  }

  #answer(onDone: (items: number) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#ended) reject(this.#ended);
      else this.#pending = { resolve, reject, onDone };
    });
  }

  #hear(reply: Reply): void {
    const pending = this.#pending;
    if ("progress" in reply) return pending?.onDone(reply.progress);
    this.#pending = undefined;
    if ("failed" in reply) pending?.reject(new ThreadError(reply.failed));
    else pending?.resolve();
  }

  #end(error: Error): void {
    this.#ended ??= error;
    this.#pending?.reject(this.#ended);
    this.#pending = undefined;
  }
}
