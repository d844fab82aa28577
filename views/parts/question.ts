/** A question in a box over the screen. Pure. */
import { cellWidth, wrap } from "../../src/format/cells.ts";
import type { ConfirmState } from "../state.ts";
import type { Theme } from "../theme.ts";
import { type BoxPlace, boxOf } from "./box.ts";

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
  return boxOf(body, inner, { columns, rows, theme });
}
