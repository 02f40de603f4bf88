/** Object storage that speaks S3, by `@aws-sdk/client-s3`. */
import { optional } from "../optional.ts";

/** Objects by the address of their bucket and their key. */
export interface ObjectStore {
  /** @returns undefined where there is none */
  get(bucket: string, key: string): Promise<Uint8Array | undefined>;
  put(bucket: string, key: string, bytes: Uint8Array): Promise<void>;
  delete(bucket: string, key: string): Promise<void>;
  /** Keys that begin with a prefix, in their order. @param delimiter between a folder and what is in it: only what is directly in one */
  keys(bucket: string, prefix: string, delimiter?: string): AsyncIterable<string>;
}

/**
 * Keys, region and, of other providers, the address come from where AWS's tools have them: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION, AWS_ENDPOINT_URL_S3
 * @throws MissingLibraryError when the client isn't installed
 */
export async function openObjectStore(): Promise<ObjectStore> {
  const s3 = await optional("Object storage", "@aws-sdk/client-s3", () => import("@aws-sdk/client-s3"));
  // Addresses with the bucket in the path, and no checksums that only Amazon's own servers know.
  const client = new s3.S3Client({
    forcePathStyle: true,
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
  });
  return {
    async get(Bucket, Key) {
      try {
        const { Body } = await client.send(new s3.GetObjectCommand({ Bucket, Key }));
        return await Body?.transformToByteArray();
      } catch (error) {
        if (error instanceof s3.NoSuchKey) return undefined;
        throw error;
      }
    },
    async put(Bucket, Key, Body) {
      await client.send(new s3.PutObjectCommand({ Bucket, Key, Body }));
    },
    async delete(Bucket, Key) {
      await client.send(new s3.DeleteObjectCommand({ Bucket, Key }));
    },
    async *keys(Bucket, Prefix, Delimiter) {
      for await (const page of s3.paginateListObjectsV2({ client }, { Bucket, Prefix, Delimiter }))
        for (const { Key } of page.Contents ?? []) if (Key !== undefined) yield Key;
    },
  };
}

/** `s3://bucket/key` in its parts. Keys stand in it as they are, whatever characters they have. */
export function s3PartsOf(address: string): { readonly bucket: string; readonly key: string } {
  const [, bucket = "", key = ""] = /^s3:\/\/([^/]+)\/?([^]*)$/.exec(address) ?? [];
  return { bucket, key };
}

export const isS3 = (place: string): boolean => place.startsWith("s3://");
