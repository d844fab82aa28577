/**
 * The TUI without its looks: one state, the rooms that change it, and the dispatch of keys by the action table. What the
 * state looks like is drawn by frame.tsx; the terminal itself is the business of app.tsx.
 */
import { Writable } from "node:stream";
import { toEngineError } from "../engine/errors.ts";
import type { Engine } from "../engine/index.ts";
import type { Context } from "../src/commands/command.ts";
import { neutraliseLine } from "../src/format/neutral.ts";
import { joinWords } from "../src/repl/language/command-line.ts";
import type { HostEngine, TuiHost } from "../src/tui-hosts.ts";
import { Clipboard } from "./clipboard.ts";
import { CommandLog } from "./command-log.ts";
import { type ResolvedSettings, resolveSettings } from "./config/resolve.ts";
import { defaults } from "./config/settings.ts";
import { Details } from "./details.ts";
import { Forms } from "./forms/forms.ts";
import { HostColours } from "./host-colours.ts";
import { Hosts, hostOf } from "./hosts/hosts.ts";
import { HeldKeys } from "./input/held-keys.ts";
import { textKeys, typed } from "./input/keys.ts";
import { countForKeys } from "./input/unbracketed.ts";
import { bind } from "./key-bindings.ts";
import { type Action, actionsIn, findAction, type KeyContext, keyLabel, whyNot, withKeys } from "./keymap.ts";
import { saveLayout } from "./keys/layouts.ts";
import { type Layout, layoutOf } from "./layout.ts";
import { leavingQuestion } from "./leaving.ts";
import { Lists } from "./lists.ts";
import { hostLoad, Live } from "./live.ts";
import { Menus } from "./menus.ts";
import { Notes } from "./notes.ts";
import { Pagers } from "./pagers.ts";
import { Layouts } from "./panes/layouts.ts";
import type { Pane } from "./panes/pane.ts";
import { Panes } from "./panes/panes.ts";
import { Performer } from "./performer.ts";
import { FileWatch } from "./projects/file-watch.ts";
import { ProgressMeter } from "./projects/progress.ts";
import type { ProjectRow } from "./projects/project.ts";
import { Prompts } from "./prompts.ts";
import { linesQuestion, Questions } from "./questions.ts";
import { Registries } from "./registry/registries.ts";
import { Runner } from "./runner.ts";
import { SessionLines } from "./session-lines.ts";
import { type AppState, initialState, withSettings } from "./state.ts";
import { createStore, type Store } from "./store.ts";
import { UsageMeter } from "./usage.ts";

/** What the TUI asks of the terminal it runs in. */
export interface Host {
  /** Leaves the TUI with this exit status. */
  exit(status: number): void;
  redraw(): void;
  suspend(): void;
  /** Gives the terminal to a program until that ends. */
  lend(words: readonly string[]): Promise<void>;
  /** Writes an escape sequence past the screen. */
  send(sequence: string): void;
}

export interface TuiParts {
  engine: HostEngine;
  /** Reads which hosts there are. */
  hosts?: () => Promise<TuiHost[]>;
  env: Record<string, string | undefined>;
  cwd: string;
  version: string;
  root: string;
  columns: number;
  rows: number;
  host: Host;
  /** Default: as it comes, with what the environment says. */
  settings?: ResolvedSettings;
}

/** Keys as they would be read in a line. */
const written = (keys: readonly string[]): string => keys.map((key) => typed(key) ?? keyLabel(key)).join("");

/** Completion writes nothing. */
const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });

export class Tui {
  readonly engine: Engine;
  readonly env: TuiParts["env"];
  readonly hosts: Hosts;
  readonly registries: Registries;
  readonly store: Store<AppState>;
  readonly lists: Lists;
  readonly pagers: Pagers;
  readonly details: Details;
  readonly panes: Panes;
  readonly colours: HostColours;
  readonly prompts: Prompts;
  readonly menus: Menus;
  readonly layouts: Layouts;
  readonly forms: Forms;
  readonly notes: Notes;
  readonly runner: Runner;
  /** Name of the prefix key: "ctrl-b". */
  readonly prefix: string;
  /** The actions with the user's keys. */
  readonly keymap: readonly Action[];
  #live: Live;
  #usage: UsageMeter;
  readonly #clipboard: Clipboard;
  #progress: ProgressMeter;
  #files = new FileWatch(() => void this.#live.load("projects"));
  #host: Host;
  readonly questions: Questions;
  #held = new HeldKeys(
    (name) => this.key(name),
    (keys) => this.#tellOfDropped(keys),
  );

  constructor(parts: TuiParts) {
    const { engine: opened, env, cwd, version, root, columns, rows } = parts;
    this.#host = parts.host;
    this.env = env;
    const settings = parts.settings ?? resolveSettings({ settings: defaults }, env).settings;
    this.prefix = settings.prefix;
    this.keymap = bind(settings);
    const begin = initialState({ columns, rows, version, root, now: Date.now() });
    this.store = createStore<AppState>(withSettings(begin, settings));
    const { store } = this;
    this.notes = new Notes(store, (text) => withKeys(text, this.keymap));
    this.#clipboard = new Clipboard({ notes: this.notes, env, send: (sequence) => this.#host.send(sequence) });
    this.menus = new Menus(store);
    this.layouts = new Layouts(env);
    this.hosts = new Hosts({
      opened,
      read: parts.hosts ?? (async () => []),
      store,
      onChange: (id) => void this.#live.load(id),
      onUse: () => this.#useHost(),
    });
    const { engine } = this.hosts;
    this.engine = engine;
    this.registries = new Registries({ store, onChange: (id) => void this.#live.load(id) });
    this.lists = new Lists(engine, store, {
      place: { cwd, env },
      hosts: () => this.hosts.rows(),
      shown: (own) => this.hosts.shown(own),
      isForeign: (row) => this.hosts.isForeign(row),
      registries: this.registries,
    });
    this.pagers = new Pagers({
      engine,
      store,
      notes: this.notes,
      cwd,
      env,
      settings: settings.logs,
      copy: (text) => this.copy(text),
      lend: (words) => this.#host.lend(words),
    });
    this.colours = new HostColours((sequence) => this.#host.send(sequence));
    this.panes = new Panes(store, settings.panes, {
      bell: () => this.#host.send("\x07"),
      clipboard: (pane, text) => this.#clipboard.copyFor(pane, pane === this.panes.focused, text),
      pasted: (pane, text) => void this.#pasteInto(pane, text),
      colour: (which, answer) => this.colours.ask(which, answer),
    });
    this.questions = new Questions(store, settings.confirm);
    this.details = new Details({ engine, store, env, pagers: this.pagers, notes: this.notes, questions: this.questions, lend: this.lend });
    // Commands ask before they prune.
    const confirm = (text: string) => {
      const [question = "", ...detail] = text.split("\n");
      return this.questions.ask({ question, detail, grave: true });
    };
    const { pagers, panes, notes } = this;
    const hold = () => this.#held.hold();
    const drop = (undelivered = "") => this.#held.drop(textKeys(undelivered));
    this.#progress = new ProgressMeter(store);
    const session = new SessionLines({ engine: () => this.hosts.current, io: { confirm, cwd, env } });
    const ofRun = { session, hosts: this.hosts, hold, drop, store, env, cwd, confirm, pagers, panes, notes };
    this.runner = new Runner({ ...ofRun, progress: this.#progress });
    const context = (): Context => ({
      engine: this.hosts.current,
      io: { streams: { stdout: nowhere, stderr: nowhere }, confirm, cwd, env },
      signal: new AbortController().signal,
    });
    this.prompts = new Prompts({
      store,
      context,
      lists: this.lists,
      ...{ pagers: this.pagers, trees: this.details.trees, panes, runner: this.runner, session },
      saveLayout: (name) => saveLayout(this, name),
      openPlace: (name) => void this.registries.open(name, this.lists),
      ask: (question) => this.questions.ask(question),
      log: new CommandLog(store, notes, cwd),
      notes: this.notes,
      env,
      hold,
      hostOf: (line) => this.#hostOf(line),
      quit: () => this.quit(),
    });
    this.forms = new Forms({
      store,
      context,
      run: (words) => this.prompts.runWords(words),
      openPalette: (line) => this.prompts.openPalette(line),
    });
    this.#usage = new UsageMeter(engine, store, settings.refresh, this.lists);
    this.#live = new Live(
      engine,
      store,
      this.lists,
      (id) => this.details.refresh(id),
      (error) => this.notes.error(toEngineError(error)),
    );
  }

  get state(): AppState {
    return this.store.get();
  }

  get layout(): Layout {
    return layoutOf(this.state);
  }

  /** Begins to load and to listen; the first frame does not wait for it. Resolves when each list was read once. */
  async start(): Promise<void> {
    this.hosts.start();
    this.registries.start();
    this.#usage.start();
    this.store.prepare({ host: hostLoad(this.state.at) }); // the first frame is the same each time
    this.store.subscribe(() => this.#files.follow(this.state.lists.projects.rows as readonly ProjectRow[]));
    await this.#live.start();
  }

  resize(columns: number, rows: number): void {
    this.store.set({ columns, rows });
    this.lists.keepCursorInSight();
    this.lists.scheduleDetail();
    this.panes.fit();
    this.details.refit();
  }

  /** The topmost thing on the screen has the keyboard. */
  get context(): KeyContext {
    const { confirm, menu, form, help, prompt, view, scrolling } = this.state;
    if (confirm) return "confirm";
    if (menu) return "menu";
    if (form) return "form";
    if (help) return "help";
    if (prompt) return "prompt";
    return view === "panes" && scrolling ? "scrollback" : view;
  }

  /** Keys of one read: pressed, or pasted by a terminal that does not say so. */
  keys(names: readonly string[]): void {
    if (this.#held.take(names)) return;
    const { context } = this;
    const count = countForKeys(names, context, this.state.confirm);
    for (const name of names.slice(0, count)) this.key(name);
    if (count === names.length || context === "confirm") return;
    const behind = `what came in one piece with it, behind its ⏎, went nowhere: ${written(names.slice(count))}`;
    this.notes.info(count > 0 ? behind : 'what was pasted is for no key here: ":" takes a command line');
  }

  #tellOfDropped(keys: readonly string[]): void {
    this.#droppedNote = this.notes.info(`nobody got what was typed for the terminal: ${written(keys)}`, this.#droppedNote);
  }
  #droppedNote: number | undefined;
  readonly #performer = new Performer(this, this.#held);

  /** One key press that belongs to the UI. */
  key(name: string): void {
    if (this.#held.take([name])) return;
    const { context } = this;
    if (context === "confirm") this.questions.key(name);
    else this.#act(name, context);
  }

  #act(name: string, context: KeyContext): void {
    const action = context === "panes" ? undefined : findAction(context, name, this.state.resource, this.keymap);
    if (action && !(context === "prompt" && whyNot(action, this))) this.perform(action);
    else if (context === "prompt") this.prompts.key(name);
    else if (context === "menu") this.menus.key(name);
    else if (context === "form") this.forms.key(name);
    else if (name && !action && context !== "help" && context !== "panes") this.#noKey = this.#tellOfNoKey(name, context, this.#noKey);
  }
  #noKey: number | undefined;

  /** @param insteadOf the note of a key before */
  #tellOfNoKey(name: string, context: KeyContext, insteadOf?: number): number {
    const help = actionsIn(context, this.state.resource, this.keymap).find(({ id }) => id.endsWith(".help"));
    const way = context === "panes" ? `${keyLabel(this.prefix)} ` : "";
    return this.notes.info(
      `${neutraliseLine(keyLabel(name))} is no key here${help ? `: ${way}${keyLabel(help.keys[0])} shows them` : ""}`,
      insteadOf,
    );
  }

  /** The key after the prefix, in a pane. */
  prefixedKey(name: string): void {
    this.store.set({ prefixed: false });
    const action = name && findAction("panes", name, this.state.resource, this.keymap);
    if (action) this.perform(action);
    else if (name) this.#tellOfNoKey(name, "panes");
  }

  paste(text: string): void {
    if (text && this.#held.take(textKeys(text))) return;
    if (this.context === "prompt") this.prompts.paste(text);
    else if (this.context === "form") this.forms.paste(text);
  }

  /** Does what an action says. */
  perform(action: Action): void {
    this.#performer.perform(action);
  }

  /** All lists anew, from another host or from one that is there again. */
  #useHost(): void {
    this.store.set({ host: hostLoad(this.state.at) });
    this.lists.reset();
    this.#live.restart();
  }

  #hostOf(line: string): string {
    const { row } = this.lists;
    if (row === undefined || !this.hosts.isForeign(row as object) || !line.split(" ").includes(this.lists.resource.name(row))) return "";
    return `${joinWords(this.hosts.flagsOf(hostOf(row as object)))} `;
  }

  /** Shows the containers of all hosts, or those of the one in use. */
  mergeHosts(): void {
    this.store.set({ isMerged: !this.state.isMerged });
    this.lists.open("containers");
    void this.#live.load("containers");
    if (this.state.isMerged) void this.#live.load("hosts");
  }

  openHelp(): void {
    this.store.set({ help: true, helpTop: 0 });
  }

  closeHelp(): void {
    this.store.set({ help: false });
  }

  scrollHelp(direction: 1 | -1): void {
    this.store.set({ helpTop: Math.max(0, this.state.helpTop + direction * Math.max(1, Math.floor(this.layout.bodyRows / 2))) });
  }

  copy(text: string): void {
    this.#clipboard.copy(text);
  }

  /** @param text in latin1 */
  async #pasteInto(pane: Pane, text: string): Promise<void> {
    const question = (count: number) => `Paste ${count} lines into ${pane.title}?`;
    const readable = Buffer.from(text, "latin1").toString();
    if (await this.questions.ask(linesQuestion(readable, question, "It takes them as if they were typed."))) pane.paste(text);
  }

  /** Gives the terminal to a program of the host until that ends. */
  readonly lend = (words: readonly string[]): Promise<void> => this.#host.lend(words);

  redraw(): void {
    this.#host.redraw();
  }

  suspend(): void {
    this.#host.suspend();
  }

  /** Leaves at once, unless something would be cut off: then it asks. */
  quit(): void {
    const terminals = this.panes.alive.length;
    const commands = this.runner.running;
    const leave = () => this.#host.exit(0);
    if (terminals + commands === 0) {
      leave();
      return;
    }
    void this.questions.ask(leavingQuestion(terminals, commands)).then((yes) => yes && leave());
  }

  dispose(): void {
    this.hosts.dispose();
    this.registries.dispose();
    this.#live.dispose();
    this.#usage.dispose();
    this.#progress.dispose();
    this.#files.dispose();
    this.lists.dispose();
    this.details.dispose();
    this.runner.dispose();
    this.panes.dispose();
    this.notes.dispose();
  }
}
