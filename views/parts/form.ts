/** A form in a box over the screen: its fields, what is wrong with them where they stand, and the line they make. Pure. */
import { cellWidth, fill, tail, truncate, wrap } from "../../src/format/cells.ts";
import { neutraliseLine } from "../../src/format/neutral.ts";
import { shellLine } from "../../src/repl/language/command-line.ts";
import type { FormField } from "../forms/form.ts";
import { formLine } from "../forms/forms.ts";
import { topFor } from "../selection.ts";
import type { FormState } from "../state.ts";
import type { Theme } from "../theme.ts";
import { type BoxLine, type BoxPlace, boxOf } from "./box.ts";

const widest = 100;
/** Rows that the line may take where the fields need the others. */
const lineRows = 3;
/** Edges, the title, two empty rows, the candidates, and what is wrong with the line as a whole. */
const besides = 7;

export interface FormPlace extends BoxPlace {
  /** Where the cursor stands on the screen; undefined in a choice. */
  cursor: { x: number; y: number } | undefined;
}

export function formBox(form: FormState, columns: number, rows: number, theme: Theme): FormPlace {
  const { spec, at, errors } = form;
  const inner = Math.max(1, Math.min(columns - 6, widest));
  const labels = Math.max(...spec.fields.map(({ label }) => cellWidth(label)));
  const room = Math.max(1, inner - labels - 2);
  const line = wrap(`$ ${neutraliseLine(shellLine(formLine(form)))}`, inner);
  const drawn = spec.fields.map((field, index) => fieldLines(form, field, index === at, { labels, room }));
  const most = Math.max(lineRows, rows - besides - sum(drawn) - 2);
  const shown = line.length > most ? [...line.slice(0, most - 1), `${truncate(line[most - 1]!, inner - 1)}…`] : line;
  const height = Math.max(1, Math.min(sum(drawn), rows - besides - shown.length - 2));
  const { lines, row } = window(drawn, at, height);
  const whole = errors[""];
  const body: BoxLine[] = [
    { line: truncate(spec.title, inner), tone: "strong" },
    ...lines,
    { line: "", tone: "plain" },
    ...shown.map((text): BoxLine => ({ line: text, tone: "accent" })),
    ...(whole
      ? wrap(neutraliseLine(whole), inner)
          .slice(0, 2)
          .map((text): BoxLine => ({ line: text, tone: "bad" }))
      : []),
    { line: candidatesText(form, inner), tone: "dim" },
  ];
  const place = boxOf(body, inner, { columns, rows, theme });
  const field = spec.fields[at]!;
  const x = place.left + 2 + labels + 2 + cellWidth(visible(form, field, room).head);
  return { ...place, cursor: field.kind === "choice" ? undefined : { x, y: place.top + 2 + row } };
}

const sum = (drawn: readonly BoxLine[][]) => drawn.reduce((rows, { length }) => rows + length, 0);

/** The rows around the field that is typed into, and which of them is its own. */
function window(drawn: readonly BoxLine[][], at: number, height: number): { lines: BoxLine[]; row: number } {
  const row = sum(drawn.slice(0, at));
  const top = topFor(0, Math.min(row + height - 1, row + drawn[at]!.length - 1), sum(drawn), height);
  return { lines: drawn.flat().slice(top, top + height), row: row - top };
}

function fieldLines(form: FormState, field: FormField, isAt: boolean, { labels, room }: { labels: number; room: number }): BoxLine[] {
  const { head, rest } = isAt ? visible(form, field, room) : { head: "", rest: neutraliseLine(form.values[field.name] ?? "") };
  const text = field.kind === "choice" ? choiceText(field, form.values[field.name], isAt) : head + rest || field.hint;
  const isHint = field.kind !== "choice" && head + rest === "";
  const wrong = isAt && !form.tried ? undefined : form.values[field.name] || form.tried ? form.errors[field.name] : undefined;
  return [
    { line: `${fill(field.label, labels)}  ${truncate(text, room)}`, tone: isAt && !isHint ? "strong" : isHint ? "dim" : "plain" },
    ...(wrong ? [{ line: `${" ".repeat(labels)}  ${truncate(neutraliseLine(wrong), room)}`, tone: "bad" as const }] : []),
  ];
}

function choiceText({ choices = [] }: FormField, value: string | undefined, isAt: boolean): string {
  const name = choices.find(([choice]) => choice === value)?.[0] ?? choices[0]?.[0] ?? "";
  return isAt ? `‹ ${name} ›` : name;
}

/** The text of the field that is typed into, with the cursor in sight. */
function visible({ values, cursor }: FormState, { name }: FormField, room: number): { head: string; rest: string } {
  const text = values[name] ?? "";
  const head = tail(text.slice(0, cursor), room - 1);
  return { head, rest: truncate(text.slice(cursor), room - cellWidth(head)) };
}

/** Candidates, the chosen one in brackets and in sight. */
function candidatesText({ candidates, chosen }: FormState, width: number): string {
  const from = Math.max(0, chosen - 2);
  const words = candidates.slice(from).map((word, at) => (from + at === chosen ? `[${word}]` : word));
  return truncate(neutraliseLine(words.join("  ")), width);
}
