/** `npm run rehearse:releases`: releases played end to end against a registry of our own, and the results installed. */
import assert from "node:assert/strict";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { copyRepository } from "./repository.ts";
import { startRegistry } from "./registry.ts";
import { shell } from "./shell.ts";

const folder = await mkdtemp(join(tmpdir(), "releases-"));
const registry = await startRegistry(folder);
try {
  const environment = {
    ...registry.environment,
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_AUTHOR_NAME: "rehearsal",
    GIT_COMMITTER_NAME: "rehearsal",
    EMAIL: "rehearsal@localhost",
  };
  const repository = await copyRepository(join(folder, "repository"), environment);
  const { run, describe, commit, versions } = repository;
  await run("rm -f .changeset/*.md"); // what is pending in ours would be released, too
  const published = async (what: string, field = "version"): Promise<string> =>
    JSON.parse((await run(`npm view ${what} ${field} --json`)) || '""') as string;
  const changelog = (name: string): Promise<string> => readFile(join(repository.folder, "packages", name, "CHANGELOG.md"), "utf8");

  const first = versions();
  await run("changeset publish");
  for (const [name, version] of Object.entries(first)) assert.equal(await published(name), version);
  tell("first publication", first);

  // A minor version of a package below 1.0 leaves the ranges of those that depend on it: they follow with a patch, the others stay.
  await describe("@x/layers", "minor", "Layers can hum.");
  await commit("hum");
  await run("changeset version");
  await commit("version");
  const second = versions();
  const dependants = ["@x/models-vision", "@x/models-nlp", "@x/clip", "@x/search", "@x/train", "@x/tfjs"].filter((name) => name in first);
  assert.equal(second["@x/layers"], bumped(first["@x/layers"], 1));
  for (const name of dependants) assert.equal(second[name], bumped(first[name], 2), name);
  assert.equal(second["@x/core-wasm"], first["@x/core-wasm"]);
  assert.match(await changelog("layers"), new RegExp(`## ${second["@x/layers"]}\\n\\n### Minor Changes\\n\\n- .*Layers can hum\\.`));
  assert.match(await changelog("models-vision"), /### Patch Changes\n\n- .*Updated dependencies[\s\S]*@x\/layers@/);
  await assert.rejects(changelog("core-wasm"));
  await run("changeset publish");
  for (const [name, version] of Object.entries(second)) assert.equal(await published(name), version);
  assert.equal(await published("@x/models-vision", "dependencies.@x/layers"), `^${second["@x/layers"]}`);
  assert.match(await run("git tag"), new RegExp(`^@x/layers@${second["@x/layers"]}$`, "m"));
  tell("a feature in @x/layers", second);

  // A patch stays within the ranges: nobody else moves.
  await describe("@x/models-vision", "patch", "Pictures stay the right way up.");
  await commit("upright");
  await run("changeset version");
  await commit("version");
  const third = versions();
  assert.deepEqual<Readonly<Record<string, string>>>(third, { ...second, "@x/models-vision": bumped(second["@x/models-vision"], 2) });
  await run("changeset publish");
  assert.equal(await published("@x/models-vision"), third["@x/models-vision"]);
  tell("a fix in @x/models-vision", third);

  // Canaries have a tag of their own; `latest` doesn't notice.
  await describe("@x/models-vision", "patch", "Pictures purr.");
  await commit("purr");
  await run("changeset version --snapshot canary");
  await run("changeset publish --tag canary --no-git-tag");
  assert.match(await published("@x/models-vision@canary"), new RegExp(`^${bumped(third["@x/models-vision"], 2)}-canary-\\d{14}$`));
  assert.equal(await published("@x/models-vision"), third["@x/models-vision"]);
  tell("a canary", versions());

  for (const tag of ["latest", "canary"]) {
    const project = join(folder, tag);
    await mkdir(project);
    await writeFile(join(project, "package.json"), '{ "private": true, "type": "module" }');
    const line = `npm install --no-package-lock @x/models-vision@${tag} && node -e 'import("@x/models-vision").then(({ ViT }) => ViT.fromConfig({ imageSize: 32, hiddenSize: 24, numHiddenLayers: 1, numAttentionHeads: 2, intermediateSize: 48 })).then((vit) => console.log(vit.numParameters))'`;
    const printed = await shell(line, { folder: project, environment });
    assert.match(printed, /\d{4,}/);
    const { version } = JSON.parse(await readFile(join(project, "node_modules/@x/models-vision/package.json"), "utf8"));
    console.log(`installed ${tag}: @x/models-vision@${version} runs`);
  }
} finally {
  await registry.stop();
  await rm(folder, { recursive: true, force: true });
}

function tell(what: string, now: Readonly<Record<string, string>>): void {
  console.log(
    `${what}: ${Object.entries(now)
      .map((entry) => entry.join("@"))
      .join(" ")}`,
  );
}

/** The version with one more at a place (0 major, 1 minor, 2 patch), and zeros after it. */
function bumped(version = "", place: number): string {
  return version
    .split(".")
    .map((part, i) => (i < place ? part : i === place ? Number(part) + 1 : 0))
    .join(".");
}
