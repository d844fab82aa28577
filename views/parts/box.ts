/** A box in the middle of the screen, over what is there. Pure. */
import { fill } from "../../src/format/cells.ts";
import type { Theme, Tone } from "../theme.ts";

export interface BoxPlace {
  left: number;
  top: number;
  lines: string[];
}

export interface BoxLine {
  line: string;
  tone: Tone;
}

/** @param inner cells between its edges and the space beside them */
export function boxOf(
  body: readonly BoxLine[],
  inner: number,
  { columns, rows, theme }: { columns: number; rows: number; theme: Theme },
): BoxPlace {
  const edge = (text: string) => theme.paint("busy", text);
  const lines = [
    edge(`╭${"─".repeat(inner + 2)}╮`),
    ...body.map(({ line, tone }) => `${edge("│")} ${theme.paint(tone, fill(line, inner))} ${edge("│")}`),
    edge(`╰${"─".repeat(inner + 2)}╯`),
  ];
  return { left: Math.max(0, Math.floor((columns - inner - 4) / 2)), top: Math.max(0, Math.floor((rows - lines.length) / 2)), lines };
}
