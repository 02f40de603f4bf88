import { openObjectStore, s3PartsOf } from "./s3.ts";
import type { Storage } from "./storage.ts";

/**
 * A place in object storage. An object is there whole or not at all by itself.
 * @param location `s3://bucket/prefix`
 */
export async function s3Storage(location: string): Promise<Storage> {
  const store = await openObjectStore();
  const { bucket, key: prefix } = s3PartsOf(location.replace(/\/$/, ""));
  const keyOf = (name: string): string => [prefix, name].filter((part) => part !== "").join("/");
  const keysBelow = (name: string, delimiter?: string): AsyncIterable<string> =>
    store.keys(bucket, keyOf(name) === "" ? "" : `${keyOf(name)}/`, delimiter);

  return {
    location,
    async list(folder) {
      const names: string[] = [];
      for await (const key of keysBelow(folder, "/")) names.push(key.slice(key.lastIndexOf("/") + 1));
      return names.sort();
    },
    read: (name) => store.get(bucket, keyOf(name)),
    write: (name, bytes) => store.put(bucket, keyOf(name), bytes),
    async remove(name) {
      const keys: string[] = [keyOf(name)];
      for await (const key of keysBelow(name)) keys.push(key);
      for (const key of keys) if (key !== "") await store.delete(bucket, key);
    },
    async sweep() {},
  };
}
