export { run } from "./run.ts";
export { UsageError } from "./usage-error.ts";
export { XError } from "@x/layers";
