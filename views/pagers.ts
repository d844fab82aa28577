/** The full-screen views over lines: a container's log, everything about an object, what a command wrote. */
import { toEngineError } from "../engine/errors.ts";
import type { ContainerSummary, Engine } from "../engine/index.ts";
import { withoutSequences } from "./ansi.ts";
import type { LogSettings } from "./config/settings.ts";
import { isGroup } from "./groups.ts";
import { layoutOf } from "./layout.ts";
import { FilteredSource } from "./logs/filtered.ts";
import { fieldsOf, type JsonField, usualFields } from "./logs/json-line.ts";
import { LineBuffer } from "./logs/line-buffer.ts";
import { LogViews } from "./logs/log-views.ts";
import { highlightOf, type JsonLook, styles } from "./logs/look.ts";
import { endPosition, type PagerLayout, scroll } from "./logs/pager.ts";
import { PagerCopy } from "./logs/pager-copy.ts";
import { PagerSearch } from "./logs/pager-search.ts";
import type { Notes } from "./notes.ts";
import { ObjectTexts } from "./object-texts.ts";
import { containerName } from "./resources/containers.ts";
import { type AnyResource, type ResourceId, resource } from "./resources/index.ts";
import { detailTabs, type PageText } from "./resources/resource.ts";
import type { AppState, PagerKind, PagerState } from "./state.ts";
import type { Store } from "./store.ts";

/** Milliseconds between drawings while lines pour in. */
const frame = 33;

/** Lines whose members are looked at. */
const sampled = 500;

/** How the rows of a pager lie on the screen now. */
export function pagerLayout(state: AppState, pager: PagerState, colour = false): PagerLayout {
  const end = pager.pausedAt ?? pager.buffer.end;
  const isLog = pager.kind === "logs";
  return {
    width: state.columns,
    height: layoutOf(state).pagerRows,
    wrap: pager.wrap,
    shift: pager.wrap ? 0 : pager.shift,
    timestamps: pager.timestamps,
    end,
    look: { json: pager.json, fields: pager.fields, levels: isLog && colour, highlights: pager.highlights, colour },
  };
}

export interface PagerOptions extends Partial<PagerState> {
  /** Ends what writes the lines. */
  abort?: AbortController;
  /** Only keeps it as the last output, to be opened later. */
  background?: boolean;
}

export interface PagersParts {
  engine: Engine;
  store: Store<AppState>;
  notes: Notes;
  cwd: string;
  env: Record<string, string | undefined>;
  settings: LogSettings;
  copy(text: string): void;
  /** Gives the terminal to a program of the host until that ends. */
  lend(words: readonly string[]): Promise<void>;
}

export class Pagers {
  readonly search: PagerSearch;
  readonly copy: PagerCopy;
  readonly #logs: LogViews;
  #store: Store<AppState>;
  #settings: LogSettings;
  #texts: ObjectTexts;
  #abort: AbortController | undefined;
  #timer: NodeJS.Timeout | undefined;
  #last: PagerState | undefined;

  constructor(parts: PagersParts) {
    const { engine, store, notes } = parts;
    this.#store = store;
    this.#settings = parts.settings;
    this.#texts = new ObjectTexts(engine, store);
    const pager = {
      get: () => store.get().pager,
      layout: (open: PagerState) => pagerLayout(store.get(), open),
      update: (change: (open: PagerState) => Partial<PagerState>) => this.#update(change),
      redraw: () => this.#redraw(),
    };
    this.search = new PagerSearch(pager, notes);
    this.copy = new PagerCopy({ ...parts, pager });
    this.#logs = new LogViews(engine, store, {
      createBuffer: () => this.createBuffer(),
      open: (title, source, options) => this.open("logs", title, source, options),
      update: (signal, change) => {
        if (this.#abort?.signal === signal && !signal.aborted) this.#update(change);
      },
      grown: () => this.#grown(),
    });
  }

  /** The output of the last command, to come back to. */
  get lastOutput(): PagerState | undefined {
    return this.#last;
  }

  /** A buffer whose changes redraw the screen, at most once a frame. */
  createBuffer(): LineBuffer {
    return new LineBuffer(() => {
      this.#timer ??= setTimeout(() => {
        this.#timer = undefined;
        this.#grown();
      }, frame);
    });
  }

  /** Lines have come: what a filter shows of them, too. */
  #grown(): void {
    const { pager } = this.#store.get();
    if (pager?.buffer instanceof FilteredSource) pager.buffer.refresh();
    this.#redraw();
  }

  #redraw(): void {
    this.#store.set({ revision: this.#store.get().revision + 1 });
  }

  open(kind: PagerKind, title: string, buffer: LineBuffer, options: PagerOptions = {}): void {
    const { abort, background, ...rest } = options;
    const pager: PagerState = {
      kind,
      title,
      buffer,
      base: buffer,
      follow: true,
      top: { line: 0, row: 0 },
      wrap: kind !== "output",
      shift: 0,
      timestamps: false,
      search: "",
      json: "raw",
      fields: [],
      highlights: kind === "logs" ? this.#settings.highlights.map(({ pattern, style }, at) => highlightOf(pattern, at, styles[style])) : [],
      running: false,
      ...rest,
    };
    if (kind === "output") this.#last = pager;
    if (background) return;
    this.#abort = abort;
    this.#store.prepare({ pager, view: "pager" }); // what it is to show is here in a moment, mostly: an empty one first would be in its way
  }

  reopen(): void {
    if (this.#last) this.#store.set({ pager: this.#last, view: "pager" });
  }

  /** The command whose output is on the screen is over. */
  finished(buffer: LineBuffer): void {
    if (this.#last?.buffer === buffer) this.#last = { ...this.#last, running: false };
    this.#update((pager) => (pager.buffer === buffer ? { running: false } : {}));
  }

  openLogs(containers: readonly ContainerSummary[]): void {
    this.#logs.open(containers);
  }

  /** A list was read again: what is open says what became of its object. */
  refresh(id: ResourceId): void {
    const { pager, lists } = this.#store.get();
    if (pager?.of?.resource !== id || pager.gone) return;
    const view = resource(id);
    const row = lists[id].rows.find((each) => view.identify(each) === pager.of?.id);
    if (row === undefined) this.#update(() => ({ gone: true }));
    else if (pager.kind === "logs") {
      this.#update(() => ({ title: `logs of ${containerName(row as ContainerSummary)}` }));
      this.#logs.refresh(row as ContainerSummary);
    } else {
      this.#update(() => ({ title: titleOf(view, row, pager.page) }));
      void this.#fill(pager, view, row);
    }
  }

  /** What is drawn for a width is drawn again for another. */
  refit(): void {
    const { pager } = this.#store.get();
    if (pager?.of && !pager.gone && isDrawn(resource(pager.of.resource), pager.page)) this.refresh(pager.of.resource);
  }

  /** Everything the engine knows of the row under the cursor, as JSON. */
  openInspect(): void {
    const state = this.#store.get();
    const list = state.lists[state.resource];
    const view = resource(state.resource);
    const row = list.shown[list.cursor];
    if (row === undefined || isGroup(row)) return;
    this.#openOn("inspect", view, row);
  }

  #openOn(kind: "inspect" | "details", view: AnyResource, row: unknown, more: Partial<PagerState> = {}): void {
    const buffer = this.createBuffer();
    const of = { resource: view.id, id: view.identify(row) };
    this.open(kind, titleOf(view, row, more.page), buffer, { follow: false, of, ...more });
    if (kind === "details") this.#readAgain(this.#store.get().pager!, view);
    void this.#fill(this.#store.get().pager!, view, row).then((line) => line !== undefined && this.#goTo(buffer, line));
  }

  /** Details that change by themselves are read again while they are in sight. */
  #readAgain({ base, page }: PagerState, view: AnyResource): void {
    clearTimeout(this.#again);
    const tab = detailTabs(view).find(({ title }) => title === page);
    const rowOf = () => {
      const { pager, lists } = this.#store.get();
      return lists[view.id].rows.find((each) => view.identify(each) === pager?.of?.id);
    };
    const every = tab?.every?.(rowOf());
    if (every === undefined) return;
    this.#again = setTimeout(() => {
      const { pager } = this.#store.get();
      const row = rowOf();
      if (pager?.base !== base || row === undefined) return;
      void this.#fill(pager, view, row);
      this.#readAgain(pager, view);
    }, every);
  }
  #again: NodeJS.Timeout | undefined;

  /** A line with what stands before it. */
  #goTo(buffer: LineBuffer, line: number): void {
    this.#update((pager) => {
      if (pager.buffer !== buffer) return {};
      const layout = pagerLayout(this.#store.get(), pager);
      return { top: scroll(buffer, { line: buffer.first + line, row: 0 }, -Math.floor(layout.height / 3), layout).top };
    });
  }

  /** The newest text about an object, in the place of what was there. @returns the line to begin with */
  async #fill(pager: PagerState, view: AnyResource, row: unknown): Promise<number | undefined> {
    const turn = ++this.#filling;
    const { text, line } = await this.#texts.of(pager, view, row).catch((error): PageText => ({ text: toEngineError(error).message }));
    if (turn !== this.#filling) return undefined;
    if (pager.base instanceof LineBuffer) pager.base.replace(text);
    return line;
  }
  #filling = 0;

  /** A name for the file of what is on the screen: "web.log". */
  get fileName(): string {
    const { pager } = this.#store.get();
    const name = (pager?.title ?? "")
      .replace(/^(logs of|\$? ?berth) /, "")
      .replace(/[^\w.-]+/g, "-")
      .slice(0, 60);
    return `${name}.${pager?.kind === "logs" ? "log" : "txt"}`;
  }

  /** A page of what the detail pane shows, with the whole screen to itself. */
  openDetails(view: AnyResource, row: unknown, page: string): void {
    this.#openOn("details", view, row, { page, ...(isDrawn(view, page) && { wrap: false }) });
  }

  close(): void {
    const { pager } = this.#store.get();
    this.search.close();
    this.copy.close();
    if (pager?.kind === "logs" || (pager?.endless && pager.running)) this.#abort?.abort();
    if (pager?.kind === "logs") this.#logs.close();
    this.#abort = undefined;
    this.#store.set({ view: this.#store.get().tree ? "tree" : "list", pager: undefined });
  }

  /** Ctrl-C: ends what is searched, or the running command; its output stays. */
  cancel(): void {
    if (this.search.stop()) return;
    if (this.#store.get().pager?.running && this.#store.get().pager?.kind === "output") this.#abort?.abort();
    else this.close();
  }

  #update(change: (pager: PagerState) => Partial<PagerState>): void {
    const { pager } = this.#store.get();
    if (!pager) return;
    const patch = change(pager);
    if (Object.keys(patch).length > 0) this.#store.set({ pager: { ...pager, ...patch } });
  }

  scroll(rows: number): void {
    if (this.#store.get().pager?.selected) this.copy.extend(rows);
    else this.scrollView(rows);
  }

  /** What is in sight moves, whatever is selected. */
  scrollView(rows: number): void {
    this.#update((pager) => {
      const layout = pagerLayout(this.#store.get(), pager);
      const from = pager.follow ? endPosition(pager.buffer, layout) : pager.top;
      const { top, atEnd } = scroll(pager.buffer, from, rows, layout);
      return { top, follow: atEnd && pager.running && rows > 0 };
    });
  }

  /** Sideways, when lines are cut. */
  shift(cells: number): void {
    if (this.#store.get().pager?.selected?.columns) {
      this.copy.moveColumn(Math.sign(cells));
      return;
    }
    this.#update(({ shift }) => ({ shift: Math.max(0, shift + cells) }));
  }

  toStart(): void {
    this.#update(({ buffer }) => ({ follow: false, top: { line: buffer.first, row: 0 } }));
  }

  follow(): void {
    this.#update(() => ({ follow: true, pausedAt: undefined }));
  }

  pause(): void {
    this.#update(({ pausedAt, buffer }) => ({ pausedAt: pausedAt === undefined ? buffer.end : undefined }));
  }

  toggle(what: "wrap" | "timestamps"): void {
    this.#update((pager) => ({ [what]: !pager[what], top: { line: pager.top.line, row: 0 } }));
  }

  /** Esc: gives up the search that runs, the selection, the filter; else back to the list. */
  leave(): void {
    const { pager } = this.#store.get();
    if (this.search.stop()) return;
    if (pager?.selected) this.#update(() => ({ selected: undefined }));
    else if (pager?.filter) this.search.filter("");
    else this.close();
  }

  /** How JSON looks: as it is, as words in a line, as columns, member by member. */
  turnJson(): void {
    const next = { raw: "words", words: "columns", columns: "members", members: "raw" } as const;
    this.showJson(next[this.#store.get().pager?.json ?? "raw"]);
  }

  /** The first time as columns what is there to be one is looked for. */
  showJson(json: JsonLook): void {
    const found = json === "columns" ? usualFields(fieldsOf(this.sample())) : [];
    this.#update(({ fields, top }) => ({ json, fields: fields.length > 0 ? fields : found, top: { line: top.line, row: 0 } }));
  }

  chooseFields(fields: readonly JsonField[]): void {
    this.#update(() => ({ fields }));
  }

  /** The text of the last lines. */
  sample(): string[] {
    const { pager } = this.#store.get();
    const texts: string[] = [];
    const { buffer } = pager ?? {};
    for (let at = buffer?.previous(buffer.end); at !== undefined && texts.length < sampled; at = buffer!.previous(at))
      texts.push(withoutSequences(buffer!.line(at)?.text ?? ""));
    return texts;
  }

  dispose(): void {
    this.search.close();
    this.copy.close();
    this.#abort?.abort();
    clearTimeout(this.#timer);
    clearTimeout(this.#again);
  }
}

function isDrawn(view: AnyResource, page: string | undefined): boolean {
  return detailTabs(view).some(({ title, drawn }) => title === page && drawn);
}

function titleOf(view: AnyResource, row: unknown, page: string | undefined): string {
  const object = `${view.noun} ${view.name(row)}`;
  const title = page === "Overview" ? undefined : page;
  return title === undefined ? object : `${object}: ${title}`;
}
