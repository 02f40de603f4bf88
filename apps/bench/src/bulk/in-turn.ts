/** The ids of the nearest, the nearest first. */
export type Search = (vector: Float32Array) => Promise<readonly number[]>;

export interface Found {
  /** Of what the first search finds, which share this one finds. */
  readonly recall: number;
  /** The median of a query. */
  readonly milliseconds: number;
}

/** Searches take turns over the same queries, so that what else the machine does meets all of them alike. The first is the exact one. */
export async function inTurn(searches: Readonly<Record<string, Search>>, queries: readonly Float32Array[]): Promise<Record<string, Found>> {
  const entries = Object.entries(searches).map(([name, search]) => ({
    name,
    search,
    found: [] as (readonly number[])[],
    times: [] as number[],
  }));
  for (const query of queries)
    for (const { search, found, times } of entries) {
      const begun = performance.now();
      found.push(await search(query));
      times.push(performance.now() - begun);
    }
  const exact = entries[0]?.found ?? [];
  const total = exact.reduce((sum, list) => sum + list.length, 0);
  return Object.fromEntries(
    entries.map(({ name, found, times }) => {
      const right = exact.reduce((sum, list, i) => sum + list.filter((id) => found[i]?.includes(id)).length, 0);
      return [name, { recall: right / total, milliseconds: Number((times.toSorted((a, b) => a - b)[times.length >> 1] ?? 0).toFixed(1)) }];
    }),
  );
}
