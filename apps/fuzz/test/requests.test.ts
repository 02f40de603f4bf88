/** The soak's requests, some of each: none leaves anything behind. */
import { init, liveBytes } from "@x/layers";
import { expect, test } from "vitest";
import { drawn } from "../src/draw.ts";
import { startRequests } from "../src/requests.ts";

test("embeddings, labels, texts, loads, saves, aborts and errors, several at once, leave nothing in memory", async () => {
  await init({ threads: 1 });
  const before = liveBytes();
  {
    await using requests = await startRequests();
    const kinds = Object.entries(requests.kinds);
    const serve = (seed: number): Promise<unknown> => Promise.all(kinds.map(([, { run }], index) => run(drawn(10 * seed + index))));
    await serve(0); // models pack their weights when they are first used
    const held = liveBytes();
    for (const seed of [1, 2, 3, 4]) await serve(seed);
    expect(kinds).toHaveLength(8);
    expect(liveBytes()).toBe(held);
  }
  expect(liveBytes()).toBe(before);
});
