/** What the hub's cache holds, and getting rid of it. */
import { platform } from "#platform";
import { aCacheFolder } from "./hub.ts";
import type { CacheFolder } from "./platform/types.ts";
import { aText, checkOptions, many, type RulesOf } from "../options.ts";

/** A repository of which files are kept. */
export interface CachedRepository {
  /** `google/vit-base-patch16-224` */
  readonly repository: string;
  /** What its files take, in bytes; of several revisions what they share counts once. */
  readonly bytes: number;
  /** Number of files. */
  readonly files: number;
}

export interface CacheOptions {
  /** Where files are kept. Default as of `fromPretrained`. */
  readonly cacheDir?: CacheFolder | undefined;
}

export interface ClearCacheOptions extends CacheOptions {
  /** Which repositories go. Default all. */
  readonly repositories?: readonly string[] | undefined;
}

const rules: RulesOf<ClearCacheOptions> = { cacheDir: aCacheFolder, repositories: many(aText) };

/** The repositories in the hub's cache, by name. In Node that is the folder that Python's library uses, too. Empty where there is none. */
export async function cachedRepositories(options: CacheOptions = {}): Promise<CachedRepository[]> {
  checkOptions("cachedRepositories", options, { cacheDir: aCacheFolder });
  return (await platform.cacheContents(options.cacheDir)).list();
}

/**
 * Removes repositories from the hub's cache, whoever put them there; those that aren't in it are passed over. What is open stays readable.
 * @returns what is gone
 */
export async function clearCache(options: ClearCacheOptions = {}): Promise<CachedRepository[]> {
  checkOptions("clearCache", options, rules);
  const { cacheDir, repositories } = options;
  const contents = await platform.cacheContents(cacheDir);
  const gone = (await contents.list()).filter(({ repository }) => repositories?.includes(repository) ?? true);
  for (const { repository } of gone) await contents.remove(repository);
  return gone;
}
