/** How the hub is spoken to: by whom, how long it is waited for, and what its refusals mean. */

import { platform } from "#platform";
import { isError } from "../errors.ts";
import { carefulFetch, IDLE_TIMEOUT } from "./careful-fetch.ts";
import { CheckpointError, reasonOf } from "./checkpoint-error.ts";
import type { Hub } from "./platform/types.ts";

export interface HubConnection {
  /** An access token (`hf_…`), for private and gated repositories. Default HF_TOKEN. */
  readonly token?: string | undefined;
  /** The hub's address. Default HF_ENDPOINT, or https://huggingface.co. */
  readonly hubUrl?: string | undefined;
  /** Used instead of the global `fetch`. */
  readonly fetch?: typeof fetch | undefined;
  /** Seconds without a sign of life before a server's answer is given up, and asked for again. Default 30. For all of it: `signal: AbortSignal.timeout(…)`. */
  readonly idleTimeout?: number | undefined;
  /** Ends everything that this source has under way. */
  readonly signal?: AbortSignal | undefined;
}

/** With whom the hub is spoken to, and how: what its library takes. */
export interface Access {
  readonly fetch: typeof fetch;
  readonly hubUrl: string;
  readonly accessToken?: string | undefined;
}

/** @param mostBytes that an answer may have */
export function accessOf(options: HubConnection, mostBytes: number): Access {
  const { signal, token = platform.environment("HF_TOKEN"), fetch: send = fetch, idleTimeout = IDLE_TIMEOUT } = options;
  const hubUrl = (options.hubUrl ?? platform.environment("HF_ENDPOINT") ?? "").replace(/\/+$/, "") || "https://huggingface.co";
  const accessToken = token === "" ? undefined : token;
  return {
    hubUrl,
    fetch: withoutStrangers(carefulFetch(send, { idleTimeout, mostBytes, signal }), accessToken, hubUrl),
    ...(accessToken !== undefined && { accessToken }),
  };
}

/** The hub's token goes to the hub alone, wherever its answers lead. */
const withoutStrangers =
  (send: typeof fetch, token: string | undefined, hubUrl: string): typeof fetch =>
  (input, init = {}) => {
    const headers = new Headers(init.headers);
    const url = new URL(input instanceof Request ? input.url : input);
    if (url.origin !== new URL(hubUrl).origin && headers.get("authorization") === `Bearer ${token}`) headers.delete("authorization");
    return send(input, { ...init, headers });
  };

export async function loadHub(): Promise<Hub> {
  try {
    return await platform.hub();
  } catch (cause) {
    throw new CheckpointError(`loading from the hub needs the package @huggingface/hub: ${reasonOf(cause)}`, { cause });
  }
}

/** Whether a refusal may be another answer the next time. */
export const mayPass = (status: number): boolean => status >= 500 || status === 429;

/** The HTTP status of a `HubApiError`. */
export function statusOf(cause: unknown): number | undefined {
  return isError(cause) && "statusCode" in cause && typeof cause.statusCode === "number" ? cause.statusCode : undefined;
}

export function refusal(label: string, what: string, status: number, cause: unknown): CheckpointError {
  const advice =
    status === 401 || status === 403
      ? "it doesn't exist, or is private or gated: accept its terms on its page and give a token (option `token`, or HF_TOKEN)"
      : status === 404
        ? "there is no such repository or revision"
        : reasonOf(cause);
  return new CheckpointError(`the hub refuses ${what} (${status}): ${advice}`, { file: label, cause });
}
