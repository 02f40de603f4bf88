/** How many classes ImageNet's sets have: 1k; 21k as MIIL, 12k, 22k, 22k as Microsoft, and 21k as Google took them. */
const sizes = new Set([1000, 11221, 11821, 21841, 21842, 21843]);

/**
 * The names of the classes of the ImageNet that has so many, as timm tells them apart; none where there is no such. Fetched when they are asked for: 10 kB of
 * ImageNet-1k, 200 kB of the others.
 */
export async function imageNetNames(count: number): Promise<readonly string[] | undefined> {
  if (!sizes.has(count)) return undefined;
  const first = async (): Promise<readonly string[]> => (await import("./imagenet-names-1k.ts")).imageNet1kNames;
  if (count === 1000) return first();
  const { imageNet21kNames, imageNetMembers } = await import("./imagenet-names-21k.ts");
  const members = imageNetMembers[count];
  if (members === undefined) return imageNet21kNames;
  const isMember = (i: number): boolean => ((Number.parseInt(members.at(-1 - (i >> 2)) ?? "0", 16) >> (i & 3)) & 1) === 1;
  const names = imageNet21kNames.filter((_, i) => isMember(i));
  return count === 21842 ? [...(await first()), ...names] : names;
}
