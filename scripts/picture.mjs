// Draws a terminal screen as SVG: `node scripts/picture.mjs OUT.svg [COLUMNSxROWS] [KEYS…] -- COMMAND…` runs a program
// under a PTY, types the keys (JavaScript escapes; "sleep:500" waits that many ms), and draws what stands there then.
import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const require = createRequire(import.meta.url);
const cell = { width: 8.43, height: 18 };
const margin = 14;
const bar = 30;
const palette = [
  "#1d1f21",
  "#e06c75",
  "#98c379",
  "#e5c07b",
  "#61afef",
  "#c678dd",
  "#56b6c2",
  "#c8ccd4",
  "#5c6370",
  "#ff7b86",
  "#b5e890",
  "#f5d78e",
  "#82c4ff",
  "#df9af2",
  "#7fdbe6",
  "#ffffff",
];
const foreground = "#c8ccd4";
const background = "#1b1d23";

const escapeText = (text) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");

function colour(value, rgb) {
  if (rgb) return `#${value.toString(16).padStart(6, "0")}`;
  if (value < 16) return palette[value];
  if (value >= 232) return `#${(8 + (value - 232) * 10).toString(16).padStart(2, "0").repeat(3)}`;
  const level = (index) => (index === 0 ? 0 : 55 + index * 40).toString(16).padStart(2, "0");
  const cube = value - 16;
  return `#${level(Math.floor(cube / 36))}${level(Math.floor(cube / 6) % 6)}${level(cube % 6)}`;
}

function styleOf(each) {
  let front = each.isFgDefault() ? foreground : colour(each.getFgColor(), each.isFgRGB());
  let back = each.isBgDefault() ? undefined : colour(each.getBgColor(), each.isBgRGB());
  if (each.isInverse()) [front, back] = [back ?? background, front];
  return { front, back, bold: each.isBold() !== 0, dim: each.isDim() !== 0 };
}

/** Runs of cells in one style: column, width in cells, text, style. */
function runsOf(line, columns) {
  const runs = [];
  for (let column = 0; column < columns; column++) {
    const each = line.getCell(column);
    if (!each || each.getWidth() === 0) continue;
    const style = styleOf(each);
    const last = runs.at(-1);
    const text = each.getChars() || " ";
    const joins = last && JSON.stringify(last.style) === JSON.stringify(style) && /^[\x20-\x7e]$/.test(text) && last.plain;
    if (joins) {
      last.text += text;
      last.width += each.getWidth();
    } else runs.push({ column, width: each.getWidth(), text, style, plain: /^[\x20-\x7e]$/.test(text) });
  }
  return runs;
}

/** The screen of an xterm terminal as an SVG document with a window frame. */
export function toSvg(terminal, title) {
  const width = terminal.cols * cell.width + margin * 2;
  const height = terminal.rows * cell.height + margin * 2 + bar;
  const parts = [];
  for (let row = 0; row < terminal.rows; row++) {
    const line = terminal.buffer.active.getLine(terminal.buffer.active.baseY + row);
    const y = bar + margin + row * cell.height;
    for (const { column, width: cells, text, style } of runsOf(line, terminal.cols)) {
      const x = (margin + column * cell.width).toFixed(2);
      const length = (cells * cell.width).toFixed(2);
      if (style.back) parts.push(`<rect x="${x}" y="${y}" width="${length}" height="${cell.height}" fill="${style.back}"/>`);
      if (!text.trim()) continue;
      const weight = style.bold ? ' font-weight="700"' : "";
      const faint = style.dim ? ' opacity="0.62"' : "";
      parts.push(
        `<text x="${x}" y="${y + 13.5}" fill="${style.front}" textLength="${length}" lengthAdjust="spacingAndGlyphs"${weight}${faint}>${escapeText(text)}</text>`,
      );
    }
  }
  const dots = ["#ff5f56", "#ffbd2e", "#27c93f"]
    .map((fill, at) => `<circle cx="${20 + at * 20}" cy="${bar / 2 + 3}" r="6" fill="${fill}"/>`)
    .join("");
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width.toFixed(0)}" height="${height}" viewBox="0 0 ${width.toFixed(0)} ${height}">
<rect width="100%" height="100%" rx="8" fill="${background}"/>${dots}
<text x="50%" y="${bar / 2 + 7}" fill="#8a919e" font-family="sans-serif" font-size="13" text-anchor="middle">${escapeText(title)}</text>
<g font-family="ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace" font-size="14" xml:space="preserve">
${parts.join("\n")}
</g>
</svg>
`;
}

const wait = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Runs a command line in a terminal of a size, types, and gives the terminal when it has been still for a while. */
export async function capture({ columns, rows, keys, command }) {
  const xterm = require("@xterm/headless");
  const graphemes = require("@xterm/addon-unicode-graphemes");
  const pty = require("node-pty");
  const terminal = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true });
  terminal.loadAddon(new graphemes.UnicodeGraphemesAddon());
  const env = { ...process.env, TERM: "xterm-256color", COLORTERM: "truecolor", LANG: "C.UTF-8", TMUX: "", NO_COLOR: "" };
  const child = pty.spawn(command[0], command.slice(1), { cols: columns, rows, name: "xterm-256color", env });
  let last = Date.now();
  child.onData((data) => {
    last = Date.now();
    terminal.write(data);
  });
  const still = async () => {
    while (Date.now() - last < 700) await wait(50);
  };
  await still();
  for (const key of keys) {
    const pause = /^sleep:(\d+)$/.exec(key);
    if (pause) await wait(Number(pause[1]));
    else child.write(JSON.parse(`"${key.replaceAll('"', '\\"')}"`));
    await wait(150);
  }
  await wait(400);
  child.kill("SIGTERM");
  return terminal;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const words = process.argv.slice(2);
  const split = words.indexOf("--");
  const [file, size = "120x36", ...keys] = words.slice(0, split);
  const [columns, rows] = size.split("x").map(Number);
  const command = words.slice(split + 1);
  const terminal = await capture({ columns, rows, keys, command });
  writeFileSync(file, toSvg(terminal, "berth"));
  process.exit(0);
}
