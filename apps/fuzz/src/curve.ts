/** How much memory a process takes over time, as a picture. */

const [WIDTH, HEIGHT, LEFT, TOP] = [720, 240, 56, 28] as const;

export interface Point {
  readonly seconds: number;
  readonly residentMB: number;
  readonly heapMB: number;
}

/** An SVG: resident memory and JavaScript's heap, in megabytes, against minutes. @param title what stands above it */
export function memoryCurve(points: readonly Point[], title: string): string {
  const last = points.at(-1)?.seconds ?? 1;
  const most = Math.ceil(Math.max(1, ...points.map(({ residentMB }) => residentMB)) / 100) * 100;
  const x = (seconds: number): number => LEFT + (seconds / last) * (WIDTH - LEFT - 16);
  const y = (megabytes: number): number => HEIGHT - 32 - (megabytes / most) * (HEIGHT - 32 - TOP);
  const line = (of: (point: Point) => number, colour: string): string =>
    `<polyline fill="none" stroke="${colour}" stroke-width="2" points="${points.map((point) => `${x(point.seconds).toFixed(1)},${y(of(point)).toFixed(1)}`).join(" ")}"/>`;
  const text = (left: number, top: number, words: string, anchor = "middle"): string =>
    `<text x="${left.toFixed(1)}" y="${top.toFixed(1)}" text-anchor="${anchor}">${words}</text>`;
  const rows = [0, most / 2, most].flatMap((megabytes) => [
    `<path stroke="#8886" d="M${LEFT} ${y(megabytes).toFixed(1)}H${WIDTH - 16}"/>`,
    text(LEFT - 6, y(megabytes) + 4, String(megabytes), "end"),
  ]);
  const minutes = [0, 0.25, 0.5, 0.75, 1].map((share) =>
    text(
      x(share * last),
      HEIGHT - 12,
      `${Math.round((share * last) / 6) / 10} min`,
      share === 0 ? "start" : share === 1 ? "end" : "middle",
    ),
  );
  const end = points.slice(-Math.ceil(points.length / 5)); // over which the names stand
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="11" fill="#777">`,
    `<title>${title}</title>`,
    text(LEFT, 16, `${title} (MB)`, "start"),
    ...rows,
    ...minutes,
    line(({ residentMB }) => residentMB, "#2a78d6"),
    line(({ heapMB }) => heapMB, "#1baf7a"),
    text(WIDTH - 20, y(Math.min(...end.map(({ residentMB }) => residentMB))) + 16, "resident", "end"),
    text(WIDTH - 20, y(Math.max(...end.map(({ heapMB }) => heapMB))) - 8, "JavaScript's heap", "end"),
    "</svg>",
    "",
  ].join("\n");
}
