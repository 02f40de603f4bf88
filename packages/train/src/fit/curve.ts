/** A picture of a run as SVG: every step's loss, faint, their running mean, and the loss of each evaluation. */
import type { EvaluationEntry, HistoryEntry, StepEntry } from "./history.ts";

export const isStep = (entry: HistoryEntry): entry is StepEntry => "loss" in entry;
export const isEvaluation = (entry: HistoryEntry): entry is EvaluationEntry => "validation" in entry;

interface Point {
  readonly x: number;
  readonly y: number;
}

const [WIDTH, HEIGHT] = [720, 360];
const FRAME = { left: 58, right: 24, top: 56, bottom: 44 };
const INK = { text: "#333", faint: "#888", grid: "#e6e2da", steps: "#c9d8e6", mean: "#2f6690", validation: "#c0563f", best: "#2a7f62" };
/** Most points of a line: more aren't seen. */
const MOST = 600;

/** @param history what `fit` gives, or the lines of its `history.jsonl` */
export function curveOf(history: readonly HistoryEntry[], title = "Loss"): string {
  const steps = history.filter(isStep).map(({ step, loss }) => ({ x: step, y: loss }));
  const evaluations = history.filter(isEvaluation).map(({ step, validation }) => ({ x: step, y: validation.loss }));
  const mean = runningMean(steps, Math.max(1, Math.round(steps.length / 40)));
  const last = Math.max(1, ...[...steps.slice(-1), ...evaluations.slice(-1)].map(({ x }) => x));
  // The outermost hundredth of the steps may leave the picture.
  const sorted = steps.map(({ y }) => y).sort((a, b) => a - b);
  const ticks = ticksOf([sorted[Math.floor(sorted.length * 0.99)] ?? 1, sorted[0] ?? 0, ...[...mean, ...evaluations].map(({ y }) => y)]);
  const [low, high] = [ticks[0] ?? 0, ticks.at(-1) ?? 1];
  const x = (step: number): number => FRAME.left + (step / last) * (WIDTH - FRAME.left - FRAME.right);
  const y = (loss: number): number => HEIGHT - FRAME.bottom - ((loss - low) / (high - low)) * (HEIGHT - FRAME.top - FRAME.bottom);
  const path = (points: readonly Point[]): string =>
    thinned(points)
      .map((point, i) => `${i === 0 ? "M" : "L"}${x(point.x).toFixed(1)} ${y(point.y).toFixed(1)}`)
      .join("");
  const line = (points: readonly Point[], colour: string, width: number): string =>
    points.length === 0 ? "" : `<path d="${path(points)}" fill="none" stroke="${colour}" stroke-width="${width}" stroke-linejoin="round"/>`;
  const best = evaluations.toSorted((a, b) => a.y - b.y).slice(0, 1);
  const dots = evaluations.map((point) => dot(x(point.x), y(point.y), INK.validation, 2.5));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" font-family="system-ui, sans-serif" font-size="12">`,
    `<rect width="100%" height="100%" fill="#fbfaf8"/>`,
    `<clipPath id="plot"><rect x="${FRAME.left}" y="${FRAME.top - 4}" width="${WIDTH - FRAME.left - FRAME.right + 4}" height="${HEIGHT - FRAME.top - FRAME.bottom + 8}"/></clipPath>`,
    text(FRAME.left, 28, title, INK.text, 'font-size="16" font-weight="600"'),
    legend(evaluations.length > 0),
    ...ticks.map((tick) => horizontal(y(tick), label(tick, high - low))),
    ...ticksOf([0, last], 6)
      .filter((tick) => tick <= last && Number.isInteger(tick))
      .map((tick) => text(x(tick), HEIGHT - FRAME.bottom + 18, String(tick), INK.faint, 'text-anchor="middle"')),
    text((FRAME.left + WIDTH - FRAME.right) / 2, HEIGHT - 8, "step", INK.faint, 'text-anchor="middle"'),
    `<g clip-path="url(#plot)">`,
    line(steps, INK.steps, 1),
    line(mean, INK.mean, 2),
    line(evaluations, INK.validation, 2),
    ...dots,
    ...best.map((point) => mark(x(point.x), y(point.y), label(point.y, (high - low) / 10))),
    `</g>`,
    `</svg>\n`,
  ].join("\n");
}

function legend(hasEvaluations: boolean): string {
  const entries = [["training", INK.mean], ...(hasEvaluations ? [["validation", INK.validation]] : [])] as const;
  return entries
    .map(([name = "", colour = ""], i) => {
      const left = WIDTH - FRAME.right - 92 * (entries.length - i);
      return `<rect x="${left}" y="21" width="14" height="3" rx="1.5" fill="${colour}"/>${text(left + 20, 27, name, INK.text)}`;
    })
    .join("");
}

const text = (x: number, y: number, words: string, colour: string, more = ""): string =>
  `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" fill="${colour}" ${more}>${words.replace(/[&<]/g, (sign) => (sign === "&" ? "&amp;" : "&lt;"))}</text>`;

const dot = (x: number, y: number, colour: string, radius: number): string =>
  `<circle cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="${radius}" fill="${colour}"/>`;

/** The best evaluation, its number above it or, near the top, below. */
function mark(x: number, y: number, value: string): string {
  const beyond = x > WIDTH - FRAME.right - 30;
  const place = `text-anchor="${beyond ? "end" : "middle"}" font-weight="600"`;
  return dot(x, y, INK.best, 4.5) + text(x + (beyond ? 2 : 0), y < FRAME.top + 20 ? y + 20 : y - 10, value, INK.best, place);
}

const horizontal = (y: number, words: string): string =>
  `<line x1="${FRAME.left}" x2="${WIDTH - FRAME.right}" y1="${y.toFixed(1)}" y2="${y.toFixed(1)}" stroke="${INK.grid}"/>${text(FRAME.left - 8, y + 4, words, INK.faint, 'text-anchor="end"')}`;

/** Round numbers that span the values: steps of 1, 2 or 5 times a power of ten. */
function ticksOf(values: readonly number[], count = 5): number[] {
  const finite = values.filter((value) => Number.isFinite(value));
  const [low, high] = [Math.min(...finite), Math.max(...finite)];
  const rough = Math.max((high - low) / count, Math.abs(high) / 50, 1e-9); // where nothing changes, too
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10);
  const [first, last] = [Math.floor(low / step), Math.max(Math.ceil(high / step), Math.floor(low / step) + 1)];
  return Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

const label = (value: number, span: number): string => value.toFixed(Math.max(0, Math.min(6, 1 - Math.floor(Math.log10(span || 1)))));

function runningMean(points: readonly Point[], window: number): Point[] {
  let sum = 0;
  return points.map(({ x, y }, i) => {
    sum += y - (points[i - window]?.y ?? 0);
    return { x, y: sum / Math.min(i + 1, window) };
  });
}

const thinned = (points: readonly Point[]): readonly Point[] => {
  const every = Math.ceil(points.length / MOST);
  return points.filter((_, i) => i % every === 0 || i === points.length - 1);
};
