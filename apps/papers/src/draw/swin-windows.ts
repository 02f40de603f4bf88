/** Swin's windows on a 12 × 12 map, from the library's own tables: regular windows, shifted ones, and who sees whom in the last shifted window. */
import { shiftMask, windowGrid, windowTokens } from "@x/models-vision";

const [SIDE, WINDOW, CELL] = [12, 4, 16];
const regular = windowGrid([SIDE, SIDE], WINDOW, 0, "huggingFace");
const shifted = windowGrid([SIDE, SIDE], WINDOW, WINDOW / 2, "huggingFace");
const mask = shiftMask(shifted);
const area = WINDOW ** 2;
const last = (SIDE / WINDOW) ** 2 - 1;

/** A light colour for each window. */
const colour = (window: number): string => `hsl(${(window * 137.5) % 360} 62% ${window % 2 === 0 ? 78 : 70}%)`;

const square = (column: number, row: number, size: number, fill: string): string =>
  `<rect x="${column * size}" y="${row * size}" width="${size - 1}" height="${size - 1}" rx="2" fill="${fill}"/>`;

/** The map, each token in the colour of its window. */
function map(tokens: Int32Array): string {
  return Array.from(tokens, (token, place) => square(token % SIDE, Math.floor(token / SIDE), CELL, colour(Math.floor(place / area)))).join(
    "",
  );
}

/** Rows are queries, columns keys of the last window: dark where the two may not see each other. */
function pairs(): string {
  const size = (SIDE * CELL) / area;
  return Array.from({ length: area ** 2 }, (_, at) => {
    const open = mask[last * area ** 2 + at] === 0;
    return square(at % area, Math.floor(at / area), size, open ? colour(last) : "#3b3b46");
  }).join("");
}

const panels: readonly (readonly [title: string, body: string])[] = [
  ["Windows of a block", map(windowTokens(regular))],
  ["Shifted, in the next block", map(windowTokens(shifted))],
  ["The mask of the corner", pairs()],
];
const step = SIDE * CELL + 48;
export const swinWindows =
  (): string => `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${panels.length * step + 24} 264" width="${panels.length * step + 24}" height="264" font-family="system-ui, sans-serif">
<rect width="100%" height="100%" fill="#fbfaf8"/>
${panels
  .map(
    ([title, body], i) =>
      `<g transform="translate(${36 + i * step} 48)"><text y="-16" font-size="14" font-weight="600" fill="#222">${title}</text>${body}</g>`,
  )
  .join("\n")}
</svg>
`;
