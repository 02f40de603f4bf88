/** Object storage that speaks S3, by `@aws-sdk/client-s3`. An object is there whole or not at all by itself. */
import { optional } from "../optional.ts";
import type { Storage } from "./storage.ts";

/**
 * @param location `s3://bucket/prefix`. Keys, region and, of other providers, the address come from where AWS's tools have them: AWS_ACCESS_KEY_ID,
 *   AWS_SECRET_ACCESS_KEY, AWS_REGION, AWS_ENDPOINT_URL_S3
 */
export async function s3Storage(location: string): Promise<Storage> {
  const s3 = await optional("Object storage", "@aws-sdk/client-s3", () => import("@aws-sdk/client-s3"));
  const { host: Bucket, pathname } = new URL(location);
  const prefix = pathname.replace(/^\/|\/$/g, "");
  // Addresses with the bucket in the path, and no checksums that only Amazon's own servers know.
  const client = new s3.S3Client({
    forcePathStyle: true,
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
  });
  const keyOf = (name: string): string => [prefix, name].filter((part) => part !== "").join("/");

  async function* keysBelow(name: string, Delimiter?: string): AsyncGenerator<string, void, void> {
    const Prefix = keyOf(name) === "" ? "" : `${keyOf(name)}/`;
    for await (const page of s3.paginateListObjectsV2({ client }, { Bucket, Prefix, Delimiter }))
      for (const { Key } of page.Contents ?? []) if (Key !== undefined) yield Key;
  }

  return {
    location,
    async list(folder) {
      const names: string[] = [];
      for await (const key of keysBelow(folder, "/")) names.push(key.slice(key.lastIndexOf("/") + 1));
      return names.sort();
    },
    async read(name) {
      try {
        const { Body } = await client.send(new s3.GetObjectCommand({ Bucket, Key: keyOf(name) }));
        return await Body?.transformToByteArray();
      } catch (error) {
        if (error instanceof s3.NoSuchKey) return undefined;
        throw error;
      }
    },
    async write(name, bytes) {
      await client.send(new s3.PutObjectCommand({ Bucket, Key: keyOf(name), Body: bytes }));
    },
    async remove(name) {
      const keys: string[] = [keyOf(name)];
      for await (const key of keysBelow(name)) keys.push(key);
      for (const Key of keys) if (Key !== "") await client.send(new s3.DeleteObjectCommand({ Bucket, Key }));
    },
    async sweep() {},
  };
}
