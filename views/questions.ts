/**
 * Questions before something is done that cannot be undone. Only y says yes, and where many things go at once or by force, a
 * word: Enter, a slip of the finger or a paste never do. What was typed before the question was on the screen is no answer.
 */
import { neutraliseLine } from "../src/format/neutral.ts";
import type { ConfirmPolicy } from "./config/settings.ts";
import { typed } from "./input/keys.ts";
import type { Question } from "./keymap.ts";
import type { AppState, ConfirmState } from "./state.ts";
import type { Store } from "./store.ts";

/** What a grave question wants to be typed. */
const word = "yes";

/** Lines of a paste that are shown. */
const mostShown = 6;

/** Before several pasted lines go where each would be run. @param question how many there are @param last what that means */
export function linesQuestion(text: string, question: (count: number) => string, last: string): Question {
  const lines = linesOf(text);
  const more = lines.length - mostShown;
  const rest = more > 0 ? [`… and ${more} more`] : [];
  return { question: question(lines.length), detail: [...lines.slice(0, mostShown), ...rest, last] };
}

/** Without the end of the last one. */
export function linesOf(text: string): string[] {
  return text.replace(/[\r\n]+$/, "").split(/\r\n|\r|\n/);
}

export class Questions {
  #store: Store<AppState>;
  #policy: ConfirmPolicy;
  /** The question that has been drawn. */
  #seen: ConfirmState["accept"] | undefined;
  #waiting: ConfirmState[] = [];

  constructor(store: Store<AppState>, policy: ConfirmPolicy) {
    this.#store = store;
    this.#policy = policy;
  }

  /** Resolves with the answer; later questions wait for the earlier. */
  ask({ question, detail = [], grave = false }: Question): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const wantsWord = this.#policy === "strict" || (grave && this.#policy === "word");
    this.#waiting.push({
      question: neutraliseLine(question),
      detail: detail.map(neutraliseLine),
      ...(wantsWord && { word }),
      typed: "",
      accept: () => resolve(true),
      decline: () => resolve(false),
    });
    if (!this.#store.get().confirm) this.#next();
    return promise;
  }

  #next(): void {
    this.#store.set({ confirm: this.#waiting.shift() });
  }

  /** A question is on the screen from here on. */
  drawn(confirm: ConfirmState | undefined): void {
    this.#seen = confirm?.accept;
  }

  /** Takes every key while there is a question. */
  key(name: string): void {
    const { confirm } = this.#store.get();
    if (!confirm || confirm.accept !== this.#seen) return;
    const { word: wanted, typed: before } = confirm;
    if (wanted === undefined) this.#answer(name === "y");
    else if (name === "enter") this.#answer(before === wanted);
    else {
      const text = name === "backspace" ? before.slice(0, -1) : `${before}${typed(name) ?? "\0"}`;
      if (wanted.startsWith(text)) this.#store.set({ confirm: { ...confirm, typed: text } });
      else this.#answer(false);
    }
  }

  #answer(yes: boolean): void {
    const { confirm } = this.#store.get();
    this.#next();
    if (yes) confirm?.accept();
    else confirm?.decline();
  }
}
