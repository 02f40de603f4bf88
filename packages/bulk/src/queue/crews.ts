import { openShards } from "../gather.ts";
import type { Manifest } from "../job.ts";
import { manifestIn } from "../plan.ts";
import { type ComputingThread, ThreadError } from "../pool/computing.ts";
import { type Crew, type CrewSize, startCrew } from "../pool/crew.ts";
import { openStorage } from "../storage/open-storage.ts";
import type { ShardJob } from "./connect.ts";

/** Shards enough for a measurement to be worth its time. */
const many = 1000;

/** A job's threads. */
interface Team {
  readonly crew: Promise<Crew>;
  readonly free: ComputingThread[];
  /** Shards that are under way. */
  busy: number;
}

/** Threads for every job whose shards come; those of a job that has none under way are ended when another comes. */
export class Crews implements AsyncDisposable {
  readonly #size: CrewSize;
  readonly #teams = new Map<string, Team>();

  constructor(size: CrewSize) {
    this.#size = size;
  }

  /**
   * @param onCrew told how many shards can be dealt with at the same time
   * @throws what the shard fails with
   */
  async work({ location, shard }: ShardJob, onCrew: (count: number) => void): Promise<void> {
    const storage = await openStorage(location);
    const manifest = await manifestIn(storage);
    // It may be done by another already, and even gathered.
    if (!manifest || !(await openShards(storage, manifest)).includes(shard)) return;
    const team = this.#teamOf(location, manifest);
    team.busy++;
    try {
      const { members } = await team.crew;
      onCrew(members.length);
      const member = team.free.pop() ?? members[shard % members.length];
      await member?.run({ shard }, () => {});
      if (member) team.free.push(member);
    } catch (error) {
      // A thread that is gone takes its crew with it; a failure that it told of doesn't.
      if (!(error instanceof ThreadError) || !(await this.#isUp(team))) await this.#end(location);
      throw error;
    } finally {
      team.busy--;
    }
  }

  #teamOf(location: string, manifest: Manifest): Team {
    const there = this.#teams.get(location);
    if (there) return there;
    for (const [other, { busy }] of this.#teams) if (busy === 0) void this.#end(other);
    const free: ComputingThread[] = [];
    const crew = startCrew(location, manifest, many, this.#size).then((started) => {
      free.push(...started.members);
      return started;
    });
    const team: Team = { crew, free, busy: 0 };
    this.#teams.set(location, team);
    return team;
  }

  #isUp({ crew }: Team): Promise<boolean> {
    return crew.then(
      () => true,
      () => false,
    );
  }

  async #end(location: string): Promise<void> {
    const team = this.#teams.get(location);
    this.#teams.delete(location);
    await team?.crew.then(
      (crew) => crew[Symbol.asyncDispose](),
      () => {},
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#teams.keys()].map((location) => this.#end(location)));
  }
}
