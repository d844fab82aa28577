/**
 * The line editor of the prompt: several lines with a continuation prompt, colours as one types, hints from the history,
 * completion, and a search backwards. Node's own (node:readline) edits one line, and knows neither colours nor hints; of npm,
 * those that keep up (prompts, enquirer, @inquirer/prompts) ask questions in forms, ink-text-input is one line of a React tree,
 * terminal-kit brings a screen of its own: none edits a text of a language. Keys are decoded by node:readline.
 */
import { editorOutput, type Paint } from "../../print.ts";
import { completion, inColumns } from "./candidates.ts";
import { type Drawn, draw } from "./draw.ts";
import { EditText } from "./edit-text.ts";
import { highlight, type Vocabulary } from "./highlight.ts";
import type { Key, Keys, Listener } from "./keys.ts";
import { BackwardSearch } from "./search.ts";

export type Line = { kind: "line"; text: string } | { kind: "interrupted" } | { kind: "end" };

export interface EditorParts {
  keys: Keys;
  /** Newest first. */
  history: readonly string[];
  vocabulary: Vocabulary;
  paint: Paint;
  prompt: string;
  /** Does it ask for another line? */
  isIncomplete(text: string): boolean;
  /** Candidates for what stands before the cursor, and the word that they replace. */
  complete(before: string): Promise<[string[], string]>;
}

const continuation = "   ... ";
const bracketedPaste = { on: "\x1b[?2004h", off: "\x1b[?2004l" };

/** Reads one line, or a text of several. @param signal interrupts it */
export function readLine(parts: EditorParts, signal: AbortSignal): Promise<Line> {
  return new LineEditor(parts).read(signal);
}

class LineEditor implements Listener {
  readonly #parts: EditorParts;
  readonly #output = editorOutput();
  readonly #edited = new EditText();
  readonly #over = Promise.withResolvers<Line>();
  #drawn: Drawn = { output: "", row: 0, column: 0, rows: 1 };
  #below: string[] = [];
  #search: BackwardSearch | undefined;
  /** Index into the history, -1 for what is being typed. */
  #recalled = -1;
  #typed = "";
  #isScheduled = false;
  #isDone = false;

  constructor(parts: EditorParts) {
    this.#parts = parts;
  }

  async read(signal: AbortSignal): Promise<Line> {
    const interrupt = () => this.#interrupt();
    const resized = () => this.#draw();
    this.#output.write(bracketedPaste.on);
    const close = this.#parts.keys.open(this);
    this.#output.on("resize", resized);
    signal.addEventListener("abort", interrupt, { once: true });
    this.#draw();
    try {
      return await this.#over.promise;
    } finally {
      signal.removeEventListener("abort", interrupt);
      this.#output.off("resize", resized);
      await close();
    }
  }

  end(): void {
    this.#finish({ kind: "end" }, "");
  }

  key(key: Key): boolean {
    this.#below = [];
    const isSearched = this.#search !== undefined && this.#searched(this.#search, key);
    if (isSearched) {
      // the search's own
    } else if (key.name === "paste") this.#edited.insert(key.text.replace(/\n$/, ""));
    else if (key.text) this.#edited.insert(key.text);
    else this.#command(key.name);
    if (!this.#isDone) this.#later();
    return this.#isDone;
  }

  readonly #commands: Record<string, () => void> = {
    return: () => this.#enter(),
    enter: () => this.#enter(),
    "alt-return": () => this.#edited.insert("\n"),
    "alt-enter": () => this.#edited.insert("\n"),
    "ctrl-c": () => this.#interrupt(),
    "ctrl-d": () => (this.#edited.text === "" ? this.end() : void this.#edited.press("delete")),
    "ctrl-l": () => this.#clear(),
    "ctrl-r": () => {
      this.#search = new BackwardSearch(this.#parts.history, this.#edited.text);
    },
    tab: () => void this.#complete(),
    up: () => this.#vertical(-1),
    "ctrl-p": () => this.#vertical(-1),
    down: () => this.#vertical(1),
    "ctrl-n": () => this.#vertical(1),
  };

  #command(name: string): void {
    const command = this.#commands[name];
    if (command) command();
    else if (!this.#accept(name)) this.#edited.press(name);
  }

  #enter(): void {
    const { text } = this.#edited;
    if (this.#parts.isIncomplete(text)) {
      // In the middle of a text, Return goes on where the cursor is; at its end it asks for the line that is missing.
      this.#edited.insert("\n");
    } else this.#finish({ kind: "line", text }, "\r\n");
  }

  #vertical(by: -1 | 1): void {
    if (this.#edited.vertical(by)) return;
    const { history } = this.#parts;
    const next = this.#recalled - by;
    if (next < -1 || next >= history.length) return;
    if (this.#recalled < 0) this.#typed = this.#edited.text;
    this.#recalled = next;
    this.#edited.set(next < 0 ? this.#typed : history[next]!);
  }

  /** What the newest line that begins so goes on with. */
  get #ghost(): string {
    const { text, cursor } = this.#edited;
    if (text === "" || cursor < text.length || this.#search || text.includes("\n")) return "";
    const goesOn = (line: string) => line.length > text.length && line.startsWith(text) && !line.includes("\n");
    return this.#parts.history.find(goesOn)?.slice(text.length) ?? "";
  }

  /** Right takes all of the hint, Alt-Right a word of it. */
  #accept(name: string): boolean {
    const ghost = this.#ghost;
    const isWord = name === "alt-right" || name === "alt-f" || name === "ctrl-right";
    if (!ghost || (!isWord && !["right", "end", "ctrl-e", "ctrl-f"].includes(name))) return false;
    this.#edited.insert(isWord ? (/^\s*\S+/.exec(ghost)?.[0] ?? ghost) : ghost);
    return true;
  }

  /** @returns whether the key was the search's */
  #searched(search: BackwardSearch, key: Key): boolean {
    const outcome = search.press(key);
    if (outcome === "on") return true;
    this.#search = undefined;
    this.#edited.set(outcome === "left" ? search.before : search.line);
    return outcome === "left";
  }

  async #complete(): Promise<void> {
    const { text, cursor } = this.#edited;
    const before = text.slice(0, cursor);
    const [candidates, word] = await this.#parts.complete(before);
    if (this.#isDone || this.#edited.text !== text || this.#edited.cursor !== cursor) return; // typed on meanwhile
    const found = completion(before, word, candidates);
    if (found.insert) this.#edited.insert(found.insert);
    this.#below = found.insert || candidates.length < 2 ? [] : inColumns(candidates, this.#columns);
    this.#draw();
  }

  get #columns(): number {
    return this.#output.columns || 80;
  }

  /** Keys that come together are drawn together. */
  #later(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    queueMicrotask(() => {
      this.#isScheduled = false;
      if (!this.#isDone) this.#draw();
    });
  }

  #draw(isLast = false): void {
    const { paint, prompt, vocabulary } = this.#parts;
    const search = this.#search;
    const text = search ? search.line : this.#edited.text;
    const cursor = search ? search.cursor : isLast ? text.length : this.#edited.cursor;
    const drawn = draw(
      {
        prompt: search ? search.prompt : prompt,
        continuation,
        text,
        cursor,
        spans: highlight(text, vocabulary, isLast ? -1 : cursor),
        ghost: isLast ? "" : this.#ghost,
        below: this.#below,
      },
      this.#columns,
      paint,
    );
    const up = (rows: number) => (rows > 0 ? `\x1b[${rows}A` : "");
    const back = `${up(this.#drawn.row)}\r\x1b[J`;
    const place = `${up(drawn.rows - 1 - drawn.row)}\r${drawn.column > 0 ? `\x1b[${drawn.column}C` : ""}`;
    this.#output.write(`${back}${drawn.output}${place}`);
    this.#drawn = drawn;
  }

  #clear(): void {
    this.#output.write("\x1b[H\x1b[2J");
    this.#drawn = { ...this.#drawn, row: 0 };
  }

  #interrupt(): void {
    this.#search = undefined;
    this.#finish({ kind: "interrupted" }, "^C\r\n");
  }

  #finish(line: Line, behind: string): void {
    if (this.#isDone) return;
    this.#isDone = true;
    this.#below = [];
    this.#draw(true);
    this.#output.write(`${behind}${bracketedPaste.off}`);
    this.#over.resolve(line);
  }
}
