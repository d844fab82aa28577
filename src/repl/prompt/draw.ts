/** An edited text as it stands on a terminal: broken into rows where that breaks it, with the cursor's place. Pure. */
import { graphemes } from "../../format/cells.ts";
import type { Paint, Style } from "../../print.ts";
import type { Span } from "./highlight.ts";

export interface Picture {
  /** In front of the first line, and of those that continue it: as wide as they are long. */
  prompt: string;
  continuation: string;
  text: string;
  cursor: number;
  spans: readonly Span[];
  /** What the history would add, behind the text. */
  ghost: string;
  /** Lines below, cut at the edge. */
  below: readonly string[];
}

export interface Drawn {
  output: string;
  /** Of the cursor, from the first row of the prompt. */
  row: number;
  column: number;
  /** Rows that are drawn. */
  rows: number;
}

export function draw({ prompt, continuation, text, cursor, spans, ghost, below }: Picture, columns: number, paint: Paint): Drawn {
  const pen = new Pen(columns, paint);
  pen.write(prompt, "bold");
  let place = { row: 0, column: 0 };
  let at = 0;
  let span = 0;
  for (const { text: grapheme } of graphemes(text)) {
    if (at === cursor) place = pen.place();
    while (spans[span] && spans[span]!.end <= at) span++;
    const own = spans[span];
    if (grapheme === "\n") {
      pen.line();
      pen.write(continuation, "dim");
    } else pen.write(grapheme, own && own.start <= at ? own.style : undefined);
    at += grapheme.length;
  }
  if (at <= cursor) place = pen.place();
  if (ghost) pen.write(ghost, "dim");
  pen.end();
  for (const line of below) {
    pen.line();
    pen.cut(line);
  }
  return { output: pen.output(), ...place, rows: pen.row + 1 };
}

class Pen {
  row = 0;
  #column = 0;
  #output = "";
  #style: Style | undefined;
  /** Of one style, not painted yet. */
  #open = "";
  readonly #columns: number;
  readonly #paint: Paint;

  constructor(columns: number, paint: Paint) {
    this.#columns = columns;
    this.#paint = paint;
  }

  write(text: string, style: Style | undefined): void {
    for (const { text: grapheme, width } of graphemes(text)) {
      if (this.#column + width > this.#columns) this.line();
      if (style !== this.#style) this.#flush();
      this.#style = style;
      this.#open += grapheme;
      this.#column += width;
    }
  }

  /** Where the next character would stand. */
  place(): { row: number; column: number } {
    return this.#column >= this.#columns ? { row: this.row + 1, column: 0 } : { row: this.row, column: this.#column };
  }

  /** A full row has its cursor on the next. */
  end(): void {
    if (this.#column >= this.#columns) this.line();
  }

  line(): void {
    this.#flush();
    this.#output += "\r\n";
    this.row++;
    this.#column = 0;
  }

  /** As much of a line as there is room for. */
  cut(line: string): void {
    for (const { text, width } of graphemes(line)) {
      if (this.#column + width > this.#columns) return;
      this.#open += text;
      this.#column += width;
    }
    this.#style = undefined;
  }

  #flush(): void {
    this.#output += this.#style && this.#open ? this.#paint(this.#style, this.#open) : this.#open;
    this.#open = "";
    this.#style = undefined;
  }

  output(): string {
    this.#flush();
    return this.#output;
  }
}
