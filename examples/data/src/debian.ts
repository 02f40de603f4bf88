/** Data that Debian packages ship: fetched once by apt, unpacked and kept below `demo-output`; nothing is installed. */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { UnavailableError } from "./unavailable.ts";

const run = promisify(execFile);

/** The folder with a package's files, as they would lie below `/`. @throws UnavailableError where there is no apt, or it can't be reached */
export async function debianPackage(name: string): Promise<string> {
  const kept = fileURLToPath(new URL("../../../demo-output/debian/", import.meta.url));
  const folder = join(kept, name);
  if (existsSync(folder)) return folder;
  await mkdir(kept, { recursive: true });
  const fetched = await mkdtemp(join(kept, "fetched-"));
  try {
    await run("apt-get", ["download", "-q", name], { cwd: fetched });
    const file = (await readdir(fetched)).find((entry) => entry.endsWith(".deb")) ?? "";
    await run("dpkg-deb", ["-x", join(fetched, file), join(fetched, "files")]);
    await rename(join(fetched, "files"), folder);
  } catch (cause) {
    if (!existsSync(folder))
      throw new UnavailableError(`the Debian package ${name}`, "apt-get download, on Debian or its kin, with a network", cause); // else another process was first
  } finally {
    await rm(fetched, { recursive: true, force: true });
  }
  return folder;
}
