import { decodeImage } from "@x/models-vision";
import { hexadecimal } from "./hexadecimal.ts";

export interface PicturesVerdict {
  /** How many pictures have Pillow's pixels. */
  readonly equal: number;
  readonly failures: readonly string[];
}

const folder = "models-vision/golden/image";

/**
 * Every picture of models-vision's suite against the hash of Pillow's pixels.
 * @param canCompile where not, the decoders that are WebAssembly can't run, and have to say so
 */
export async function judgePictures(
  read: (path: string) => Promise<Uint8Array<ArrayBuffer>>,
  canCompile: boolean,
): Promise<PicturesVerdict> {
  const pictures: Readonly<Record<string, { readonly size: readonly number[]; readonly sha256: string }>> = JSON.parse(
    new TextDecoder().decode(await read(`${folder}/pictures.json`)),
  );
  let equal = 0;
  const failures: string[] = [];
  for (const [name, { size, sha256 }] of Object.entries(pictures)) {
    try {
      const { width, height, data } = await decodeImage(await read(`${folder}/${name}`));
      const hash = hexadecimal(await crypto.subtle.digest("SHA-256", new Uint8Array(data))).slice(0, 16);
      if (hash === sha256 && width === size[0] && height === size[1]) equal++;
      else failures.push(`${name} hasn't Pillow's pixels`);
    } catch (error) {
      const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
      if (canCompile || !message.includes("WebAssembly, which can't be compiled here")) failures.push(`${name}: ${message}`);
    }
  }
  return { equal, failures };
}
