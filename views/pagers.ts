/** The full-screen views over lines: a container's log, everything about an object, what a command wrote. */
import { writeFileSync } from "node:fs";
import { resolve as resolvePath } from "node:path";
import { EngineError, toEngineError } from "../engine/errors.ts";
import type { ContainerSummary, Engine } from "../engine/index.ts";
import { neutraliseLine } from "../src/format/neutral.ts";
import { parseInstant } from "../src/format/time.ts";
import { parseLine, plainText } from "./ansi.ts";
import { layoutOf } from "./layout.ts";
import { LineBuffer } from "./logs/line-buffer.ts";
import { endPosition, find, type PagerLayout, scroll } from "./logs/pager.ts";
import { readLog } from "./logs/read.ts";
import type { Notes } from "./notes.ts";
import { sectionsText } from "./parts/sections.ts";
import type { ProjectRow } from "./projects/project.ts";
import { containerName, isRunning } from "./resources/containers.ts";
import { type AnyResource, type ResourceId, resource } from "./resources/index.ts";
import type { PageText } from "./resources/resource.ts";
import type { ServiceRow } from "./resources/services.ts";
import type { AppState, PagerKind, PagerState } from "./state.ts";
import type { Store } from "./store.ts";

/** Lines read before following. */
const logTail = 5000;
/** Milliseconds between drawings while lines pour in. */
const frame = 33;

/** How the rows of a pager lie on the screen now. */
export function pagerLayout(state: AppState, pager: PagerState): PagerLayout {
  const end = pager.pausedAt ?? pager.buffer.end;
  return {
    width: state.columns,
    height: layoutOf(state).pagerRows,
    wrap: pager.wrap,
    shift: pager.wrap ? 0 : pager.shift,
    timestamps: pager.timestamps,
    end,
  };
}

export interface PagerOptions extends Partial<PagerState> {
  /** Ends what writes the lines. */
  abort?: AbortController;
  /** Only keeps it as the last output, to be opened later. */
  background?: boolean;
}

export class Pagers {
  #engine: Engine;
  #store: Store<AppState>;
  #notes: Notes;
  #cwd: string;
  #abort: AbortController | undefined;
  #timer: NodeJS.Timeout | undefined;
  #last: PagerState | undefined;

  constructor(engine: Engine, store: Store<AppState>, notes: Notes, cwd: string) {
    this.#cwd = cwd;
    this.#engine = engine;
    this.#store = store;
    this.#notes = notes;
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
        this.#store.set({ revision: this.#store.get().revision + 1 });
      }, frame);
    });
  }

  open(kind: PagerKind, title: string, buffer: LineBuffer, options: PagerOptions = {}): void {
    const { abort, background, ...rest } = options;
    const pager: PagerState = {
      kind,
      title,
      buffer,
      follow: true,
      top: { line: 0, row: 0 },
      wrap: kind !== "output",
      shift: 0,
      timestamps: false,
      search: "",
      running: false,
      ...rest,
    };
    if (kind === "output") this.#last = pager;
    if (background) return;
    this.#abort = abort;
    this.#store.set({ pager, view: "pager" });
  }

  reopen(): void {
    if (this.#last) this.#store.set({ pager: this.#last, view: "pager" });
  }

  /** The command whose output is on the screen is over. */
  finished(buffer: LineBuffer): void {
    if (this.#last?.buffer === buffer) this.#last = { ...this.#last, running: false };
    this.#update((pager) => (pager.buffer === buffer ? { running: false } : {}));
  }

  openLogs(container: ContainerSummary): void {
    const abort = new AbortController();
    const buffer = this.createBuffer();
    const of = { resource: "containers", id: container.Id } as const;
    this.#life = container.StartedAt;
    this.open("logs", `logs of ${containerName(container)}`, buffer, { of, running: true, abort });
    void this.#readLogs(container.Id, buffer, abort.signal, { tail: logTail });
  }

  async #readLogs(id: string, buffer: LineBuffer, signal: AbortSignal, from: { tail: number } | { since: bigint }): Promise<void> {
    await readLog(this.#engine.containers.logs(id, { follow: true, signal, ...from }), buffer, signal);
    this.finished(buffer);
    const { lists, pager } = this.#store.get();
    const row = (lists.containers.rows as readonly ContainerSummary[]).find(({ Id }) => Id === id);
    if (pager?.buffer === buffer && row && this.#isNewLife(row)) this.#refreshLogs(pager, row); // it began while the last one was read
  }

  /** When the life began that was read last. */
  #life: string | undefined;

  #isNewLife({ StartedAt }: ContainerSummary): boolean {
    return StartedAt !== undefined && StartedAt !== this.#life;
  }

  /** A list was read again: what is open says what became of its object. */
  refresh(id: ResourceId): void {
    const { pager, lists } = this.#store.get();
    if (pager?.of?.resource !== id || pager.gone) return;
    const view = resource(id);
    const row = lists[id].rows.find((each) => view.identify(each) === pager.of?.id);
    if (row === undefined) this.#update(() => ({ gone: true }));
    else if (pager.kind === "logs") this.#refreshLogs(pager, row as ContainerSummary);
    else {
      this.#update(() => ({ title: titleOf(view, row, pager.page) }));
      void this.#fill(pager, view, row);
    }
  }

  /** A log ends with its container, and goes on when that is started again, be it over by the time that is heard of. */
  #refreshLogs({ buffer, running }: PagerState, row: ContainerSummary): void {
    this.#update(() => ({ title: `logs of ${containerName(row)}` }));
    const signal = this.#abort?.signal;
    if (running || !signal || signal.aborted || !(isRunning(row) || this.#isNewLife(row))) return;
    this.#update(() => ({ running: true }));
    const since = endOf(buffer);
    if (this.#isNewLife(row) && parseInstant(row.StartedAt!, "since") > since) buffer.text(`— ${containerName(row)} was started again —`);
    this.#life = row.StartedAt;
    void this.#readLogs(row.Id, buffer, signal, { since });
  }

  /** A page of a resource about one of its rows. */
  openPage(id: ResourceId, row: unknown, page: string): void {
    this.#openOn("page", resource(id), row, { page, wrap: false });
  }

  /** What is drawn for a width is drawn again for another. */
  refit(): void {
    const { pager } = this.#store.get();
    if (pager?.kind === "page" && pager.of && !pager.gone) this.refresh(pager.of.resource);
  }

  /** Everything the engine knows of the row under the cursor, as JSON. */
  openInspect(): void {
    const state = this.#store.get();
    const list = state.lists[state.resource];
    const view = resource(state.resource);
    const row = list.shown[list.cursor];
    if (row === undefined) return;
    this.#openOn("inspect", view, row);
  }

  #openOn(kind: "inspect" | "details" | "page", view: AnyResource, row: unknown, more: Partial<PagerState> = {}): void {
    const buffer = this.createBuffer();
    const of = { resource: view.id, id: view.identify(row) };
    this.open(kind, titleOf(view, row, more.page), buffer, { follow: false, of, ...more });
    void this.#fill(this.#store.get().pager!, view, row).then((line) => line !== undefined && this.#goTo(buffer, line));
  }

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
    const { text, line } = await this.#textOf(pager, view, row).catch((error): PageText => ({ text: toEngineError(error).message }));
    if (turn !== this.#filling) return undefined;
    pager.buffer.replace(text);
    return line;
  }
  #filling = 0;

  async #textOf({ kind, page = "" }: PagerState, view: AnyResource, row: unknown): Promise<PageText> {
    const { columns } = this.#store.get();
    if (kind === "page") return view.pages![page]!.text(this.#engine, row, columns);
    if (kind === "inspect") return { text: await this.#inspect(view.id, view.identify(row), row) };
    return { text: sectionsText(await view.detail(this.#engine, row, columns - 2)) };
  }

  async #inspect(kind: AppState["resource"], id: string, row: unknown): Promise<string> {
    const { containers, images, volumes, networks } = this.#engine;
    const read = {
      containers: () => containers.inspect(id),
      images: () => images.inspect(id),
      volumes: () => volumes.inspect(id),
      networks: () => networks.inspect(id),
      builds: () => Promise.resolve(row),
      projects: async () => (row as ProjectRow).reading.project?.model ?? failed((row as ProjectRow).reading.problem),
      services: async () => {
        const { entry, seen } = row as ServiceRow;
        return seen ? containers.inspect(seen.id) : (entry.service ?? {});
      },
    };
    return JSON.stringify(await read[kind](), undefined, 2);
  }

  /** A name for the file of what is on the screen: "web.log". */
  get fileName(): string {
    const { pager } = this.#store.get();
    const name = (pager?.title ?? "")
      .replace(/^(logs of|\$? ?berth) /, "")
      .replace(/[^\w.-]+/g, "-")
      .slice(0, 60);
    return `${name}.${pager?.kind === "logs" ? "log" : "txt"}`;
  }

  /** Writes the lines without their escape sequences; a file that is there stays as it is. */
  save(path: string): void {
    const { pager } = this.#store.get();
    if (!pager) return;
    const { buffer, timestamps } = pager;
    const lines: string[] = [];
    for (let at = buffer.first; at < buffer.end; at++) {
      const line = buffer.line(at);
      lines.push(`${timestamps && line?.time ? `${line.time} ` : ""}${plainText(parseLine(line?.text ?? ""))}\n`);
    }
    const file = resolvePath(this.#cwd, path);
    try {
      writeFileSync(file, lines.join(""), { flag: "wx" });
      this.#notes.good(`${lines.length} lines saved to ${neutraliseLine(file)}`);
    } catch (cause) {
      const exists = (cause as NodeJS.ErrnoException).code === "EEXIST";
      const why = exists ? "the file exists" : (cause as Error).message;
      this.#notes.error(
        new EngineError("invalid", `cannot save to "${path}": ${why}`, { hint: exists ? "choose another name" : "check the path" }),
      );
    }
  }

  /** What the detail pane shows, with the whole screen to itself. */
  openDetails(): void {
    const { resource: id, lists } = this.#store.get();
    const view = resource(id);
    const row = lists[id].shown[lists[id].cursor];
    if (row === undefined) return;
    this.#openOn("details", view, row);
  }

  close(): void {
    const { pager } = this.#store.get();
    if (pager?.kind === "logs" || (pager?.endless && pager.running)) this.#abort?.abort();
    this.#abort = undefined;
    this.#store.set({ view: "list", pager: undefined });
  }

  /** Ctrl-C: ends the running command; its output stays. */
  cancel(): void {
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
    this.#update((pager) => {
      const layout = pagerLayout(this.#store.get(), pager);
      const from = pager.follow ? endPosition(pager.buffer, layout) : pager.top;
      const { top, atEnd } = scroll(pager.buffer, from, rows, layout);
      return { top, follow: atEnd && pager.running && rows > 0 };
    });
  }

  /** Sideways, when lines are cut. */
  shift(cells: number): void {
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

  search(text: string): void {
    this.#update(() => ({ search: text }));
    if (text) this.findNext(1, true);
  }

  /** Brings the next match to the top third of the screen. `here` counts the current line too. */
  findNext(step: 1 | -1, here = false): void {
    this.#update((pager) => {
      const layout = pagerLayout(this.#store.get(), pager);
      const top = pager.follow ? endPosition(pager.buffer, layout) : pager.top;
      const found = find(pager.buffer, pager.search, here ? top.line - step : (pager.match ?? top.line), step, layout.end);
      if (found === undefined) {
        this.#notes.info(`"${neutraliseLine(pager.search)}" is not in here`);
        return { match: undefined };
      }
      const { top: target } = scroll(pager.buffer, { line: found, row: 0 }, -Math.floor(layout.height / 3), layout);
      return { match: found, follow: false, top: target };
    });
  }

  dispose(): void {
    this.#abort?.abort();
    clearTimeout(this.#timer);
  }
}

function titleOf(view: AnyResource, row: unknown, page: string | undefined): string {
  const object = `${view.noun} ${view.name(row)}`;
  return page === undefined ? object : `${object}: ${view.pages![page]!.title}`;
}

function failed(problem: EngineError | undefined): never {
  throw problem;
}

/** Nanoseconds since the epoch right behind a log's last line. */
function endOf(buffer: LineBuffer): bigint {
  for (let at = buffer.end - 1; at >= buffer.first; at--) {
    const time = buffer.line(at)?.time;
    if (time !== undefined) return parseInstant(time, "since") + 1n;
  }
  return 0n;
}
