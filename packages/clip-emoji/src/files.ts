/** The model's files, each by its own address, so that bundlers find and copy them. */
import { openSource, readBytes } from "@x/layers/model";

const addresses: Readonly<Record<string, URL>> = {
  "config.json": new URL("../model/config.json", import.meta.url),
  "model.safetensors": new URL("../model/model.safetensors", import.meta.url),
  "preprocessor_config.json": new URL("../model/preprocessor_config.json", import.meta.url),
  "vocab.json": new URL("../model/vocab.json", import.meta.url),
  "merges.txt": new URL("../model/merges.txt", import.meta.url),
};

export const picturesAddress: URL = new URL("../model/pictures.safetensors", import.meta.url);
export const namesAddress: URL = new URL("../model/names.safetensors", import.meta.url);

/** Every file by name, as `CLIP.fromPretrained` takes them. @throws CheckpointError when one can't be read */
export async function modelFiles(): Promise<ReadonlyMap<string, Uint8Array<ArrayBuffer>>> {
  const read = async ([name, address]: [string, URL]) => [name, await bytesAt(address)] as const;
  return new Map(await Promise.all(Object.entries(addresses).map(read)));
}

/** What lies at an address: on disk, fetched, or in the address itself, where bundlers (Vite, below 4 kB) write small files. */
export async function bytesAt(address: URL): Promise<Uint8Array<ArrayBuffer>> {
  if (address.protocol === "data:") return new Uint8Array(await (await fetch(address)).arrayBuffer());
  const source = await openSource(address);
  const file = await source.open(source.file ?? "");
  return readBytes(file, 0, file.size);
}
