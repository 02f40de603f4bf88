export { ModelWorker, pipeline } from "./model-worker.ts";
export type { RemoteModel, RemoteOptions, RemotePipeline, RemoteRanking, RemoteZeroShot, SendOptions, WorkerTask } from "./tasks.ts";
export { ArgumentError, CheckpointError, XError } from "@x/layers";
