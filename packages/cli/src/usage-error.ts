import { XError } from "@x/layers";

/** What was asked for can't be asked for: exit code 2. */
export class UsageError extends XError {
  override readonly name = "UsageError";
}
