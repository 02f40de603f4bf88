import { XError } from "@x/layers";

/** A library is needed that isn't installed; the message has the line that installs it. */
export class MissingLibraryError extends XError {
  override readonly name = "MissingLibraryError";
}

/**
 * A library that is only installed where it is needed.
 * @param what needs it, in words: "Parquet"
 * @param packages all that it needs, as `npm i` takes them
 * @throws MissingLibraryError with the line that installs them
 */
export async function optional<Library>(what: string, packages: string, load: () => Promise<Library>): Promise<Library> {
  try {
    return await load();
  } catch (error) {
    const { code } = error as { readonly code?: unknown };
    if (code !== "ERR_MODULE_NOT_FOUND" && code !== "MODULE_NOT_FOUND") throw error;
    const expected = `npm i ${packages}`;
    throw new MissingLibraryError(`${what} is read and written by libraries that aren't installed here: ${expected}`, {
      where: what,
      expected,
    });
  }
}
