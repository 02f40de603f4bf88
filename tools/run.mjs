// The root's commands. Each works on a fresh machine that has Node ≥ 20 and nothing else: what is missing (pnpm, packages, a current Node,
// the compiled kernels) is installed and built first.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const { packageManager } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const source = ["--conditions=@x/source", "--disable-warning=ExperimentalWarning"];

const commands = {
  build: () => run("turbo", ["run", "build"]),
  demo: (words) => run("node", [...source, "examples/digits/src/train-vit.ts", ...words]),
  example: ([name = "", ...words]) => {
    const [folder, program = "main"] = name.split("/");
    const file = `examples/${folder}/src/${program}.ts`;
    if (!existsSync(join(root, file))) {
      console.error(`there is no ${file}; examples are ${readdirSync(join(root, "examples")).join(", ")}`);
      process.exit(2);
    }
    run("node", [...source, file, ...words]);
  },
  test: (words) => {
    if (words.includes("--growing")) process.env.GROWING_MEMORY = "1"; // see packages/testing/src/growing-memory.ts
    run("vitest", ["run", ...words.filter((word) => word !== "--growing")]);
  },
  x: (words) =>
    run("node", [...source, join(root, "packages/cli/src/main.ts"), ...words], { folder: process.env.INIT_CWD ?? process.cwd() }),
  playground: ([what = "dev", ...words]) => {
    if (what === "train") run("node", [...source, "apps/playground/src/train/main.ts", ...words]);
    else if (what === "look") run("node", [...source, "apps/playground/test/look.ts", ...words]);
    else run("pnpm", ["--dir", "apps/playground", "exec", "vite", what, ...words]);
  },
  docs: () => run("node", [...source, "apps/docs/src/build.ts"]),
  bench: (words) => run("node", [...source, "apps/bench/src/main.ts", ...words]),
  papers: (words) => run("node", [...source, "apps/papers/src/main.ts", ...words]),
  parity: (words) => run("node", [...source, "apps/parity/src/main.ts", ...words]),
  soak: (words) => run("node", [...source, "apps/fuzz/src/soak.ts", ...words]),
  fuzz: (words) => run("node", [...source, "apps/fuzz/src/main.ts", ...words]),
  everywhere: (words) => {
    run("turbo", ["run", "build", "--output-logs=errors-only"]);
    run("node", ["apps/everywhere/src/runner/main.ts", ...words]);
  },
  rehearse: (words) => {
    run("turbo", ["run", "build", "--output-logs=errors-only"]);
    run("node", ["tools/release/rehearse.ts", ...words]);
    if (words.length === 0) run("node", ["tools/release/two-releases.ts"]);
  },
  "check:packages": () => {
    run("turbo", ["run", "build", "--output-logs=errors-only"]);
    for (const folder of publicPackages()) {
      run("publint", ["--strict", folder]);
      run(
        "attw",
        [
          "--pack",
          folder,
          "--profile",
          "esm-only",
          "--format",
          "ascii",
          "--exclude-entrypoints",
          "plain.wasm",
          "relaxed.wasm",
          "reference/*",
        ],
        {
          quiet: true,
        },
      );
    }
    run("node", ["apps/everywhere/src/runner/sizes.ts"]);
    run("size-limit", []);
    run("knip", ["--no-config-hints"]);
  },
  contribute: (words) => run("node", ["tools/contribute.mjs", ...words]),
  version: (words) => run("changeset", ["version", ...words]),
  release: (words) => {
    run("turbo", ["run", "build", "--output-logs=errors-only"]);
    run("changeset", ["publish", ...words]);
  },
  check: () => {
    run("oxfmt", ["--check"]);
    run("oxlint", []);
    run("node", ["tools/rooms.mjs"]);
    run("tsc", ["-p", "tsconfig.json"]);
    run("tsc", ["-p", "tsconfig.tests.json"]);
  },
};

const [command, ...words] = process.argv.slice(2);
if (!Object.hasOwn(commands, command ?? "")) {
  console.error(`usage: node tools/run.mjs ${Object.keys(commands).join("|")}`);
  process.exit(2);
}
if (Number(process.versions.node.split(".")[0]) < 20) {
  console.error(`Node 20 or newer is needed; this is ${process.version}`);
  process.exit(1);
}
install();
if (command !== "build") run("turbo", ["run", "build:wasm", "--output-logs=errors-only"], { quiet: true });
commands[command](words);

/** Folders of the packages that are published. */
function publicPackages() {
  const folders = readdirSync(join(root, "packages")).map((name) => `packages/${name}`);
  return folders.filter((folder) => JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8")).private !== true);
}

/** pnpm install, when the lockfile is newer than what is installed. */
function install() {
  const installed = join(root, "node_modules/.modules.yaml");
  const lockfile = join(root, "pnpm-lock.yaml");
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(lockfile).mtimeMs) return;
  run("npx", ["--yes", packageManager, "install", "--frozen-lockfile", "--reporter=append-only"], { quiet: true });
}

/** Runs a tool of the workspace (or npx) in the root, with the workspace's own Node first; ends with its exit code if it fails. */
function run(tool, args, { quiet = false, folder = root } = {}) {
  const environment = {
    ...process.env,
    PATH: join(root, "node_modules/.bin") + delimiter + process.env.PATH,
    TURBO_TELEMETRY_DISABLED: "1",
  };
  const { status, error, stdout, stderr } = spawnSync(tool, args, {
    cwd: folder,
    env: environment,
    stdio: quiet ? ["ignore", "pipe", "pipe"] : "inherit",
    shell: process.platform === "win32",
    encoding: "utf8",
    maxBuffer: 2 ** 28,
  });
  if (status === 0) return;
  if (quiet) process.stderr.write(`${stdout ?? ""}${stderr ?? ""}`);
  if (error) console.error(`${tool}: ${error.message}`);
  process.exit(status ?? 1);
}
