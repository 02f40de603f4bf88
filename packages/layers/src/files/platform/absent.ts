import { isError } from "../../errors.ts";

const absent: ReadonlySet<unknown> = new Set(["ENOENT", "ENOTDIR", "ENAMETOOLONG", "ELOOP"]);

/** What the system answers; undefined when there is nothing of this name. */
export const unlessAbsent = <T>(answer: Promise<T>): Promise<T | undefined> =>
  answer.catch((cause: unknown) => {
    if (isError(cause) && "code" in cause && absent.has(cause.code)) return undefined;
    throw cause;
  });
