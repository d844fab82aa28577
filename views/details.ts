/** Pages of details with the whole screen: texts in a pager, files and JSON as trees that unfold; the same keys turn them. */
import type { Engine } from "../engine/index.ts";
import { isGroup } from "./groups.ts";
import type { Notes } from "./notes.ts";
import type { Pagers } from "./pagers.ts";
import type { Questions } from "./questions.ts";
import { type AnyResource, type ResourceId, resource } from "./resources/index.ts";
import { type DetailTab, detailTabs } from "./resources/resource.ts";
import type { AppState } from "./state.ts";
import type { Store } from "./store.ts";
import { FileBrowser } from "./tree/file-browser.ts";
import { FilesSource } from "./tree/files-source.ts";
import { JsonSource } from "./tree/json-source.ts";
import { Trees } from "./tree/trees.ts";
import { previewWidth } from "./tree/widths.ts";

export interface DetailsParts {
  engine: Engine;
  store: Store<AppState>;
  pagers: Pagers;
  notes: Notes;
  questions: Questions;
  env: Record<string, string | undefined>;
  /** Gives the terminal to a program of the host until that ends. */
  lend(words: readonly string[]): Promise<void>;
}

export class Details {
  readonly trees: Trees;
  readonly files: FileBrowser;
  #parts: DetailsParts;

  constructor(parts: DetailsParts) {
    const { notes, pagers, store } = parts;
    this.#parts = parts;
    this.trees = new Trees({ store, notes, onRest: (tree) => this.files.rested(tree) });
    this.files = new FileBrowser({
      ...parts,
      trees: this.trees,
      width: (where) => (where === "beside" ? previewWidth(store.get()) : store.get().columns),
      onScreen: () => store.get().pager?.base,
      openPager: (title, buffer, options) => {
        pagers.open("page", title, buffer, options);
        store.set({ revision: store.get().revision + 1 }); // what it shows is there
      },
    });
  }

  /** The page that was chosen last, of the row under the cursor, a tree in its place beside the list; or the page of a title, on all of the screen. */
  open(title?: string): void {
    const state = this.#parts.store.get();
    const view = resource(state.resource);
    const list = state.lists[state.resource];
    const row = list.shown[list.cursor];
    const wanted = title ?? state.detailTabs[view.id];
    const tabs = detailTabs(view);
    if (row !== undefined && !isGroup(row)) this.#show(view, row, tabs.find((tab) => tab.title === wanted) ?? tabs[0], title === undefined);
  }

  /** The next page of what has the screen, or the one before. */
  turn(step: 1 | -1): void {
    const { detailTabs: chosen, lists, pager, tree, view: shown } = this.#parts.store.get();
    const { of, page } = (shown === "tree" ? tree : pager) ?? {};
    if (!of) return;
    const view = resource(of.resource);
    const row = lists[view.id].rows.find((each) => view.identify(each) === of.id);
    const tabs = detailTabs(view);
    const tab = tabs[(tabs.findIndex(({ title }) => title === page) + step + tabs.length) % tabs.length] ?? tabs[0];
    this.#parts.store.set({ detailTabs: { ...chosen, [view.id]: tab.title } });
    if (row !== undefined) this.#show(view, row, tab);
  }

  #show(view: AnyResource, row: unknown, tab: DetailTab<unknown>, isBeside = false): void {
    const { trees } = this;
    const { pagers, store } = this.#parts;
    if (store.get().pager) pagers.close();
    if (trees.state) trees.close();
    if (tab.opens) void this.#openTree(view, row, tab, { opens: tab.opens, isBeside });
    else pagers.openDetails(view, row, tab.title);
  }

  async #openTree(
    view: AnyResource,
    row: unknown,
    { title }: DetailTab<unknown>,
    { opens, isBeside }: { opens: NonNullable<DetailTab<unknown>["opens"]>; isBeside: boolean },
  ) {
    const { trees } = this;
    const { engine } = this.#parts;
    const made = {
      title: `${view.noun} ${view.name(row)}: ${title}`,
      of: { resource: view.id, id: view.identify(row) },
      page: title,
      isBeside,
      name: view.name(row),
    };
    if (opens.kind === "json") {
      trees.open({ ...made, kind: "json", source: new JsonSource(() => opens.value(engine, row)) });
      return;
    }
    const source = new FilesSource(engine, opens.tree(row));
    trees.open({ ...made, kind: "files", source, live: source.tree.kind !== "image" });
    const layers = await opens.layers?.(engine, row).catch(() => undefined);
    if (layers && trees.state?.source === source) trees.update({ layers });
  }

  /** After a change of the screen's size. */
  refit(): void {
    this.#parts.pagers.refit();
    this.trees.refit();
  }

  dispose(): void {
    this.#parts.pagers.dispose();
    this.trees.dispose();
  }

  /** A list was read again: what is open says what became of its object. */
  refresh(id: ResourceId): void {
    const view = resource(id);
    const { lists } = this.#parts.store.get();
    this.#parts.pagers.refresh(id);
    this.trees.refresh(id, (object) => lists[id].rows.some((row) => view.identify(row) === object));
  }
}
