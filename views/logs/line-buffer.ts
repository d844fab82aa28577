/** Lines with a bound: the newest ones are kept, numbers of lines stay what they were. Bytes come in, lines go out. */

import type { Found, Line, LineSource } from "./line-source.ts";

/** Lines kept; the bytes are bounded too, as one line may be long. */
const maxLines = 20_000;
const maxCharacters = 16 << 20;
/** A line without an end is cut into pieces of this many characters. */
const maxLine = 64 << 10;

/** A progress bar rewrites its line: what follows the last carriage return is what one would see. */
export function rewritten(text: string): string {
  if (!text.includes("\r")) return text;
  const whole = text.replace(/\r+$/, "");
  return whole.slice(whole.lastIndexOf("\r") + 1);
}

/** Lines looked at in one step of a search. */
const stride = 2000;

export class LineBuffer implements LineSource {
  #lines: Line[] = [];
  /** Number of the oldest line kept. */
  #first = 0;
  #characters = 0;
  #partial = "";
  #decoder = new TextDecoder();
  #onChange: () => void;

  constructor(onChange: () => void = () => {}) {
    this.#onChange = onChange;
  }

  /** Number of the first line kept. */
  get first(): number {
    return this.#first;
  }

  /** One past the number of the last line. */
  get end(): number {
    return this.#first + this.#lines.length + (this.#partial ? 1 : 0);
  }

  line(number: number): Line | undefined {
    const index = number - this.#first;
    return index === this.#lines.length && this.#partial ? { text: rewritten(this.#partial) } : this.#lines[index];
  }

  next(number: number): number {
    return Math.min(this.end, number + 1);
  }

  previous(number: number): number | undefined {
    const before = Math.min(this.end, number) - 1;
    return before >= this.#first ? before : undefined;
  }

  *scan(from: number, step: 1 | -1, test: (text: string) => boolean): Generator<Found> {
    let number = step > 0 ? Math.max(from, this.#first) : Math.min(from, this.end) - 1;
    while (number >= this.#first && number < this.end) {
      const found: number[] = [];
      for (let count = 0; count < stride && number >= this.#first && number < this.end; count++, number += step)
        if (test(this.line(number)!.text)) found.push(number);
      yield { found, at: step > 0 ? number : number + 1 };
    }
  }

  whereabouts(number: number, _last: number, end: number): string {
    return `${Math.max(end > this.#first ? 1 : 0, Math.min(end, number + 1) - this.#first)}/${end - this.#first}`;
  }

  push(entry: Line): void {
    const line = entry.text.includes("\r") ? { ...entry, text: rewritten(entry.text) } : entry;
    this.#lines.push(line);
    this.#characters += line.text.length;
    if (this.#lines.length > maxLines + 1000 || this.#characters > maxCharacters) this.#trim();
    this.#onChange();
  }

  /** Bytes of a stream; a line that has not ended yet shows as the last one. */
  write(bytes: Uint8Array): void {
    const pieces = (this.#partial + this.#decoder.decode(bytes, { stream: true })).split("\n");
    this.#partial = pieces.pop() ?? "";
    // A progress bar may never end its line: what it has overwritten is not kept.
    if (this.#partial.includes("\r")) this.#partial = rewritten(this.#partial) + (this.#partial.endsWith("\r") ? "\r" : "");
    while (this.#partial.length > maxLine) {
      pieces.push(this.#partial.slice(0, maxLine));
      this.#partial = this.#partial.slice(maxLine);
    }
    for (const piece of pieces) this.push({ text: piece });
    this.#onChange();
  }

  /** Forgets the lines: what comes stands in their place. */
  clear(): void {
    this.#first = this.end;
    this.#lines = [];
    this.#characters = 0;
    this.#partial = "";
  }

  /** Other text in the place of all lines, under their numbers: whoever reads them stays where they are. */
  replace(text: string): void {
    const first = this.#first;
    this.clear();
    this.#first = first;
    this.text(text);
  }

  /** Whole text at once. */
  text(text: string): void {
    for (const line of text.replace(/\n$/, "").split("\n")) this.push({ text: line });
  }

  #trim(): void {
    let drop = Math.max(0, this.#lines.length - maxLines);
    let freed = 0;
    for (let at = 0; at < drop || (this.#characters - freed > maxCharacters * 0.9 && at < this.#lines.length - 1); at++) {
      freed += this.#lines[at]!.text.length;
      drop = Math.max(drop, at + 1);
    }
    this.#lines = this.#lines.slice(drop);
    this.#first += drop;
    this.#characters -= freed;
  }
}
