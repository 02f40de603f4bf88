/** A copy of this repository to play releases in: the built packages and what changesets reads, under a git of its own. */
import { cp, mkdir, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { publicPackages, root } from "./packages.ts";
import { type Place, shell } from "./shell.ts";

export interface Repository {
  /** Runs a line of shell in it. */
  run(line: string): Promise<string>;
  /** Records a change that users notice. */
  describe(name: string, bump: "patch" | "minor" | "major", message: string): Promise<void>;
  commit(message: string): Promise<void>;
  /** Package → version. */
  versions(): Readonly<Record<string, string>>;
  readonly folder: string;
}

export async function copyRepository(folder: string, environment: Place["environment"]): Promise<Repository> {
  await mkdir(join(folder, "packages"), { recursive: true });
  for (const file of ["package.json", "pnpm-workspace.yaml", "pnpm-lock.yaml", ".gitignore", ".changeset"]) {
    await cp(join(root, file), join(folder, file), {
      recursive: true,
      filter: (path) => !/\.changeset\/(?!README|config)[^/]+\.md$/.test(path),
    });
  }
  for (const { folder: from } of publicPackages()) {
    await cp(from, join(folder, "packages", basename(from)), {
      recursive: true,
      filter: (path) => !/\/(node_modules|golden|test|\.turbo)$/.test(path),
    });
  }
  const run = (line: string): Promise<string> => shell(line, { folder, environment });
  const commit = async (message: string): Promise<void> => {
    await run(`git add --all && git -c user.name=rehearsal -c user.email=rehearsal@localhost commit --quiet --allow-empty -m "${message}"`);
  };
  await run("git init --quiet --initial-branch main");
  await commit("copy");
  let described = 0;
  return {
    folder,
    run,
    commit,
    describe: (name, bump, message) =>
      writeFile(join(folder, ".changeset", `change-${described++}.md`), `---\n"${name}": ${bump}\n---\n\n${message}\n`),
    versions: () => Object.fromEntries(publicPackages(folder).map(({ name, version }) => [name, version])),
  };
}
