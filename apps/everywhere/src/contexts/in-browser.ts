import { type Report, runSuite } from "../suite/suite.ts";

/** Runs the suite on files that the page's own server has. Errors become text: they have to cross to the runner. */
export async function runInBrowser(packages: string): Promise<Report | { readonly error: string }> {
  try {
    return await runSuite({
      async read(path) {
        const response = await fetch(`${packages}${path}`);
        if (!response.ok) throw new Error(`${response.status} for ${path}`);
        return new Uint8Array(await response.arrayBuffer());
      },
    });
  } catch (error) {
    return { error: error instanceof Error ? `${error.name}: ${error.message}\n${error.stack ?? ""}` : String(error) };
  }
}
