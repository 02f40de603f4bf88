/** Where a job keeps its files: a folder, or a place in object storage. Names are paths with "/" between. */
export interface Storage {
  /** For messages, and for others who are to open the same place. */
  readonly location: string;
  /** Names of the files that lie directly in a folder, sorted. */
  list(folder: string): Promise<readonly string[]>;
  /** @returns undefined where there is no such file */
  read(name: string): Promise<Uint8Array | undefined>;
  /** Whole, or not at all, whatever happens: nobody ever sees a part of it. */
  write(name: string, bytes: Uint8Array): Promise<void>;
  /** A file, or a folder and all that is in it. Where it isn't there, nothing happens. */
  remove(name: string): Promise<void>;
  /** Takes away what writers that were killed have left. */
  sweep(): Promise<void>;
}

export const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

export const bytesOf = (written: string): Uint8Array => new TextEncoder().encode(written);
