/** Short notes above the footer: results and errors, gone after a while. */
import type { EngineError } from "../engine/index.ts";
import { cellWidth } from "../src/format/cells.ts";
import { neutraliseLine } from "../src/format/neutral.ts";
import type { AppState, Toast } from "./state.ts";
import type { Store } from "./store.ts";

/** Milliseconds a note stays; an error is to be read. */
const stay = { good: 3000, info: 4000, bad: 10_000 };
const most = 4;

export class Notes {
  #store: Store<AppState>;
  #withKeys: (text: string) => string;
  #timers = new Map<number, NodeJS.Timeout>();
  #next = 1;

  /** @param withKeys puts keys in the place of the actions that a text speaks of */
  constructor(store: Store<AppState>, withKeys: (text: string) => string = (text) => text) {
    this.#store = store;
    this.#withKeys = withKeys;
  }

  good(...lines: string[]): void {
    this.#add("good", lines);
  }

  /** @returns what lets a later note take this one's place */
  info(text: string, insteadOf?: number): number {
    if (insteadOf !== undefined) this.#drop(insteadOf);
    return this.#add("info", [text]);
  }

  /** The message, what was probably meant, and the hint. */
  error(error: EngineError): void {
    const { location } = error;
    if (location?.file === "line" && location.source !== undefined) {
      const before = cellWidth(location.source.split("\n")[location.line - 1]?.slice(0, location.column - 1) ?? "");
      const excerpt = [`  ${location.source.split("\n")[location.line - 1]}`, `  ${" ".repeat(before)}^`];
      this.#add("bad", [error.message, ...excerpt, ...(error.suggestion ? [`did you mean "${error.suggestion}"?`] : [])]);
      return;
    }
    const where = error.location ? `${error.location.file}:${error.location.line}:${error.location.column}: ` : "";
    const message = error.message.startsWith(where) ? error.message : where + error.message;
    const suggestion = error.suggestion ? [`did you mean "${error.suggestion}"?`] : [];
    this.#add("bad", [...message.split("\n").slice(0, 3), ...suggestion, ...(error.hint ? [`hint: ${error.hint}`] : [])]);
  }

  #add(tone: Toast["tone"], lines: string[]): number {
    const id = this.#next++;
    const toast: Toast = { id, tone, lines: lines.map((line) => neutraliseLine(this.#withKeys(line))) };
    this.#store.set({ toasts: [...this.#store.get().toasts.slice(1 - most), toast] });
    this.#timers.set(
      id,
      setTimeout(() => this.#drop(id), stay[tone]),
    );
    return id;
  }

  #drop(id: number): void {
    clearTimeout(this.#timers.get(id));
    this.#timers.delete(id);
    this.#store.set({ toasts: this.#store.get().toasts.filter((toast) => toast.id !== id) });
  }

  dispose(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
  }
}
