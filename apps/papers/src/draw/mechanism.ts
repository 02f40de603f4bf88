/** A model as a row of boxes: what goes in, what happens, what comes out. What the paper brought is coloured; what is repeated has a frame. */
import type { Step } from "../paper.ts";
import { escaped } from "./tiles.ts";

const [HEIGHT, GAP, TOP] = [74, 26, 30];
const widthOf = ({ name, detail = "" }: Step): number => Math.max(84, 24 + 7.4 * name.length, 24 + 6 * detail.length);

export function mechanism(steps: readonly Step[]): string {
  let x = 14;
  const boxes = steps.map((step) => {
    const box = { ...step, x, width: widthOf(step) };
    x += box.width + GAP;
    return box;
  });
  const [width, height] = [x - GAP + 14, TOP + HEIGHT + 24];
  const middle = TOP + HEIGHT / 2;
  const drawn = boxes.map(({ name, detail, isNew, ...box }) => {
    const centre = box.x + box.width / 2;
    const words =
      detail === undefined
        ? ""
        : `<text x="${centre}" y="${middle + 17}" text-anchor="middle" font-size="11" fill="#666">${escaped(detail)}</text>`;
    return `<rect x="${box.x}" y="${TOP}" width="${box.width}" height="${HEIGHT}" rx="8" fill="${isNew ? "#f6d9c4" : "#fff"}" stroke="${isNew ? "#c0563f" : "#b9b3a7"}"/><text x="${centre}" y="${middle + (detail === undefined ? 5 : -3)}" text-anchor="middle" font-weight="600" fill="#222">${escaped(name)}</text>${words}`;
  });
  const arrows = boxes.slice(1).map((box) => `<path d="M${box.x - GAP + 3} ${middle}h${GAP - 9}" stroke="#777" marker-end="url(#head)"/>`);
  const repeated = boxes.filter(({ isRepeated }) => isRepeated);
  const [first, last] = [repeated[0], repeated.at(-1)];
  const frame =
    first && last
      ? `<rect x="${first.x - 9}" y="${TOP - 9}" width="${last.x + last.width - first.x + 18}" height="${HEIGHT + 18}" rx="12" fill="none" stroke="#2f6690" stroke-dasharray="5 4"/><text x="${first.x - 4}" y="${TOP - 15}" font-size="11" fill="#2f6690">every layer</text>`
      : "";
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="system-ui, sans-serif" font-size="13">
<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0L8 4L0 8z" fill="#777"/></marker></defs>
<rect width="100%" height="100%" fill="#fbfaf8"/>
${[frame, ...drawn, ...arrows].join("\n")}
</svg>
`;
}
