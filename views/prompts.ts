/** The line of text at the bottom: the filter of a list, the search in a pager, the command palette. */

import { type EngineError, toEngineError } from "../engine/errors.ts";
import type { Context } from "../src/commands/command.ts";
import { neutraliseLine } from "../src/format/neutral.ts";
import { joinWords } from "../src/repl/language/command-line.ts";
import { History, historyFile } from "../src/repl/prompt/history.ts";
import type { CommandLog } from "./command-log.ts";
import { editLine, insert } from "./input/edit-line.ts";
import type { Release } from "./input/held-keys.ts";
import type { Question } from "./keymap.ts";
import type { Lists } from "./lists.ts";
import type { Notes } from "./notes.ts";
import type { Pagers } from "./pagers.ts";
import type { Panes } from "./panes/panes.ts";
import { linesOf, linesQuestion } from "./questions.ts";
import { tabs } from "./resources/index.ts";
import type { Runner } from "./runner.ts";
import type { SessionLines } from "./session-lines.ts";
import type { AppState, PromptState } from "./state.ts";
import type { Store } from "./store.ts";
import type { Trees } from "./tree/trees.ts";

const leaving = ["q", "q!", "quit", "exit"];

export interface PromptParts {
  store: Store<AppState>;
  lists: Lists;
  pagers: Pagers;
  panes: Panes;
  runner: Runner;
  session: SessionLines;
  log: CommandLog;
  /** Keeps which terminals are open. */
  saveLayout(name: string): void;
  ask(question: Question): Promise<boolean>;
  trees: Trees;
  /** Opens a registry or a repository by its name. */
  openPlace(name: string): void;
  notes: Notes;
  env: Record<string, string | undefined>;
  /** Holds keys until the returned function is called: a line may open a terminal. */
  hold(): Release;
  /** What a prefilled line has to begin with to be about the host of the row that it names: "-c build ", or "". */
  hostOf(line: string): string;
  /** Leaves the TUI. */
  quit(): void;
  /** For completion from live state. */
  context(): Context;
}

export class Prompts {
  #parts: PromptParts;
  /** Newest first; shared with the prompt of `berth repl`. */
  #history: History;
  /** What was typed before walking the history. */
  #draft = "";
  #suggesting = Promise.resolve();
  /** How many lines have been opened: candidates of one are none of the next. */
  #opened = 0;

  constructor(parts: PromptParts) {
    this.#parts = parts;
    this.#history = new History(historyFile(parts.env));
  }

  #open(kind: PromptState["kind"], text: string, cursor = text.length): void {
    this.#opened++;
    this.#parts.store.set({ prompt: { kind, text, cursor, candidates: [], chosen: -1, back: 0 } });
  }

  openFilter(): void {
    this.#open("filter", this.#parts.lists.current.filter);
  }

  openSearch(): void {
    this.#open("search", this.#parts.store.get().pager?.search ?? "");
  }

  /** A line about what the pager shows, with what it is now. */
  openOnLines(kind: "lines" | "time" | "since" | "until" | "highlight"): void {
    const { pager } = this.#parts.store.get();
    const filter = pager?.filter ? `${pager.filter.inverse ? "!" : ""}${pager.filter.text}` : "";
    this.#open(kind, { lines: filter, time: "", since: pager?.since ?? "", until: pager?.until ?? "", highlight: "" }[kind]);
  }

  /** Names in the tree that has the screen. */
  openNames(): void {
    this.#open("names", "");
  }

  openPaneSearch(): void {
    this.#open("find", "");
  }

  /** @param cursor where to go on typing; default the end */
  openPalette(text: string, cursor = text.length): void {
    const host = this.#parts.hostOf(text);
    this.#open("palette", host + text, host.length + cursor);
    this.#suggest();
  }

  #set(change: Partial<PromptState>): void {
    const { prompt } = this.#parts.store.get();
    if (prompt) this.#parts.store.set({ prompt: { ...prompt, ...change } });
  }

  /** A key that is no action of the prompt: text, or editing. */
  key(name: string): void {
    const { prompt } = this.#parts.store.get();
    const edited = prompt && editLine(prompt, name);
    if (edited) this.#edited(edited);
  }

  paste(text: string): void {
    const { prompt } = this.#parts.store.get();
    if (prompt?.kind === "palette" && linesOf(text).length > 1) void this.#runPasted(prompt.text + text);
    else if (prompt) this.#edited(insert(prompt, text));
  }

  /** Several lines are a script, which is asked for. */
  async #runPasted(source: string): Promise<void> {
    this.#parts.store.set({ prompt: undefined });
    const question = linesQuestion(source, (count) => `Run ${count} pasted lines?`, "They run one after the other, until one fails.");
    if (await this.#parts.ask(question)) await this.#parts.runner.runSource(linesOf(source).join("\n"));
  }

  #edited(edited: { text: string; cursor: number }): void {
    const { prompt } = this.#parts.store.get();
    this.#set({ ...edited, chosen: -1, back: 0 });
    if (prompt?.kind === "filter") this.#parts.lists.filter(edited.text);
    else if (prompt?.kind === "palette") this.#suggest();
  }

  cancel(): void {
    const { prompt } = this.#parts.store.get();
    if (prompt?.kind === "filter") this.#parts.lists.filter("");
    this.#parts.store.set({ prompt: undefined });
  }

  accept(): void {
    const { prompt } = this.#parts.store.get();
    this.#parts.store.set({ prompt: undefined });
    if (prompt) this.#take(prompt);
  }

  #take(prompt: PromptState): void {
    const { pagers } = this.#parts;
    const text = prompt.text.trim();
    if (prompt.kind === "search") pagers.search.search(prompt.text);
    else if (prompt.kind === "names") void this.#parts.trees.search(prompt.text);
    else if (prompt.kind === "lines") pagers.search.filter(prompt.text);
    else if (prompt.kind === "highlight") pagers.search.highlight(prompt.text);
    else if (prompt.kind === "time" && text) pagers.search.goTo(text);
    else if (prompt.kind === "since" || prompt.kind === "until") pagers.search.bound(prompt.kind, text);
    else if (prompt.kind === "find" && !this.#parts.panes.search(prompt.text))
      this.#parts.notes.info(`"${neutraliseLine(prompt.text)}" is not in here`);
    else if (prompt.kind === "save" && text) void pagers.copy.save(text);
    else if (prompt.kind === "script" && text) void this.#parts.log.save(text);
    else if (prompt.kind === "registry" && text) this.#parts.openPlace(text);
    else if (prompt.kind === "layout" && text) this.#parts.saveLayout(text);
    else if (prompt.kind === "palette" && text) void this.#run(text);
  }

  async #run(line: string): Promise<void> {
    void this.#history.add(line);
    if (this.#jump(line)) return;
    const release = this.#parts.hold();
    try {
      if (await this.#parts.session.has(line)) {
        release("ui");
        await this.#runSource(line);
        return;
      }
      const { isProgramName } = await import("../src/repl/language/program-name.ts");
      const { splitWords } = await import("../src/repl/language/words.ts");
      const words = splitWords(line);
      const running = this.#parts.runner.run(isProgramName(words[0]) ? words.slice(1) : words, { output: true });
      release("ui"); // the runner has its own hold
      await running;
    } catch (error) {
      release("nobody");
      const known = toEngineError(error);
      this.#parts.notes.error(known);
      this.#mend(line, known);
    }
  }

  async #runSource(line: string): Promise<void> {
    const failure = await this.#parts.runner.runSource(line);
    if (failure) this.#mend(line, failure);
  }

  /** A slip is mended where it is, and what is wrong stays in sight: nothing is proposed before a key. */
  #mend(line: string, { location }: EngineError): void {
    if (location?.file === "line") this.#open("palette", line, location.column - 1);
  }

  /** Runs a line that was made elsewhere as if it had been typed. @returns why it failed */
  runWords(words: readonly string[]): Promise<EngineError | undefined> {
    void this.#history.add(joinWords(words));
    return this.#parts.runner.run(words, { output: true });
  }

  /** `:images` and the like open a list, `:q` leaves: what people type who come from k9s. */
  #jump(line: string): boolean {
    const found = tabs.find(({ id }) => id === line);
    if (found) this.#parts.lists.open(found.id);
    else if (leaving.includes(line)) this.#parts.quit();
    else return false;
    return true;
  }

  openRegistry(text: string): void {
    this.#open("registry", text);
  }

  openSave(name: string): void {
    this.#open("save", name);
  }

  openSaveLayout(): void {
    this.#open("layout", "");
  }

  /** For the log of commands. */
  openSaveScript(): void {
    this.#open("script", "actions.berth");
  }

  /** Newest first. The session's history has texts of several lines, too; this is one line. */
  get #recallable(): string[] {
    return this.#history.lines.filter((line) => !line.includes("\n"));
  }

  /** The newest line of the history that holds what was typed, then older ones. */
  searchBack(): void {
    const { prompt } = this.#parts.store.get();
    if (!prompt) return;
    if (prompt.back === 0) this.#draft = prompt.text;
    const found = this.#recallable.findIndex((line, at) => at >= prompt.back && line.includes(this.#draft) && line !== prompt.text);
    if (found < 0) this.#parts.notes.info(`no${prompt.back > 0 ? " older" : ""} command line holds "${this.#draft}"`);
    else this.#recalled(found + 1);
  }

  #recalled(back: number): void {
    const text = back === 0 ? this.#draft : (this.#recallable[back - 1] ?? "");
    this.#set({ text, cursor: text.length, back, candidates: [], chosen: -1 });
  }

  /** Walks the history: 1 to older lines, -1 to newer ones. */
  recall(step: 1 | -1): void {
    const { prompt } = this.#parts.store.get();
    if (!prompt) return;
    const back = Math.max(0, Math.min(this.#recallable.length, prompt.back + step));
    if (prompt.back === 0) this.#draft = prompt.text;
    this.#recalled(back);
  }

  /** Puts the next candidate in place of the word before the cursor; what stands behind that stays. */
  async complete(step: 1 | -1): Promise<void> {
    await this.#suggesting; // a fast Tab means the candidates for what was typed
    const { prompt } = this.#parts.store.get();
    if (!prompt || prompt.candidates.length === 0) return;
    const { candidates } = prompt;
    const chosen = (prompt.chosen + step + candidates.length) % candidates.length;
    const [before, behind] = [prompt.text.slice(0, prompt.cursor), prompt.text.slice(prompt.cursor)];
    const only = candidates.length === 1;
    const head = before.slice(0, wordStart(before)) + candidates[chosen];
    const isOver = only && !goesOn.test(head);
    const text = `${head}${isOver && !behind.startsWith(" ") ? " " : ""}${behind}`;
    this.#set({ text, cursor: head.length + (isOver ? 1 : 0), chosen: only ? -1 : chosen });
    if (only) this.#suggest();
  }

  #suggest(): void {
    this.#suggesting = this.#readCandidates();
  }

  async #readCandidates(): Promise<void> {
    const { prompt } = this.#parts.store.get();
    if (prompt?.kind !== "palette") return;
    const { text, cursor } = prompt;
    const opened = this.#opened;
    const candidates = await this.#candidates(text.slice(0, cursor));
    const now = this.#parts.store.get().prompt;
    if (this.#opened === opened && now?.text === text && now.cursor === cursor) this.#set({ candidates, chosen: -1 });
  }

  /** @param text up to the cursor; where it does not split yet (an open quote) it has none */
  async #candidates(text: string): Promise<string[]> {
    const [{ complete }, { splitWords }] = await Promise.all([
      import("../src/commands/complete.ts"),
      import("../src/repl/language/words.ts"),
    ]);
    try {
      const ofLanguage = await this.#parts.session.complete(text);
      if (ofLanguage) return ofLanguage;
      const words = splitWords(text.slice(0, wordStart(text)));
      const word = text.slice(wordStart(text));
      const { keywords } = await import("../src/repl/language/index.ts");
      const firsts = [...tabs.map(({ id }) => id), ...(word === "" ? [] : keywords)];
      const jumps = words.length === 0 ? firsts.filter((each) => each.startsWith(word)) : [];
      return [...new Set([...(await complete(this.#parts.context(), [...words, word])), ...jumps])].sort();
    } catch {
      return [];
    }
  }
}

/** A directory, a container whose path follows, a name whose value does: the word is not over. */
const goesOn = /[/:=]$/;

/** Where the last word of a line begins. */
function wordStart(text: string): number {
  return /\S*$/.exec(text)?.index ?? text.length;
}
