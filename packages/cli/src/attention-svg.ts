/** Which word looks at which, as an SVG: a row for each token that looks, a column for each that is looked at. */
const [cell, size] = [22, 13];

/** @param attention a row a token; rows sum to 1. Shades go with square roots: most words look at [CLS] and [SEP] above all. */
export function attentionSvg(tokens: readonly string[], attention: readonly (readonly number[])[], title: string): string {
  const room = 20 + Math.max(...tokens.map(({ length }) => length)) * size * 0.62;
  const top = room + 30;
  const [width, height] = [room + tokens.length * cell + 20, top + tokens.length * cell + 20];
  const most = Math.max(...attention.flat());
  const names = tokens.flatMap((token, i) => {
    const middle = (i + 0.5) * cell;
    const [x, y] = [room + middle, top + middle];
    return [
      `<text x="${room - 8}" y="${y + size / 3}" text-anchor="end">${escaped(token)}</text>`,
      `<text transform="translate(${x + size / 3} ${top - 8}) rotate(-90)">${escaped(token)}</text>`,
    ];
  });
  const cells = attention.flatMap((row, y) =>
    row.map((weight, x) => {
      const shade = `fill-opacity="${Math.sqrt(weight / most).toFixed(3)}"`;
      const told = `<title>${escaped(`${tokens[y]} → ${tokens[x]}: ${weight.toFixed(4)}`)}</title>`;
      return `<rect x="${room + x * cell}" y="${top + y * cell}" width="${cell - 1}" height="${cell - 1}" ${shade}>${told}</rect>`;
    }),
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${Math.ceil(width)}" height="${Math.ceil(height)}" font-family="system-ui, sans-serif" font-size="${size}" fill="#222">
<rect width="100%" height="100%" fill="#fff"/>
<text x="12" y="22" font-weight="600">${escaped(title)}</text>
${names.join("\n")}
<g fill="#6d28d9">
${cells.join("\n")}
</g>
</svg>
`;
}

const escaped = (text: string): string =>
  text.replaceAll(/[&<>"\p{Cc}]/gu, (one) => `&#${one.codePointAt(0) === 0 ? 0xfffd : one.codePointAt(0)};`);
