/** What `public/models/models.json` says of each model: its files with their lengths, and how good it is. */
export type ModelList = Readonly<Record<string, { readonly files: Readonly<Record<string, number>>; readonly score: string }>>;

/** A model's files, from beside the page. @throws Error when one can't be had */
export async function filesOf(
  model: string,
  base: string,
  progress: (share: number) => void,
): Promise<ReadonlyMap<string, Uint8Array<ArrayBuffer>>> {
  const folder = new URL("models/", base);
  const list = (await (await got(new URL("models.json", folder))).json()) as ModelList;
  const lengths = list[model]?.files ?? {};
  const total = Object.values(lengths).reduce((sum, length) => sum + length, 0);
  let come = 0;
  const entries = Object.keys(lengths).map(async (name) => {
    const bytes = await read(await got(new URL(`${model}/${name}`, folder)), (length) => progress((come += length) / total));
    return [name, bytes] as const;
  });
  return new Map(await Promise.all(entries));
}

async function got(url: URL): Promise<Response> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url.pathname} can't be loaded: the server says ${response.status}`);
  return response;
}

async function read(response: Response, onBytes: (length: number) => void): Promise<Uint8Array<ArrayBuffer>> {
  const counted = new TransformStream<Uint8Array, Uint8Array>({
    transform(piece, controller) {
      onBytes(piece.length);
      controller.enqueue(piece);
    },
  });
  return new Uint8Array(await new Response(response.body?.pipeThrough(counted)).arrayBuffer());
}
