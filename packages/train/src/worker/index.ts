/** Training in a worker, while the page goes on scrolling. */
export { type RemoteTraining, trainIn, type TrainingWorker, type TrainInOptions } from "./train-in.ts";
export { trainHere, type Watched } from "./train-here.ts";
