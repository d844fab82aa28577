/** The open terminals: which has the keyboard, how they share the screen, what happens when one ends. */

import type { PaneSettings } from "../config/settings.ts";
import type { Sink } from "../input/router.ts";
import { layoutOf, type Rect, tile } from "../layout.ts";
import { patternOf } from "../logs/pattern.ts";
import type { AppState } from "../state.ts";
import type { Store } from "../store.ts";
import { type Outside, Pane } from "./pane.ts";

/** Bytes that the past of all terminals together may take; the emulator has twelve for each cell. */
const memory = 192 << 20;
const bytesPerCell = 12;
/** Milliseconds between two bells that are passed on. */
const bellRest = 300;

/** Where each pane is, its title line included; undefined when it is hidden. */
export function paneRects(state: AppState): (Rect | undefined)[] {
  return tile(state.panes.length, layoutOf(state).paneArea, state.pane, state.zoomed);
}

/**
 * The pane's first row on the screen. A note or a prompt covers rows for a moment and the program is not told: what is
 * around its cursor stays in sight.
 */
export function firstRow(pane: Pane, rect: Rect): number {
  const { rows, cursor } = pane.draw();
  const room = rect.height - 1;
  return Math.max(0, Math.min(rows.length - room, (cursor?.y ?? 0) + 1 - room));
}

/** Keys that close a pane whose command is over; others do not, as someone may still be typing when it ends. */
const closesLeftover = /[\r\n\x03\x04]|^[q\x1b]$/;
const leftoverScroll: Record<string, 1 | -1> = { "\x1b[5~": 1, "\x1b[A": 1, "\x1b[6~": -1, "\x1b[B": -1 };

export class Panes {
  #store: Store<AppState>;
  #settings: PaneSettings;
  #outside: Outside;
  #next = 1;
  /** It got a mouse button that has not been let go. */
  grabbing: Pane | undefined;
  /** Where a mouse button went down that no program wants. */
  pressed: { pane: Pane; row: number; column: number } | undefined;
  #heardFocus: Pane | undefined;
  #hostHasFocus = true;
  #lastBell = 0;

  constructor(store: Store<AppState>, settings: PaneSettings, outside: Outside) {
    this.#store = store;
    this.#settings = settings;
    this.#outside = { ...outside, bell: (pane) => this.#bell(pane, outside) };
  }

  /** A terminal that nobody looks at keeps a mark of it. */
  #bell(pane: Pane, outside: Outside): void {
    if (pane !== this.focused && !pane.rang) {
      pane.rang = true;
      this.#redraw();
    }
    if (!this.#settings.bell || Date.now() - this.#lastBell < bellRest) return;
    this.#lastBell = Date.now();
    outside.bell(pane);
  }

  /** The user's terminal got the keyboard, or lost it. */
  hostFocus(has: boolean): void {
    this.#hostHasFocus = has;
    this.followFocus();
  }

  /** Tells programs when they get the keyboard, and when they lose it. */
  followFocus(): void {
    const now = this.#hostHasFocus ? this.focused : undefined;
    const before = this.#heardFocus;
    if (now === before) return;
    this.#heardFocus = now;
    before?.focus(false);
    now?.focus(true);
  }

  /** The pane that gets raw keys now. */
  get focused(): Pane | undefined {
    const state = this.#store.get();
    const free = state.view === "panes" && !state.scrolling && !state.prompt && !state.confirm && !state.menu && !state.form && !state.help;
    return free ? state.panes[state.pane] : undefined;
  }

  /** Where raw keys go now: to the program in the pane or, once that has ended, to the keys that close the pane. */
  get sink(): Sink | undefined {
    const { focused } = this;
    if (focused?.ended) return this.#leftover;
    return focused && this.#store.get().broadcast ? this.#all : focused;
  }

  /** Every terminal that still runs. */
  readonly #all: Sink = {
    type: (bytes) => {
      for (const pane of this.alive) pane.type(bytes);
    },
  };

  /** What is typed goes into all of them from now on, or into the one that has the keyboard again. */
  broadcast(): void {
    this.#store.set({ broadcast: !this.#store.get().broadcast });
  }

  readonly #leftover: Sink = {
    type: (bytes) => {
      const keys = bytes.toString("latin1");
      const pages = leftoverScroll[keys];
      if (pages) this.scroll(pages);
      else if (closesLeftover.test(keys)) this.close();
    },
  };

  /** Terminals whose command still runs. */
  get alive(): readonly Pane[] {
    return this.#store.get().panes.filter((pane) => !pane.ended);
  }

  /** A new pane, in front, with the keyboard. */
  async open(title: string, words: readonly string[]): Promise<Pane> {
    const area = layoutOf(this.#store.get()).paneArea;
    const pane = await Pane.open({
      id: this.#next++,
      title,
      words,
      columns: area.width,
      rows: area.height - 1,
      settings: this.#settings,
      outside: this.#outside,
      onChange: () => this.#redraw(),
    });
    const { panes } = this.#store.get();
    // Whoever types into all has chosen those that were there.
    this.#store.set({ panes: [...panes, pane], pane: panes.length, view: "panes", scrolling: false, broadcast: false });
    this.fit();
    return pane;
  }

  #redraw(): void {
    this.#store.set({ revision: this.#store.get().revision + 1 });
  }

  /** Tells every visible pane its size. */
  fit(): void {
    const state = this.#store.get();
    const rects = paneRects(state);
    for (const [index, pane] of state.panes.entries()) {
      const rect = rects[index];
      if (rect) pane.resize(rect.width, rect.height - 1);
    }
    this.#share();
  }

  /** Each terminal keeps as many lines as people chose, and all together no more than there is memory for. */
  #share(): void {
    const { panes } = this.#store.get();
    const cells = panes.reduce((sum, { columns }) => sum + columns, 0);
    for (const { history } of panes) history.limit(Math.min(this.#settings.scrollback, Math.floor(memory / (bytesPerCell * cells))));
  }

  show(): void {
    if (this.#store.get().panes.length > 0) this.#store.set({ view: "panes" });
    this.fit();
  }

  leave(): void {
    this.#store.set({ view: "list", prefixed: false, scrolling: false, broadcast: false });
  }

  focus(index: number): void {
    if (index < this.#store.get().panes.length) this.#store.set({ pane: index, view: "panes", scrolling: false });
    this.fit();
  }

  step(by: 1 | -1): void {
    const { panes, pane } = this.#store.get();
    if (panes.length > 0) this.focus((pane + by + panes.length) % panes.length);
  }

  zoom(): void {
    this.#store.set({ zoomed: !this.#store.get().zoomed, broadcast: false });
    this.fit();
  }

  get #current(): Pane | undefined {
    const { panes, pane } = this.#store.get();
    return panes[pane];
  }

  /** Half screens back (1) or forth (-1). */
  scroll(direction: 1 | -1): void {
    this.scrollBy(direction * Math.max(1, Math.floor((this.#current?.rows ?? 0) / 2)));
  }

  /** Rows back (positive) or forth; where something is selected, its end moves. */
  scrollBy(rows: number): void {
    const pane = this.#current;
    if (!pane?.history.selection.active) pane?.scroll(rows);
    else this.moveSelection(-rows, 0);
  }

  /** Begins to select lines or a rectangle; what is selected becomes the other. */
  select(isRectangle: boolean): void {
    const pane = this.#current;
    const selection = pane?.history.selection;
    if (!pane || !selection) return;
    if (!selection.active) pane.history.select(isRectangle);
    else if (selection.isRectangle === isRectangle) selection.clear();
    else selection.toggleRectangle();
    pane.redraw();
  }

  /** Moves the end of what is selected. */
  moveSelection(rows: number, columns: number): void {
    this.#current?.history.moveSelection(rows, columns);
    this.#current?.redraw();
  }

  turnSelection(): void {
    this.#current?.history.selection.turn();
  }

  /** @returns false when nothing was selected */
  unselect(): boolean {
    const pane = this.#current;
    const was = pane?.history.selection.active ?? false;
    pane?.history.selection.clear();
    pane?.redraw();
    return was;
  }

  /** The mouse button is down on a row and a column of a terminal's screen, and was there before. */
  drag(pane: Pane, from: { row: number; column: number }, to: { row: number; column: number }, isRectangle: boolean): void {
    const { history } = pane;
    this.openPast();
    if (!history.selection.active) history.selection.begin(history.top + from.row, from.column, isRectangle);
    history.selection.extend(history.top + to.row, to.column);
    pane.redraw();
  }

  /** A whole screen back (1) or forth (-1), but for a row that tells where one was. */
  turn(direction: 1 | -1): void {
    this.scrollBy(direction * Math.max(1, (this.#current?.rows ?? 0) - 1));
  }

  /** Keys move in the past of the terminal from now on. */
  openPast(): void {
    this.#store.set({ scrolling: true });
  }

  /** Back to the present, and to the program. */
  closePast(): void {
    const pane = this.#current;
    pane?.history.search(undefined);
    pane?.history.selection.clear();
    pane?.scroll(Number.NEGATIVE_INFINITY);
    this.#store.set({ scrolling: false });
  }

  /** Looks for a pattern upwards from the end of what is in sight. @returns false when it is nowhere */
  search(text: string): boolean {
    const pane = this.#current;
    pane?.history.search(patternOf(text));
    return text === "" || this.findNext(-1);
  }

  /** The next match above (-1) or below (1). */
  findNext(step: 1 | -1): boolean {
    const pane = this.#current;
    const found = pane?.history.find(step) ?? false;
    pane?.redraw();
    return found;
  }

  /** Sets or takes away a mark at the top of what is in sight. */
  mark(): boolean {
    return this.#current?.history.mark() ?? false;
  }

  jump(step: 1 | -1): boolean {
    const found = this.#current?.history.jump(step) ?? false;
    this.#current?.redraw();
    return found;
  }

  /** What is in sight. */
  get text(): string {
    return this.#current?.history.text() ?? "";
  }

  /** Closes the pane that has the keyboard; its command is cancelled, which detaches from a container. */
  close(): void {
    const { panes, pane } = this.#store.get();
    const current = panes[pane];
    if (current) this.#remove(current);
  }

  /**
   * The command of a pane is over. The pane goes when there is nothing to read any more: it wrote nothing, or the user
   * has worked in it and ended it well. Else it stays until a key.
   */
  async ended(pane: Pane, how: string, good: boolean): Promise<void> {
    await pane.end(how);
    if (good && (pane.used || pane.blank)) this.#remove(pane);
  }

  /** The command never got a terminal, or let go of it. */
  drop(pane: Pane): void {
    this.#remove(pane);
  }

  #remove(pane: Pane): void {
    const { panes, pane: focused } = this.#store.get();
    const at = panes.indexOf(pane);
    pane.dispose();
    if (pane === this.#heardFocus) this.#heardFocus = undefined;
    if (pane === this.grabbing) this.grabbing = undefined;
    if (pane === this.pressed?.pane) this.pressed = undefined;
    if (at < 0) return;
    const left = panes.filter((each) => each !== pane);
    const { view } = this.#store.get();
    this.#store.set({
      panes: left,
      pane: Math.max(0, at < focused || focused >= left.length ? focused - 1 : focused),
      view: left.length === 0 && view === "panes" ? "list" : view,
      ...(at === focused && { scrolling: false }),
      ...(left.length < 2 && { broadcast: false }),
    });
    this.fit();
  }

  dispose(): void {
    for (const pane of this.#store.get().panes) pane.dispose();
  }
}
