/** Screens as goldens: at four sizes, in colour, without colours, and in ASCII. Styles stand in brackets: i inverse, b bold, d dim, f and a number the colour of the text. */
import { open, openWith, terminal } from "./tui-scene.ts";

const looks = ["colour", "no-color", "ascii"] as const;
export type Look = (typeof looks)[number];

const sizes = [
  [60, 20],
  [80, 24],
  [120, 40],
  [200, 60],
] as const;

export const everyLook = sizes.flatMap(([columns, rows]) => looks.map((look) => [columns, rows, look] as const));

export async function openLook(look: Look, columns: number, rows: number, cwd = "/"): Promise<void> {
  if (look === "ascii") await openWith("borders: ascii\n", columns, rows, {}, {}, cwd);
  else await open(columns, rows, look === "no-color" ? { NO_COLOR: "1" } : {}, cwd);
}

/**
 * The screen without its first line, which says how busy this machine is, and without what differs from one run to another.
 * @param options `tabs: false` for what is not about them: they change with every list that there is
 */
export function shot(name: string, look: Look, { tabs = true } = {}): string {
  const lines = terminal.screen.lines().map((line, row) => (look === "ascii" ? line.trimEnd() : terminal.screen.styled(row)));
  const same = (text: string) => "x".repeat(text.length);
  const text = lines
    .slice(tabs ? 1 : 2)
    .join("\n")
    .trimEnd();
  const known = text.replace(/\b0[0-9a-f]{11}(?:a*|\b)/g, same).replace(/(?<=tmp\/shop-)\w+/g, same);
  return `=== ${name}\n${known.replace(/(?<=Created.*)\d{4}-\S+Z/g, "when")}\n`;
}
