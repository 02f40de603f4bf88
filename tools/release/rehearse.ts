/**
 * `npm run rehearse`: packs every public package, publishes it to a registry of our own, installs `@x/models-vision`, or what its package.json `needs`, alone
 * into one empty project a tool, builds and runs it there (pages in Chromium, served with COOP and COEP), and installs and imports each package alone.
 */
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { chromium, visit } from "../../apps/everywhere/src/runner/browser.ts";
import { findCommand, runtimesFolder } from "../../apps/everywhere/src/runner/process.ts";
import { isolation, serve } from "../../apps/everywhere/src/runner/server.ts";
import { publicPackages, root } from "./packages.ts";
import { startRegistry } from "./registry.ts";
import { shell } from "./shell.ts";

const { values: options } = parseArgs({ options: { only: { type: "string" }, keep: { type: "boolean" } } });
const consumers = join(import.meta.dirname, "consumers");
const picture = join(root, "packages/models-vision/golden/processors/src_53x37.png");
const checkpoint = join(root, "packages/models-vision/golden/vit");
const encoder = join(root, "packages/models-nlp/golden/sentence_distilbert");

const folder = await mkdtemp(join(tmpdir(), "rehearsal-"));
const registry = await startRegistry(folder);
const runtime = (name: string): string | undefined => findCommand([join(runtimesFolder, "node_modules/.bin", name), name]);
const environment: NodeJS.ProcessEnv = {
  ...registry.environment,
  CHECKPOINT: checkpoint,
  PICTURE: picture,
  ENCODER: encoder,
  DENO: runtime("deno"),
  BUN: runtime("bun"),
};
const rows: (readonly [what: string, outcome: string])[] = [];
try {
  await publishAll();
  const wanted = options.only?.split(",");
  const names = (await readdir(consumers)).filter((name) => name !== "shared" && (!wanted || wanted.includes(name)));
  for (const name of names) await attempt(name, () => consume(name));
  for (const { name, door } of publicPackages())
    if (!wanted || wanted.includes(name)) await attempt(`${name} alone`, () => importAlone(name, door));
} finally {
  await registry.stop();
  if (!options.keep) await rm(folder, { recursive: true, force: true });
}
const failed = rows.filter(([, outcome]) => outcome.startsWith("FAILS"));
console.log(`\n${rows.length - failed.length} of ${rows.length} work.`);
process.exitCode = failed.length > 0 || rows.length === 0 ? 1 : 0;

/** Packs as `pnpm publish` would, so that `workspace:^` becomes a version, and publishes the tarballs. */
async function publishAll(): Promise<void> {
  for (const { name, folder: from } of publicPackages()) {
    const tarballs = join(folder, "tarballs", name.replace("/", "-"));
    await mkdir(tarballs, { recursive: true });
    await shell(`pnpm pack --pack-destination "${tarballs}"`, { folder: from, environment });
    await shell(`npm publish --tag latest "${join(tarballs, (await readdir(tarballs))[0] ?? "")}"`, { folder: tarballs, environment });
  }
}

async function attempt(what: string, body: () => Promise<string>): Promise<void> {
  const started = performance.now();
  const outcome = await body().catch((error: Error) => `FAILS: ${error.message}`);
  rows.push([what, outcome]);
  console.log(`${what.padEnd(22)} ${`${((performance.now() - started) / 1000).toFixed(1)} s`.padStart(7)}  ${outcome}`);
}

/** An empty project for that tool, as its user would make it. */
async function consume(name: string): Promise<string> {
  const project = join(folder, name);
  await cp(join(consumers, "shared"), project, { recursive: true });
  await cp(join(consumers, name), project, { recursive: true });
  const { serve: built, needs = "@x/models-vision" } = JSON.parse(await readFile(join(project, "package.json"), "utf8")) as {
    readonly serve?: string;
    readonly needs?: string;
  };
  await install(project, needs);
  const needed = { deno: environment["DENO"], bun: environment["BUN"], "bun-compile": environment["BUN"] };
  if (name in needed && needed[name as keyof typeof needed] === undefined) return "not tried: npm run everywhere -- --install";
  const printed = await shell("npm run --silent rehearse", { folder: project, environment });
  const label = built === undefined ? (printed.trim().split("\n").at(-1) ?? "") : await labelInBrowser(join(project, built));
  if (label.startsWith("not visited")) return `builds; ${label}`;
  if (!/^LABEL_\d 0\.\d{5}/.test(label)) throw new Error(`it printed ${label}`);
  const [first] = rows.flatMap(([, outcome]) => (outcome.startsWith("LABEL") ? [outcome.split(",")[0] ?? ""] : []));
  if (first !== undefined && !label.startsWith(first)) throw new Error(`it says ${label}, others say ${first}`);
  return label;
}

async function labelInBrowser(built: string): Promise<string> {
  if (findCommand(chromium.candidates) === undefined) return `not visited: ${chromium.howToGet}`;
  const server = await serve((path) => {
    if (path === "/picture.png") return { file: picture };
    if (path.startsWith("/checkpoint/")) return { file: join(checkpoint, path.slice("/checkpoint/".length)) };
    return { file: join(built, path === "/" ? "index.html" : path), headers: isolation };
  });
  try {
    const report = await visit(chromium, `${server.address}/`, () => server.report("page", 60));
    const { label, threads, cores, isolated, error } = JSON.parse(report);
    if (error !== undefined) throw new Error(error);
    if (!isolated || threads !== Math.min(cores, 8)) throw new Error(`${threads} threads work on ${cores} cores, isolated: ${isolated}`);
    return `${label}, ${threads} threads in Chromium`;
  } finally {
    await server.close();
  }
}

/** The package and nothing else: every dependency must be its own. */
async function importAlone(name: string, door: string): Promise<string> {
  const project = join(folder, "alone", name);
  await mkdir(project, { recursive: true });
  await writeFile(join(project, "package.json"), '{ "private": true, "type": "module" }');
  await install(project, name);
  await writeFile(join(project, "main.js"), `console.log(Object.keys(await import("${door}")).length);\n`);
  const count = Number(await shell("node main.js", { folder: project, environment }));
  if (!(count > 0)) throw new Error("it exports nothing");
  return `${count} exports`;
}

async function install(project: string, name: string): Promise<void> {
  await writeFile(join(project, ".npmrc"), `registry=${registry.address}\n`);
  await shell(`npm install --no-package-lock ${name}`, { folder: project, environment });
}
