/** A question in a box over the screen. Pure. */
import { cellWidth, fill, wrap } from "../../src/format/cells.ts";
import type { ConfirmState } from "../state.ts";
import type { Theme } from "../theme.ts";

export interface BoxPlace {
  left: number;
  top: number;
  lines: string[];
}

/** The box in the middle of the screen. */
export function questionBox(confirm: ConfirmState, columns: number, rows: number, theme: Theme): BoxPlace {
  const inner = Math.min(columns - 6, Math.max(30, ...[confirm.question, ...confirm.detail].map(cellWidth)));
  const question = wrap(confirm.question, inner);
  const detail = confirm.detail.flatMap((line) => wrap(line, inner));
  const keys = confirm.word ? `type "${confirm.word}" and ⏎: ${confirm.typed.padEnd(confirm.word.length, "_")}   n no` : "y yes   n no";
  const room = Math.max(1, rows - 6 - question.length);
  const body = [
    ...question.map((line) => ({ line, tone: "strong" as const })),
    ...detail.slice(0, room).map((line) => ({ line, tone: "plain" as const })),
    { line: "", tone: "plain" as const },
    { line: keys, tone: "key" as const },
  ];
  const edge = (text: string) => theme.paint("busy", text);
  const lines = [
    edge(`╭${"─".repeat(inner + 2)}╮`),
    ...body.map(({ line, tone }) => `${edge("│")} ${theme.paint(tone, fill(line, inner))} ${edge("│")}`),
    edge(`╰${"─".repeat(inner + 2)}╯`),
  ];
  return { left: Math.max(0, Math.floor((columns - inner - 4) / 2)), top: Math.max(0, Math.floor((rows - lines.length) / 2)), lines };
}
