/** The packages that are published. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export const root: string = join(import.meta.dirname, "../..");

export interface PublicPackage {
  readonly name: string;
  readonly version: string;
  readonly folder: string;
  /** What is imported to see that it can be: its name, or the first of its doors where it has no main one. */
  readonly door: string;
}

export const publicPackages = (repository: string = root): readonly PublicPackage[] =>
  readdirSync(`${repository}/packages`).flatMap((entry) => {
    const folder = `${repository}/packages/${entry}`;
    const {
      name,
      version,
      private: isPrivate = false,
      exports: doors = { ".": "" },
    } = JSON.parse(readFileSync(`${folder}/package.json`, "utf8"));
    return isPrivate ? [] : [{ name, version, folder, door: "." in doors ? name : name + Object.keys(doors)[0]?.slice(1) }];
  });
