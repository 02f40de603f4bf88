/** What a worker runs: it holds pipelines, and calls them. */
import { ArgumentError, init, type SourceLocation } from "@x/layers";
import { port } from "#port";
import { sentError } from "./errors.ts";
import type { Request, Sent } from "./messages.ts";
import { type AnyPipeline, openPipeline } from "./open-pipeline.ts";
import { buffersIn } from "./send.ts";

type Asked = Extract<Request, { readonly sent: Sent }>;

class Held {
  readonly #pipelines = new Map<number, AnyPipeline>();
  readonly #underWay = new Map<number, AbortController>();
  #started: Promise<object> | undefined;

  hear(request: Request): void {
    if (request.kind === "abort") this.#underWay.get(request.id)?.abort();
    else if (request.kind === "close") this.#close(request.pipeline);
    else void this.#answer(request);
  }

  async #answer(request: Asked): Promise<void> {
    const { id, sent } = request;
    const controller = new AbortController();
    this.#underWay.set(id, controller);
    const onProgress = (value: unknown): void => port.post({ kind: "progress", id, value }, []);
    const options = { ...sent.options, signal: controller.signal, ...(sent.wantsProgress && { onProgress }) };
    try {
      const value = await (request.kind === "open" ? this.#open(request, options) : this.#call(request, options));
      port.post({ kind: "result", id, value }, [...buffersIn(value)]);
    } catch (error) {
      port.post({ kind: "error", id, error: sentError(error) }, []);
    } finally {
      this.#underWay.delete(id);
    }
  }

  async #open({ id, task, core, sent }: Extract<Asked, { readonly kind: "open" }>, options: object): Promise<object> {
    this.#started ??= init(core);
    await this.#started;
    const pipeline = await openPipeline(task, sent.words[0] as SourceLocation, options);
    this.#pipelines.set(id, pipeline);
    const { model } = pipeline;
    const prompts = "prompts" in model ? { prompts: model.prompts } : {};
    return { pipeline: id, model: { config: model.config, notes: model.notes, ...prompts } };
  }

  async #call({ pipeline: id, sent }: Extract<Asked, { readonly kind: "call" }>, options: object): Promise<unknown> {
    const pipeline = this.#pipelines.get(id);
    if (!pipeline) throw new ArgumentError("pipeline", "the model is there", "it was disposed of");
    return pipeline(...sent.words, options);
  }

  #close(id: number): void {
    this.#pipelines.get(id)?.dispose();
    this.#pipelines.delete(id);
  }
}

const held = new Held();
port.listen((request) => held.hear(request));
