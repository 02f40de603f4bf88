// Follows CONTRIBUTING in a copy of the repository: adds an op, an activation, a model by the patches in tools/contribute/, one upon the other, with the golden files that a
// contributor's PyTorch would write, builds the kernels, runs the new tests and all checks, and counts the places touched.
//
//     node tools/contribute.mjs            # all
//     node tools/contribute.mjs op model   # some
//
// A patch that no longer applies, or that touches more places than `most`, means that contributing has become harder, or CONTRIBUTING untrue.
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** What is added, in how many places at most, and the tests that it must pass: their files, and what their titles have. */
const contributions = {
  op: {
    most: 5,
    files: ["packages/core-wasm/test/kernels.test.ts", "packages/layers/test/ops.test.ts"],
    titles: "softsign|every kernel|the golden file",
  },
  activation: {
    most: 4,
    files: ["packages/core-wasm/test/", "packages/layers/test/ops.test.ts"],
    titles: "mish|activat|the golden file",
  },
  model: {
    most: 9,
    files: [
      "packages/models-vision/test/auto.test.ts",
      "packages/models-vision/test/models.test.ts",
      "apps/everywhere/test/pretrained.test.ts",
    ],
    titles: "resmlp|ResMLP|every class is in the table",
  },
};

/** What `npm run check` runs. */
const checks = [
  ["oxfmt", "--check"],
  ["oxlint"],
  ["node", "tools/rooms.mjs"],
  ["tsc", "-p", "tsconfig.json"],
  ["tsc", "-p", "tsconfig.tests.json"],
];

const root = fileURLToPath(new URL("..", import.meta.url));
const words = process.argv.slice(2);
const unknown = words.find((word) => !Object.hasOwn(contributions, word));
if (unknown !== undefined) {
  console.error(`there is no ${unknown}; usage: node tools/contribute.mjs [${Object.keys(contributions).join("|")}]…`);
  process.exit(2);
}
const chosen = words.length > 0 ? words : Object.keys(contributions);
const copy = mkdtempSync(join(tmpdir(), "contribute-"));
try {
  copyRepository(copy);
  for (const name of chosen) add(name);
  for (const folder of ["core-wasm", "models-vision"]) run("node", ["build-wasm.mjs"], join(copy, "packages", folder));
  const files = chosen.flatMap((name) => contributions[name].files);
  const titles = chosen.map((name) => contributions[name].titles).join("|");
  const counted = /Tests\s+(\d+) passed/.exec(
    run("vitest", ["run", "--no-color", "--reporter=dot", ...new Set(files), "-t", titles], copy),
  );
  if (!counted) throw new Error("no test ran");
  for (const [tool, ...args] of checks) run(tool, args, copy);
  console.log(`${counted[1]} tests and all checks`);
} finally {
  rmSync(copy, { recursive: true });
}

/** Applies a patch in the copy, with the golden files that come with it. @throws Error when it touches too many places */
function add(name) {
  const folder = join(root, "tools/contribute", name);
  const patch = join(folder, "change.patch");
  const places = [...run("git", ["apply", "--numstat", patch], copy).matchAll(/^\d+\t\d+\t(.*)$/gm)].map(([, file]) => file);
  run("git", ["apply", "-C1", patch], copy);
  const [numbers, golden] = [join(folder, "ops.safetensors"), join(folder, "golden")];
  if (existsSync(numbers)) addNumbers(numbers, join(copy, "packages/layers/golden/ops.safetensors"));
  if (existsSync(golden)) cpSync(golden, join(copy, "packages/models-vision/golden"), { recursive: true });
  console.log(`${name}: ${places.length} places\n${places.map((file) => `  ${file}`).join("\n")}`);
  const { most } = contributions[name];
  if (places.length > most) throw new Error(`${name}: ${places.length} places are more than ${most}`);
}

/** What git has or would have, and node_modules: links to the tools, while the workspace's packages are the copy's own. */
function copyRepository() {
  const files = run("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], root).split("\0");
  for (const file of files.filter((name) => name !== "" && existsSync(join(root, name)))) {
    mkdirSync(dirname(join(copy, file)), { recursive: true });
    cpSync(join(root, file), join(copy, file), { verbatimSymlinks: true });
  }
  mkdirSync(join(copy, "node_modules"));
  for (const entry of readdirSync(join(root, "node_modules"))) {
    if (entry === "@x") cpSync(join(root, "node_modules/@x"), join(copy, "node_modules/@x"), { recursive: true, verbatimSymlinks: true });
    else symlinkSync(join(root, "node_modules", entry), join(copy, "node_modules", entry));
  }
  for (const folder of ["packages", "apps", "examples"].flatMap((group) =>
    readdirSync(join(root, group)).map((name) => `${group}/${name}`),
  )) {
    const modules = join(root, folder, "node_modules");
    if (existsSync(modules)) cpSync(modules, join(copy, folder, "node_modules"), { recursive: true, verbatimSymlinks: true });
  }
}

/** Puts PyTorch's numbers in place, as tools/reference/ops.py would: a contributor runs it, this machine may have no PyTorch. */
function addNumbers(from, to) {
  const files = [to, from].map((file) => {
    const bytes = readFileSync(file);
    const begin = 8 + Number(bytes.readBigUInt64LE());
    const { __metadata__: metadata, ...tensors } = JSON.parse(bytes.subarray(8, begin).toString());
    const entries = Object.entries(tensors).map(
      ([
        name,
        {
          data_offsets: [first, last],
          ...kind
        },
      ]) => [name, { kind, data: bytes.subarray(begin + first, begin + last) }],
    );
    return { tensors: Object.fromEntries(entries), cases: JSON.parse(metadata.cases) };
  });
  const tensors = Object.assign({}, ...files.map((file) => file.tensors));
  const header = { __metadata__: { cases: JSON.stringify(Object.assign({}, ...files.map((file) => file.cases))) } };
  let end = 0;
  for (const [name, { kind, data }] of Object.entries(tensors)) header[name] = { ...kind, data_offsets: [end, (end += data.length)] };
  const json = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  writeFileSync(to, Buffer.concat([length, json, ...Object.values(tensors).map(({ data }) => data)]));
}

/** What a tool of the workspace prints. @throws Error with all of it when the tool fails */
function run(tool, args, cwd) {
  const { status, error, stdout, stderr } = spawnSync(tool, args, {
    cwd,
    env: { ...process.env, PATH: join(root, "node_modules/.bin") + delimiter + process.env.PATH },
    shell: process.platform === "win32",
    encoding: "utf8",
    maxBuffer: 2 ** 28,
  });
  if (status !== 0) throw new Error(`${tool} ${args.join(" ")}: ${error?.message ?? ""}\n${stdout}${stderr}`);
  return stdout;
}
