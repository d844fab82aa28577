/** Results that are larger than the screen: scrolled, also sideways, instead of wrapped and gone. Keys are less's. */
import { cellWidth, graphemes, truncate } from "../../format/cells.ts";
import { editorOutput, isTerminal, type Paint } from "../../print.ts";
import type { Key, Keys } from "./keys.ts";

/** Cells that an arrow goes sideways. */
const sideways = 16;

/** What is seen of a text. Pure. */
export class Page {
  readonly #lines: readonly string[];
  /** A table's header stays. */
  readonly #header: string | undefined;
  readonly #width: number;
  #top = 0;
  #left = 0;
  #rows: number;
  #columns: number;

  constructor(text: string, size: { columns: number; rows: number }) {
    const lines = text.replace(/\n$/, "").split("\n");
    this.#header = /^[A-Z][A-Z ]*(\s{3,}|$)/.test(lines[0]!) ? lines[0] : undefined;
    this.#lines = this.#header === undefined ? lines : lines.slice(1);
    this.#width = lines.reduce((widest, line) => Math.max(widest, cellWidth(line)), 0);
    [this.#columns, this.#rows] = [size.columns, size.rows];
  }

  /** Does it need one? */
  get isLarger(): boolean {
    return this.#width > this.#columns || this.#lines.length + (this.#header === undefined ? 0 : 1) > this.#rows - 1;
  }

  get isTall(): boolean {
    return this.#lines.length > this.#height;
  }

  resize(size: { columns: number; rows: number }): void {
    [this.#columns, this.#rows] = [size.columns, size.rows];
    this.#go(0);
  }

  get #height(): number {
    return Math.max(1, this.#rows - 1 - (this.#header === undefined ? 0 : 1));
  }

  #go(by: number): void {
    this.#top = Math.max(0, Math.min(this.#top + by, this.#lines.length - this.#height));
  }

  /** @returns whether it is left */
  press(name: string): boolean {
    const page = this.#height;
    if (["q", "escape", "ctrl-c", "ctrl-d"].includes(name)) return true;
    if (["down", "j", "return", "enter"].includes(name)) this.#go(1);
    else if (["up", "k"].includes(name)) this.#go(-1);
    else if (["space", "f", "pagedown", "ctrl-f"].includes(name)) this.#go(page);
    else if (["b", "pageup", "ctrl-b"].includes(name)) this.#go(-page);
    else if (["g", "home"].includes(name)) this.#go(-this.#lines.length);
    else if (["G", "end"].includes(name)) this.#go(this.#lines.length);
    else if (["right", "l"].includes(name)) this.#left = Math.max(0, Math.min(this.#left + sideways, this.#width - this.#columns));
    else if (["left", "h"].includes(name)) this.#left = Math.max(0, this.#left - sideways);
    return false;
  }

  /** The rows of the screen. */
  rows(paint: Paint): string[] {
    const shown = this.#lines.slice(this.#top, this.#top + this.#height).map((line) => this.#cut(line));
    const filled = [...shown, ...Array.from({ length: this.#height - shown.length }, () => "")];
    const last = Math.min(this.#lines.length, this.#top + this.#height);
    const isWide = this.#width > this.#columns;
    const status = `lines ${this.#top + 1}-${last} of ${this.#lines.length}${isWide ? `, from column ${this.#left + 1}: ←→` : ""}  q leaves`;
    const header = this.#header === undefined ? [] : [paint("bold", this.#cut(this.#header))];
    return [...header, ...filled, paint("dim", truncate(status, this.#columns))];
  }

  #cut(line: string): string {
    let [at, cut] = [0, ""];
    for (const { text, width } of graphemes(line)) {
      if (at >= this.#left && at + width <= this.#left + this.#columns) cut += text;
      at += width;
    }
    return cut;
  }

  /** All of it, cut at the edge: what stays behind of one that is only too wide. */
  remains(): string {
    const all = this.#header === undefined ? this.#lines : [this.#header, ...this.#lines];
    return all.map((line) => `${truncate(line, this.#columns)}\n`).join("");
  }
}

/** Shows a text that is larger than the terminal until it is left. @returns false where it is not, and is printed as ever */
export async function showPaged(text: string, keys: Keys, paint: Paint): Promise<boolean> {
  const output = editorOutput();
  const size = () => ({ columns: output.columns || 80, rows: output.rows || 24 });
  // What has its own colours, or moves the cursor, is not cut here.
  if (!isTerminal(1) || text === "" || text.includes("\x1b")) return false;
  const page = new Page(text, size());
  if (!page.isLarger) return false;
  const show = () => void output.write(`\x1b[H${page.rows(paint).join("\x1b[K\r\n")}\x1b[J`);
  const { promise: left, resolve } = Promise.withResolvers<void>();
  const key = ({ name, text: typed }: Key) => {
    const isLeft = page.press(name === "g" && typed === "G" ? "G" : name);
    if (isLeft) resolve();
    else show();
    return isLeft;
  };
  const resized = () => {
    page.resize(size());
    show();
  };
  output.write("\x1b[?1049h");
  const close = keys.open({ key, end: resolve });
  output.on("resize", resized);
  show();
  await left;
  output.off("resize", resized);
  await close();
  output.write("\x1b[?1049l");
  if (!page.isTall) output.write(page.remains().replaceAll("\n", "\r\n"));
  return true;
}
