/** A worker's line to whoever started it. */
export interface WorkerPort {
  post(message: unknown): void;
  listen(heard: (message: unknown) => void): void;
}

/** Where an image is, or something that gives its bytes when it is asked. */
export type ImageFile = string | { arrayBuffer(): Promise<ArrayBuffer> };

/** A file in a class's folder. */
export interface FoundImage {
  /** The folder's name. */
  readonly label: string;
  readonly name: string;
  readonly image: ImageFile;
}
