/** The packages that are published. */
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

export const root: string = fileURLToPath(new URL("../..", import.meta.url));

export interface PublicPackage {
  readonly name: string;
  readonly version: string;
  readonly folder: string;
}

export const publicPackages = (repository: string = root): readonly PublicPackage[] =>
  readdirSync(`${repository}/packages`).flatMap((entry) => {
    const folder = `${repository}/packages/${entry}`;
    const { name, version, private: isPrivate = false } = JSON.parse(readFileSync(`${folder}/package.json`, "utf8"));
    return isPrivate ? [] : [{ name, version, folder }];
  });
