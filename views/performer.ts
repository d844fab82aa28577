/** Doing what an action says: its question first, its command lines, the way around a failure. */
import { type EngineError, toEngineError } from "../engine/errors.ts";
import type { HeldKeys } from "./input/held-keys.ts";
import { type Action, whyNot } from "./keymap.ts";
import type { Tui } from "./tui.ts";

export class Performer {
  #tui: Tui;
  #keys: Pick<HeldKeys, "heard" | "drop">;

  /** @param keys which go nowhere while what they were typed for is not there */
  constructor(tui: Tui, keys: Pick<HeldKeys, "heard" | "drop">) {
    this.#tui = tui;
    this.#keys = keys;
  }

  /** Asks first where it must, and says why when it cannot. */
  perform(action: Action): void {
    const reason = whyNot(action, this.#tui);
    if (reason) {
      this.#tui.notes.info(reason);
      if (action.typedInto) this.#keys.drop();
    } else if (action.words) this.#performLines(action, this.#linesOf(action, action.words));
    else action.run?.(this.#tui);
  }

  /** One line; where it is about containers of several hosts, one for each. */
  #linesOf(action: Action, words: NonNullable<Action["words"]>): string[][] {
    const { hosts, lists } = this.#tui;
    const isAboutRows = action.resources?.includes("containers") && lists.targets().length > 0;
    if (!isAboutRows) return [[...hosts.flagsOf(), ...words(this.#tui)]];
    return lists.forEachHost((host) => [...hosts.flagsOf(host), ...words(this.#tui)]);
  }

  #performLines(action: Action, lines: string[][]): void {
    const { lists, runner } = this.#tui;
    const go = () => {
      if (action.context === "list") lists.unmark();
      for (const words of lines) void runner.run(words, { output: action.output }).then((failure) => this.#rescue(action, words, failure));
    };
    if (action.confirm) void this.#asked(action.confirm.bind(action)).then((yes) => yes && go());
    else go();
  }

  async #asked(confirm: NonNullable<Action["confirm"]>): Promise<boolean> {
    const { notes, questions } = this.#tui;
    const question = await Promise.resolve(confirm(this.#tui)).catch((error: unknown) => notes.error(toEngineError(error)));
    return question !== undefined && questions.ask(question);
  }

  /** Some failures have a way around them. */
  async #rescue({ rescue }: Action, words: readonly string[], failure: EngineError | undefined): Promise<void> {
    if (!rescue || failure?.code !== rescue.code) return;
    await this.#keys.heard();
    const { questions, runner } = this.#tui;
    if (await questions.ask(rescue.question(words))) await runner.run(rescue.words(words));
  }
}
