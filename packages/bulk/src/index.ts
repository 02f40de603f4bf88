export { bulk, type BulkOptions, type BulkReport } from "./bulk.ts";
export type { BulkProgress } from "./progress.ts";
export type { Format, TaskKind, TaskOptions } from "./job.ts";
export type { Cell, Cells, Columns, ColumnType, Row, VectorType } from "./row.ts";
export type { Task } from "./task/task.ts";
export { MissingLibraryError } from "./optional.ts";
export { BadItemError } from "./shard.ts";
export { ThreadError } from "./pool/computing.ts";
export { ArgumentError, XError } from "@x/layers";
