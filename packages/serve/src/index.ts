export { serve, type ServeOptions, type Serving } from "./server.ts";
export type { ServedModel } from "./served-model.ts";
export { HttpError } from "./http-error.ts";
export { CheckpointError, XError } from "@x/layers";
