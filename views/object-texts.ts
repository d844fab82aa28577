/** What is said of an object where it has the screen for itself: a page of its details, everything as JSON, a page of its own. */
import type { EngineError } from "../engine/errors.ts";
import type { Engine } from "../engine/index.ts";
import { layoutOf } from "./layout.ts";
import { LineBuffer } from "./logs/line-buffer.ts";
import { readLog } from "./logs/read.ts";
import { chartLines } from "./parts/charts.ts";
import { sectionsText } from "./parts/sections.ts";
import type { ProjectRow } from "./projects/project.ts";
import type { TagRow } from "./registry/rows.ts";
import type { AnyResource } from "./resources/index.ts";
import { detailTabs, type PageText } from "./resources/resource.ts";
import type { ServiceRow } from "./resources/services.ts";
import type { AppState, PagerState } from "./state.ts";
import type { Store } from "./store.ts";
import { plainTheme } from "./theme.ts";

/** Lines of a log's end among the details: l opens the log itself. */
const detailLog = 200;

/** Cells and rows that a page has. */
interface Size {
  width: number;
  height: number;
}

export class ObjectTexts {
  #engine: Engine;
  #store: Store<AppState>;

  constructor(engine: Engine, store: Store<AppState>) {
    this.#engine = engine;
    this.#store = store;
  }

  /** @throws what the engine says */
  async of({ kind, page = "" }: PagerState, view: AnyResource, row: unknown): Promise<PageText> {
    const state = this.#store.get();
    if (kind === "inspect") return { text: await this.#inspect(view.id, view.identify(row), row) };
    return this.#detailsOf(page, view, row, { width: state.columns - 2, height: layoutOf(state).pagerRows });
  }

  /** A page of the details as text; what is drawn in a pane is said. */
  async #detailsOf(title: string, view: AnyResource, row: unknown, { width, height }: Size): Promise<PageText> {
    const tab = detailTabs(view).find((each) => each.title === title) ?? detailTabs(view)[0];
    const usage = this.#store.get().usage.get(view.identify(row));
    const charts =
      usage && tab.shows?.includes("charts") && tab.title !== "Overview"
        ? `${chartLines(usage, width, height, plainTheme).join("\n")}\n`
        : "";
    const log = tab.shows?.includes("log") && tab.title !== "Overview" ? await this.#endOfLog(view.identify(row)) : "";
    const sections = (await tab.read?.(this.#engine, row, width)) ?? [];
    const [first] = sections;
    const line = first?.kind === "rows" ? first.line : undefined;
    return { text: `${charts}${log}${sectionsText(sections)}`, ...(line !== undefined && { line }) };
  }

  async #endOfLog(id: string): Promise<string> {
    const lines = new LineBuffer();
    await readLog(this.#engine.containers.logs(id, { tail: detailLog }), lines, new AbortController().signal);
    const texts = Array.from({ length: lines.end - lines.first }, (_, at) => lines.line(lines.first + at)?.text ?? "");
    return texts.length > 0 ? `${texts.join("\n")}\n` : "nothing written yet\n";
  }

  async #inspect(kind: AppState["resource"], id: string, row: unknown): Promise<string> {
    const { builder, containers, images, volumes, networks } = this.#engine;
    const read = {
      containers: () => containers.inspect(id),
      images: () => images.inspect(id),
      volumes: () => volumes.inspect(id),
      networks: () => networks.inspect(id),
      builds: () => builder.inspect(id),
      hosts: () => Promise.resolve(row),
      registries: () => Promise.resolve(row),
      repositories: () => Promise.resolve(row),
      tags: () => (row as TagRow).look(),
      events: () => Promise.resolve(row),
      projects: async () => (row as ProjectRow).reading.project?.model ?? failed((row as ProjectRow).reading.problem),
      services: async () => {
        const { entry, seen } = row as ServiceRow;
        return seen ? containers.inspect(seen.id) : (entry.service ?? {});
      },
    };
    return JSON.stringify(await read[kind](), undefined, 2);
  }
}

function failed(problem: EngineError | undefined): never {
  throw problem;
}
