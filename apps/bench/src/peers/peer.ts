import type { Contender, Task } from "../case.ts";
import type { RuntimeName } from "../runtimes/names.ts";

export interface PeerOptions {
  readonly threads: number;
  /** Where this runs: not every library does everywhere. */
  readonly runtime: RuntimeName;
}

/** Another library. */
export interface Peer {
  readonly name: string;
  /**
   * Loads the library and the task into it.
   * @throws Error when it can't do that; the message is printed as the reason for skipping it
   */
  prepare(task: Task, options: PeerOptions): Promise<Contender>;
}
