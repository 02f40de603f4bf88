/** A Cloudflare-style worker: the kernels are imported modules, the files come from a service that the configuration binds. */
import plain from "@x/core-wasm/plain.wasm";
import relaxed from "@x/core-wasm/relaxed.wasm";
import { runSuite } from "../suite/suite.ts";

interface Bindings {
  readonly packages: { fetch(url: string): Promise<Response> };
}

export default {
  async fetch(_: Request, { packages }: Bindings): Promise<Response> {
    try {
      const read = async (path: string) => new Uint8Array(await (await packages.fetch(`http://packages/${path}`)).arrayBuffer());
      return Response.json(await runSuite({ read, kernels: { plain, relaxed } }));
    } catch (error) {
      return Response.json({ error: error instanceof Error ? `${error.message}\n${error.stack ?? ""}` : String(error) });
    }
  },
};
