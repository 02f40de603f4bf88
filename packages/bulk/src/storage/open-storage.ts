import { resolve } from "node:path";
import { folderStorage } from "./folder-storage.ts";
import { isS3 } from "./s3.ts";
import { s3Storage } from "./s3-storage.ts";
import type { Storage } from "./storage.ts";

/** A folder, or `s3://bucket/prefix`. */
export const openStorage = async (location: string): Promise<Storage> =>
  isS3(location) ? s3Storage(location) : folderStorage(resolve(location));
