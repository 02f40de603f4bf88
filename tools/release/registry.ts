/** A registry of our own for an hour: Verdaccio in a temporary folder. What isn't ours comes from the registry that npm is set to. */
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { start } from "../../apps/everywhere/src/runner/process.ts";

const tool = join(import.meta.dirname, "verdaccio");

export interface Registry {
  readonly address: string;
  /** What npm, pnpm, Deno and Bun need in their environment to use it, and nobody's own settings. */
  readonly environment: NodeJS.ProcessEnv;
  stop(): Promise<void>;
}

/** @throws Error when it hasn't answered after a minute */
export async function startRegistry(folder: string): Promise<Registry> {
  const upstream = execFileSync("npm", ["config", "get", "registry"], { encoding: "utf8" }).trim();
  const port = await freePort();
  const address = `http://localhost:${port}/`;
  const at = (path: string): string => join(folder, path);
  await mkdir(at("registry"), { recursive: true });
  await writeFile(
    at("registry/config.yaml"),
    `storage: ./storage
auth: { htpasswd: { file: ./htpasswd, max_users: -1 } }
uplinks: { upstream: { url: "${upstream}", maxage: 60m } }
packages:
  "@x/*": { access: $all, publish: $all, unpublish: $all }
  "**": { access: $all, proxy: upstream }
log: { type: stdout, format: pretty, level: error }
`,
  );
  // Publishing wants a token, whatever it is.
  await writeFile(
    at("registry/npmrc"),
    `registry=${address}\n//localhost:${port}/:_authToken=rehearsal\nfund=false\naudit=false\nupdate-notifier=false\n`,
  );
  if (!existsSync(join(tool, "node_modules"))) execFileSync("npm", ["install", "--no-package-lock"], { cwd: tool, stdio: "ignore" });
  const verdaccio = join(tool, "node_modules/verdaccio/bin/verdaccio");
  const running = start(process.execPath, [verdaccio, "--config", at("registry/config.yaml"), "--listen", `localhost:${port}`]);
  const environment: NodeJS.ProcessEnv = {
    ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name))),
    NPM_CONFIG_USERCONFIG: at("registry/npmrc"),
    NPM_CONFIG_REGISTRY: address,
    DENO_DIR: at("registry/deno"),
    BUN_INSTALL_CACHE_DIR: at("registry/bun"),
    NEXT_TELEMETRY_DISABLED: "1",
  };
  for (let attempt = 0; attempt < 240; attempt++) {
    const answer = await fetch(`${address}-/ping`).catch(() => undefined);
    if (answer?.ok) return { address, environment, stop: () => running.stop() };
    await sleep(250);
  }
  await running.stop();
  throw new Error(`Verdaccio did not start: ${running.complaints()}`);
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "localhost", resolve));
  const bound = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof bound === "object" && bound ? bound.port : 0;
}
