/** The tree that has the screen: unfolding, moving, searching, and what is read for it when it comes into sight. */
import { toEngineError } from "../../engine/errors.ts";
import { neutraliseLine } from "../../src/format/neutral.ts";
import { layoutOf } from "../layout.ts";
import type { Notes } from "../notes.ts";
import type { ResourceId } from "../resources/index.ts";
import { topFor } from "../selection.ts";
import type { AppState, TreeState } from "../state.ts";
import type { Store } from "../store.ts";
import { keyOf, newNode, note, rowOf, rowsOf, sameRow, type TreeNode } from "./node.ts";
import { type Part, partSize, type TreeSource } from "./source.ts";

/** Milliseconds after which what is in sight is read again: others work in it. */
const again = 3000;

export interface TreesParts {
  store: Store<AppState>;
  notes: Notes;
  /** The cursor rests on something else, or its tree was read again. */
  onRest(tree: TreeState): void;
}

export type NewTree = Pick<TreeState, "kind" | "title" | "of" | "page" | "source"> & Partial<TreeState>;

/** Rows of a tree on the screen: below its heading. */
export function treeRows(state: AppState): number {
  return layoutOf(state).tree.height;
}

export class Trees {
  #parts: TreesParts;
  /** Parts that are being read. */
  #reading = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #search: AbortController | undefined;

  constructor(parts: TreesParts) {
    this.#parts = parts;
  }

  get state(): TreeState | undefined {
    return this.#parts.store.get().tree;
  }

  /** The node under the cursor. */
  get node(): TreeNode | undefined {
    const { state } = this;
    return state?.rows[state.cursor]?.node;
  }

  open(made: NewTree): void {
    this.#stop();
    const root = newNode([], { label: "", isBranch: true, isOpen: true });
    const tree: TreeState = { cursor: 0, top: 0, search: "", hex: false, sizes: new Map(), root, rows: rowsOf(root), ...made };
    this.#parts.store.set({ tree, view: "tree" });
    void this.#read(root, { from: 0 });
    if (tree.live) this.#timer = setInterval(() => void this.reload(), again);
  }

  /** Another tree in the place of this one, unfolded as this one is. */
  replace(source: TreeSource, change: Partial<TreeState> = {}): void {
    const { state } = this;
    if (!state) return;
    const reopened = new Set(state.reopened);
    for (const key of state.rows.flatMap(({ node }) => (node?.isOpen ? [keyOf(node.path)] : []))) reopened.add(key);
    // Nothing of the other tree may be taken for this one's.
    Object.assign(state.root, { children: [], isRead: false, error: undefined });
    this.#reading.clear();
    this.update({ source, reopened, sizes: new Map(), preview: undefined, found: undefined, ...change });
    this.#redraw();
  }

  close(): void {
    this.#stop();
    this.#parts.store.set({ view: "list", tree: undefined });
  }

  #stop(): void {
    this.#search?.abort();
    clearInterval(this.#timer);
    this.#reading.clear();
  }

  update(change: Partial<TreeState>): void {
    const { state } = this;
    if (state) this.#parts.store.set({ tree: { ...state, ...change } });
  }

  /** Rows anew; the cursor stays on what it was on. */
  #redraw(on?: TreeNode): void {
    const { state } = this;
    if (!state) return;
    const rows = rowsOf(state.root);
    const at = on ? rowOf(rows, on) : sameRow(rows, state.rows[state.cursor]);
    this.#place({ ...state, rows }, at < 0 ? state.cursor : at);
  }

  #place(state: TreeState, cursor: number): void {
    const app = this.#parts.store.get();
    const height = treeRows(app);
    const at = Math.max(0, Math.min(cursor, state.rows.length - 1));
    const top = topFor(state.top, at, state.rows.length, height);
    const tree = { ...state, cursor: at, top };
    this.#parts.store.set({ tree });
    this.#fill(tree, height);
    this.#parts.onRest(tree);
  }

  /** Reads what is in sight and missing. */
  #fill({ rows, top }: TreeState, height: number): void {
    for (const { node, parent, place } of rows.slice(top, top + height))
      if (!node && (place !== note || !parent.isRead))
        void this.#read(parent, { from: Math.floor(Math.max(0, place) / partSize) * partSize });
  }

  /** @returns whether it was read, by whomever */
  async #read(node: TreeNode, at: { from?: number; having?: string }): Promise<boolean> {
    const { state } = this;
    const mark = `${keyOf(node.path)}\0\0${at.having ?? at.from}`;
    if (!state || this.#reading.has(mark)) return false;
    this.#reading.add(mark);
    const isWanted = () => this.state?.source === state.source;
    try {
      const part = await state.source.read(node, at);
      if (!isWanted()) return false;
      take(node, part, state.reopened);
      if (this.state?.trouble !== undefined) this.update({ trouble: undefined });
    } catch (error) {
      if (!isWanted()) return false;
      const { message } = toEngineError(error);
      // What was there is still to be seen when a whole tree goes away.
      if (node === state.root && node.children.length > 0) this.update({ trouble: message });
      else Object.assign(node, { error: message, children: [], isRead: true });
    } finally {
      this.#reading.delete(mark);
    }
    this.#redraw();
    return true;
  }

  /** What is unfolded, read again: parts in sight, and of the others those that come into sight later. */
  async reload(): Promise<void> {
    const { state } = this;
    if (!state || state.gone) return;
    const { rows, top } = state;
    const seen = rows.slice(top, top + treeRows(this.#parts.store.get()));
    const parts = new Map<string, () => Promise<boolean>>();
    for (const { parent, place } of seen) {
      const from = Math.floor(Math.max(0, place) / partSize) * partSize;
      parts.set(`${keyOf(parent.path)}\0\0${from}`, () => this.#read(parent, { from }));
    }
    for (const read of parts.values()) await read();
  }

  move(by: number): void {
    const { state } = this;
    if (state) this.#place(state, state.cursor + by);
  }

  /** Folds or unfolds a branch. @returns false when it is none */
  toggle(): boolean {
    const { node } = this;
    if (!node?.isBranch) return false;
    if (node.isOpen) this.#fold(node);
    else this.#unfold(node);
    return true;
  }

  #unfold(node: TreeNode): void {
    node.isOpen = true;
    delete node.error;
    if (!node.isRead) void this.#read(node, { from: 0 });
    this.#redraw(node);
  }

  #fold(node: TreeNode): void {
    // What comes next time is what is there then.
    Object.assign(node, { isOpen: false, isRead: false, children: [] });
    this.state?.reopened?.delete(keyOf(node.path));
    this.#redraw(node);
  }

  /** Unfolds, or goes into what is unfolded. */
  into(): void {
    const { node } = this;
    if (!node?.isBranch) return;
    if (node.isOpen) this.move(1);
    else this.#unfold(node);
  }

  /** Folds, or goes to the branch that it is in. */
  out(): void {
    const { node, state } = this;
    if (node?.isOpen) this.#fold(node);
    else if (state) {
      const at = rowOf(state.rows, state.rows[state.cursor]?.parent ?? state.root);
      if (at >= 0) this.#place(state, at);
    }
  }

  async search(text: string): Promise<void> {
    const { state } = this;
    this.#search?.abort();
    if (!state || !text) return this.update({ search: "", found: undefined, busy: undefined });
    const abort = new AbortController();
    this.#search = abort;
    this.update({ search: text, found: undefined, busy: "searching" });
    try {
      const { isCut, paths } = await state.source.find(text, abort.signal);
      if (abort.signal.aborted || this.state?.source !== state.source) return;
      this.update({ busy: undefined, found: { paths, isCut, at: -1 } });
      if (paths.length === 0) this.#parts.notes.info(`nothing here is called "${text}"`);
      else await this.findNext(1);
    } catch (error) {
      if (abort.signal.aborted) return;
      this.update({ busy: undefined });
      this.#parts.notes.error(toEngineError(error));
    }
  }

  /** Ends the search that runs. @returns whether one did */
  stopSearch(): boolean {
    const { state } = this;
    this.#search?.abort();
    if (state?.busy === undefined) return false;
    this.update({ busy: undefined });
    return true;
  }

  /** The next of what was found, unfolded as far as it is needed. */
  async findNext(step: 1 | -1): Promise<void> {
    const { found } = this.state ?? {};
    if (!found || found.paths.length === 0) return;
    const first = found.at < 0 && step < 0 ? 0 : found.at;
    const at = (first + step + found.paths.length) % found.paths.length;
    this.update({ found: { ...found, at } });
    await this.#reveal(found.paths[at]!);
  }

  async #reveal(path: readonly string[]): Promise<void> {
    const { state } = this;
    let node = state?.root;
    for (const name of path) {
      if (!node || this.state?.source !== state?.source) return;
      const child = await this.#child(node, name);
      if (!child) {
        this.#parts.notes.info(`${neutraliseLine(path.at(-1) ?? "")} is not there any more`);
        return;
      }
      node.isOpen = true;
      node = child;
    }
    if (node) this.#redraw(node);
  }

  async #child(node: TreeNode, name: string): Promise<TreeNode | undefined> {
    const known = () => node.children.find((each) => each?.path.at(-1) === name);
    if (!known()) await this.#read(node, { having: name });
    return known();
  }

  /** A list was read again: the tree says when its object is gone. */
  refresh(id: ResourceId, isThere: (id: string) => boolean): void {
    const { state } = this;
    if (state?.of.resource === id && !state.gone && !isThere(state.of.id)) this.update({ gone: true });
  }

  /** After a change of the screen's size. */
  refit(): void {
    if (this.state) this.move(0);
  }

  dispose(): void {
    this.#stop();
  }
}

/** What was unfolded stays so, as far as it is still there. */
function take(node: TreeNode, { from, isCut, nodes, total }: Part, reopened: ReadonlySet<string> | undefined): void {
  const known = new Map(node.children.flatMap((each) => (each ? [[each.path.at(-1), each] as const] : [])));
  delete node.error;
  if (node.children.length !== total) node.children = Array.from<undefined>({ length: total });
  for (const [at, fresh] of nodes.entries()) {
    const before = known.get(fresh.path.at(-1));
    if (!before && fresh.isBranch && reopened?.has(keyOf(fresh.path))) fresh.isOpen = true;
    if (before && before.isBranch === fresh.isBranch) Object.assign(before, { entry: fresh.entry, value: fresh.value, label: fresh.label });
    node.children[from + at] = before && before.isBranch === fresh.isBranch ? before : fresh;
  }
  Object.assign(node, { isRead: true, isCut });
}
