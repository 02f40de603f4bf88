import type { Contender, Task } from "../case.ts";

/** Another library. */
export interface Peer {
  readonly name: string;
  /**
   * Loads the library and the task into it.
   * @throws Error when it can't do that; the message is printed as the reason for skipping it
   */
  prepare(task: Task, threads: number): Promise<Contender>;
}
