/** The lists and the detail pane: loading them, moving in them, choosing rows. */
import { toEngineError } from "../engine/errors.ts";
import type { ContainerSummary, Engine } from "../engine/index.ts";
import { DetailLog } from "./detail-log.ts";
import { type Group, groupAt, identityOf, isGroup, membersOf, objectsOf } from "./groups.ts";
import { hostOf } from "./hosts/hosts.ts";
import { layoutOf } from "./layout.ts";
import { lastDetailRow } from "./parts/detail-lines.ts";
import { type AnyResource, type ResourceId, resource, resources, tabOf, tabs } from "./resources/index.ts";
import { type DetailTab, detailTabs, type LoadScene } from "./resources/resource.ts";
import { arrange, firstSort, moveTo, targets } from "./selection.ts";
import type { AppState, ListState } from "./state.ts";
import { drawn, type Store } from "./store.ts";

/** Milliseconds the cursor must rest before its row's details are read: moving stays free of I/O. */
const rest = 40;
/** Milliseconds that an order by what is measured stays at least. */
const calm = 2000;

export class Lists {
  #engine: Engine;
  #store: Store<AppState>;
  #scene: Omit<LoadScene, "before" | "rows" | "opened">;
  /** Changes with the host: what comes from another is too late. */
  #epoch = 0;
  #loading = new Map<ResourceId, { again: boolean; done: Promise<void> }>();
  #detailTimer: NodeJS.Timeout | undefined;
  readonly #log: DetailLog;
  #closed = false;

  constructor(engine: Engine, store: Store<AppState>, scene: Omit<LoadScene, "before" | "rows" | "opened">) {
    this.#engine = engine;
    this.#scene = scene;
    this.#log = new DetailLog(engine, store);
    this.#store = store;
  }

  get resource(): AnyResource {
    return resource(this.#store.get().resource);
  }

  get current(): ListState {
    const { lists, resource: id } = this.#store.get();
    return lists[id];
  }

  targets(): unknown[] {
    const rows = targets(this.resource, this.current);
    return this.#only === undefined ? rows : rows.filter((row) => hostOf(row as object) === this.#only);
  }
  #only: string | undefined;

  /** Something for each host that the targets are on, one after the other: the targets are those of the host meanwhile. */
  forEachHost<Result>(act: (host: string | undefined) => Result): Result[] {
    const names = new Set(this.targets().map((row) => hostOf(row as object)));
    return [...names].map((name) => {
      this.#only = name;
      try {
        return act(name);
      } finally {
        this.#only = undefined;
      }
    });
  }

  /** Is there an object of this name? */
  exists(id: ResourceId, name: string): boolean {
    return this.#store.get().lists[id].rows.some((row) => resource(id).name(row) === name);
  }

  /** Loads a list; a call during a load makes one more load after it, never two at once. */
  load(id: ResourceId): Promise<void> {
    if (resource(id).whileInFront && (this.#store.get().isHeld || this.#store.get().resource !== id)) return Promise.resolve();
    const running = this.#loading.get(id);
    if (running) {
      running.again = true;
      return running.done;
    }
    const job = { again: false, done: Promise.resolve() };
    const epoch = this.#epoch;
    this.#loading.set(id, job);
    job.done = this.#loadUntilStill(id, job)
      .finally(() => this.#loading.get(id) === job && this.#loading.delete(id))
      .then(() => (epoch === this.#epoch ? this.#loadFollowers(id) : undefined));
    return job.done;
  }

  /** Another host: nothing of the one before is shown, nor what is still on its way from there. */
  reset(): void {
    this.#epoch++;
    this.#loading.clear();
    this.#log.leave();
    this.#store.set({ detail: undefined });
    for (const { id } of resources)
      if (id !== "hosts") this.#change(id, { rows: [], loaded: false, error: undefined, filter: "", cursor: 0, marked: new Set() });
  }

  /** The first time once the list is on the screen: they load much of the engine. */
  async #loadFollowers(id: ResourceId): Promise<void> {
    const followers = resources.filter(({ after }) => after === id);
    if (followers.some((each) => !this.#store.get().lists[each.id].loaded)) await drawn();
    await Promise.all(followers.map((each) => this.load(each.id)));
  }

  async #loadUntilStill(id: ResourceId, job: { again: boolean }): Promise<void> {
    const epoch = this.#epoch;
    const change = (list: Partial<ListState>) => epoch === this.#epoch && this.#change(id, list);
    do {
      job.again = false;
      try {
        const rows = await resource(id).load(this.#engine, this.#sceneOf(id));
        change({ rows, loaded: true, error: undefined });
      } catch (error) {
        change({ loaded: true, error: toEngineError(error) });
      }
    } while (job.again && !this.#closed && epoch === this.#epoch);
    if (id === this.#store.get().resource) this.scheduleDetail();
  }

  #sceneOf(id: ResourceId): LoadScene {
    const { lists, opened } = this.#store.get();
    const { after } = resource(id);
    return { ...this.#scene, before: lists[id].rows, rows: after ? lists[after].rows : [], ...(opened !== undefined && { opened }) };
  }

  /** The list in front first: for the others much of the engine is loaded. @param onFront when that is on the screen */
  async loadAll(onFront?: () => void): Promise<void> {
    const front = this.#store.get().resource;
    await this.load(front);
    await drawn();
    onFront?.();
    const isMeant = ({ id, after, isLazy }: AnyResource) => id !== front && !after && !(isLazy && !this.#store.get().lists[id].loaded);
    await Promise.all(resources.filter(isMeant).map(({ id }) => this.load(id)));
  }

  #change(id: ResourceId, change: Partial<ListState>): void {
    if (this.#closed) return;
    const { lists, usage } = this.#store.get();
    const next = arrange(resource(id), lists[id], change, usage);
    this.#store.set({ lists: { ...lists, [id]: next }, now: Date.now() });
    this.#place(id, next.cursor);
  }

  #place(id: ResourceId, cursor: number): void {
    const state = this.#store.get();
    const { listRows } = layoutOf(state);
    this.#store.set({ lists: { ...state.lists, [id]: moveTo(state.lists[id], cursor, listRows) } });
  }

  /** After a change of the screen's size. */
  keepCursorInSight(): void {
    for (const { id } of resources) this.#place(id, this.#store.get().lists[id].cursor);
  }

  move(rows: number): void {
    this.select(this.current.cursor + rows);
  }

  select(cursor: number): void {
    this.#place(this.#store.get().resource, cursor);
    this.#markRange();
    this.scheduleDetail();
  }

  open(id: ResourceId): void {
    this.#log.leave();
    this.#store.set({ resource: id, view: "list", detail: undefined });
    this.keepCursorInSight();
    this.scheduleDetail();
    if (resource(id).whileInFront || resource(id).isLazy) void this.load(id);
  }

  /** Puts the cursor on a row, be it hidden by the filter or in a folded group. */
  goTo(id: string): void {
    const at = () => this.current.shown.findIndex((row) => identityOf(this.resource, row) === id);
    if (at() < 0) this.#change(this.resource.id, { filter: "", folded: new Set() });
    this.select(at());
  }

  /** The list that is read while it is in front stands still, or goes on. */
  hold(): void {
    this.#store.set({ isHeld: !this.#store.get().isHeld });
    void this.load(this.resource.id);
  }

  /** Goes to a list that is of something, as it was read last; reads it when it was of something else. */
  goBackTo(id: ResourceId, opened: string): void {
    this.#store.set({ opened });
    this.open(id);
    void this.load(id);
  }

  step(by: 1 | -1): void {
    const at = tabs.findIndex(({ id }) => id === tabOf(this.#store.get().resource));
    this.open(tabs[(at + by + tabs.length) % tabs.length]!.id);
  }

  /** Opens what the row under the cursor is made of. */
  openParts(id: ResourceId): void {
    const { row } = this;
    if (row !== undefined) this.openAs(id, this.resource.identify(row));
  }

  /** Opens a list of something, empty until it is read. */
  openAs(id: ResourceId, opened: string): void {
    this.#change(id, { rows: [], loaded: false, error: undefined, filter: "", cursor: 0, marked: new Set() });
    this.goBackTo(id, opened);
  }

  /** The row under the cursor; undefined for a group, and in an empty list. */
  get row(): unknown {
    const row = this.current.shown[this.current.cursor];
    return isGroup(row) ? undefined : row;
  }

  /** The row, or all of a group; again, and they are not. */
  mark(): void {
    const { marked, shown, cursor } = this.current;
    const row = shown[cursor];
    const ids = (isGroup(row) ? row.rows : [row]).map((each) => this.resource.identify(each));
    const next = new Set(marked);
    const isWhole = ids.every((id) => marked.has(id));
    for (const id of ids) isWhole ? next.delete(id) : next.add(id);
    this.#change(this.resource.id, { marked: next, range: undefined });
    this.move(1);
  }

  markAll(): void {
    const { marked, shown } = this.current;
    const all = () => new Set(objectsOf(shown).map((row) => this.resource.identify(row)));
    this.#change(this.resource.id, { marked: marked.size > 0 ? new Set() : all(), range: undefined });
  }

  /** From here on moving marks; again, and it does not. */
  markFromHere(): void {
    const { range, marked, shown, cursor } = this.current;
    const from = { from: identityOf(this.resource, shown[cursor]), before: marked };
    this.#change(this.resource.id, { range: range ? undefined : from });
    this.#markRange();
  }

  #markRange(): void {
    const { range, shown, cursor } = this.current;
    if (!range) return;
    const from = shown.findIndex((row) => identityOf(this.resource, row) === range.from);
    const ends = [from < 0 ? cursor : from, cursor].sort((a, b) => a - b);
    const rows = objectsOf(shown.slice(ends[0], ends[1]! + 1));
    this.#change(this.resource.id, { marked: new Set([...range.before, ...rows.map((row) => this.resource.identify(row))]) });
  }

  /** Marks have served their purpose. */
  unmark(): void {
    if (this.current.marked.size > 0 || this.current.range) this.#change(this.resource.id, { marked: new Set(), range: undefined });
  }

  /** Folds the list by the values of a label; undefined: not any more. */
  groupBy(label: string | undefined): void {
    this.#change(this.resource.id, { group: label, folded: new Set() });
    this.scheduleDetail();
  }

  /** Hides the rows of the group under the cursor, or shows them again. */
  fold(): void {
    const { shown, cursor, folded } = this.current;
    const value = groupAt(shown, shown[cursor]);
    if (value === undefined) return;
    const next = new Set(folded);
    if (!next.delete(value)) next.add(value);
    this.#change(this.resource.id, { folded: next });
    const group = this.current.shown.findIndex((row) => isGroup(row) && row.value === value);
    this.select(group);
  }

  clear(): void {
    if (this.current.marked.size > 0 || this.current.range) this.unmark();
    else this.filter("");
  }

  filter(text: string): void {
    if (text !== this.current.filter) this.#change(this.resource.id, { filter: text });
    this.scheduleDetail();
  }

  /** By a column, in reverse when it is so already; undefined: as it comes. */
  sortBy(column: number | undefined): void {
    const { sort, descending } = this.current;
    this.#change(this.resource.id, { sort: column, descending: column !== undefined && column === sort && !descending });
  }

  get isRanked(): boolean {
    const { sort } = this.current;
    return sort !== undefined && this.resource.columns[sort]?.ranks !== undefined;
  }

  /**
   * What the list is in the order of was measured again. The cursor stays on its row, and that where it is on the screen, unless the
   * head of the list is in sight: who looks at the first wants to see them.
   */
  rank(): void {
    const { cursor, top } = this.current;
    if (!this.isRanked || performance.now() - this.#ranked < calm) return;
    this.#ranked = performance.now();
    this.#change(this.resource.id, {});
    const { lists } = this.#store.get();
    const moved = this.current.cursor - cursor;
    if (moved !== 0 && top > 0)
      this.#store.set({ lists: { ...lists, [this.resource.id]: { ...this.current, top: Math.max(0, top + moved) } } });
  }
  #ranked = Number.NEGATIVE_INFINITY;

  reverse(): void {
    this.#change(this.resource.id, { sort: this.current.sort ?? firstSort(this.resource), descending: !this.current.descending });
  }

  /** Reads the details of the row under the cursor once it rests there; only when they have a place on the screen. */
  scheduleDetail(): void {
    clearTimeout(this.#detailTimer);
    if (this.#closed) return;
    if (layoutOf(this.#store.get()).detailWidth === 0) {
      this.#log.leave();
      this.#store.set({ detail: undefined });
      return;
    }
    this.#detailTimer = setTimeout(() => void this.#loadDetail(), rest);
  }

  /** The tab of the details that shows. */
  get detailTab(): DetailTab<unknown> {
    const tabs = detailTabs(this.resource);
    const { detailTabs: chosen, resource: id } = this.#store.get();
    return tabs.find(({ title }) => title === chosen[id]) ?? tabs[0];
  }

  /** The next tab of the details, or the one before. */
  turnDetail(step: 1 | -1): void {
    const tabs = detailTabs(this.resource);
    const { title } = tabs[(tabs.indexOf(this.detailTab) + step + tabs.length) % tabs.length] ?? tabs[0];
    const { detailTabs: chosen, resource: id, detail } = this.#store.get();
    this.#store.set({
      detailTabs: { ...chosen, [id]: title },
      detailTop: 0,
      ...(detail && { detail: { ...detail, tab: title, sections: [], error: undefined } }),
    });
    this.scheduleDetail();
  }

  /** Rows of the details, down or up: the last one stays in sight. */
  scrollDetail(rows: number): void {
    const state = this.#store.get();
    this.#store.set({ detailTop: Math.max(0, Math.min(state.detailTop + rows, lastDetailRow(state))) });
  }

  async #loadDetail(): Promise<void> {
    const view = this.resource;
    const { row } = this;
    const id = row === undefined ? undefined : view.identify(row);
    const before = this.#store.get().detail;
    if (before?.id !== id) {
      this.#log.leave();
      this.#store.set({ detailTop: 0 });
    }
    if (row === undefined || id === undefined) return this.#showGroup();
    const tab = this.detailTab;
    const { title } = tab;
    const isUnderCursor = () => this.row !== undefined && view === this.resource && view.identify(this.row) === id;
    const isWanted = () => !this.#closed && isUnderCursor() && this.detailTab.title === title;
    try {
      const sections = (await tab.read?.(this.#engine, row, layoutOf(this.#store.get()).detailWidth - 2)) ?? [];
      if (!isWanted()) return;
      const same = before?.id === id && before.log;
      this.#store.set({ detail: { resource: view.id, id, tab: title, sections, log: same ? before.log : undefined } });
      if (view.id === "containers") this.#log.follow(id, row as ContainerSummary, Boolean(same));
    } catch (error) {
      if (isWanted()) this.#store.set({ detail: { resource: view.id, id, tab: title, sections: [], error: toEngineError(error).message } });
    }
    const every = tab.every?.(row);
    if (every !== undefined && isWanted()) this.#detailTimer = setTimeout(() => this.#loadAgain(title), every);
  }

  /** Of a group its rows; of nothing nothing. */
  #showGroup(): void {
    const { resource: view } = this;
    const group = this.current.shown[this.current.cursor];
    const of = (rows: Group) => ({ id: identityOf(view, rows), sections: membersOf(view, rows, this.#store.get().now) });
    this.#store.set({ detail: isGroup(group) ? { resource: view.id, tab: this.detailTab.title, ...of(group) } : undefined });
  }

  /** Only while it is in sight. */
  #loadAgain(title: string): void {
    if (this.#store.get().view === "list" && this.detailTab.title === title && this.#store.get().detail) void this.#loadDetail();
  }

  dispose(): void {
    this.#closed = true;
    clearTimeout(this.#detailTimer);
    this.#log.dispose();
  }
}
