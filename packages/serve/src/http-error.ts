import { XError } from "@x/layers";

/** What a request gets in place of an answer. */
export class HttpError extends XError {
  override readonly name = "HttpError";
  readonly status: number;
  /** text-embeddings-inference's word for it. */
  readonly kind: ErrorKind;

  constructor(status: number, kind: ErrorKind, message: string) {
    super(message);
    this.status = status;
    this.kind = kind;
  }
}

export type ErrorKind = "Validation" | "Tokenizer" | "Overloaded" | "Backend" | "Unhealthy";

/** An error of whatever kind as an answer: inputs that can't be dealt with are the asker's fault, all else is ours. */
export function httpErrorOf(error: unknown): HttpError {
  if (error instanceof HttpError) return error;
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof DOMException && error.name === "TimeoutError") return new HttpError(503, "Overloaded", "it took too long");
  if (!(error instanceof XError)) return new HttpError(500, "Backend", message);
  if (error.name === "TokenizerError") return new HttpError(413, "Tokenizer", message);
  return error.name === "ArgumentError" ? new HttpError(422, "Validation", message) : new HttpError(500, "Backend", message);
}
