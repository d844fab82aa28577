/**
 * The way of the UI to registries: which list of theirs is on the screen decides what is read. What reads is loaded with the first look
 * at one (browser.ts).
 */
import type { Engine } from "../../engine/index.ts";
import { identityOf } from "../groups.ts";
import { layoutOf } from "../layout.ts";
import type { Lists } from "../lists.ts";
import { topRow } from "../parts/list.ts";
import { resource } from "../resources/index.ts";
import type { RegistryList } from "../resources/resource.ts";
import type { AppState } from "../state.ts";
import type { Store } from "../store.ts";
import type { Place, RegistryBrowser } from "./browser.ts";
import { type RegistryRow, type RepositoryRow, registryOf, type TagRow } from "./rows.ts";

export interface RegistriesParts {
  store: Store<AppState>;
  /** A list is not what it was. */
  onChange(list: RegistryList): void;
}

/** Command lines after which a registry may have other things in it. */
const changing = /\b(registry (rm|remove|copy|cp)|push)\b/;

export class Registries {
  readonly #parts: RegistriesParts;
  #browser: RegistryBrowser | undefined;
  #loading: Promise<RegistryBrowser> | undefined;
  #place: Place | undefined;
  /** What is in sight, as it was told. */
  #sight = "";
  #running = new Set<number>();
  #unsubscribe: () => void = () => {};

  constructor(parts: RegistriesParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#unsubscribe = this.#parts.store.subscribe(() => this.#follow());
  }

  #load(): Promise<RegistryBrowser> {
    this.#loading ??= import("./browser.ts").then(
      ({ RegistryBrowser }) => (this.#browser = new RegistryBrowser((place) => this.#changed(place))),
    );
    return this.#loading;
  }

  async registries(engine: Engine): Promise<RegistryRow[]> {
    return (await this.#load()).registries(engine);
  }

  /** Of the registry that was opened last, or that has the repository which was. @throws EngineError why there are none */
  async repositories(opened: string, engine: Engine): Promise<RepositoryRow[]> {
    const browser = await this.#load();
    return browser.repositories(registryOf(opened), engine, this.#parts.store.get().resource === "repositories");
  }

  /** Of the repository that was opened last. @throws EngineError why there are none */
  async tags(opened: string): Promise<TagRow[]> {
    const browser = await this.#load();
    return opened.includes("/") ? browser.tags(opened, this.#parts.store.get().resource === "tags") : [];
  }

  /** Opens what somebody has typed: "localhost:5000", or "localhost:5000/team/app". */
  async open(text: string, lists: Pick<Lists, "openAs">): Promise<void> {
    const place = (await this.#load()).placeOf(text);
    this.forget(place);
    lists.openAs(place.includes("/") ? "tags" : "repositories", place);
    this.#parts.onChange("registries");
  }

  /** What was read of a place is read anew. */
  forget(place: Place): void {
    this.#browser?.forget(place);
    this.#sight = "";
  }

  #changed(place: Place): void {
    const list = place.includes("/") ? "tags" : "repositories";
    if (place === this.#placeOf(this.#parts.store.get(), list)) this.#parts.onChange(list);
    if (list === "repositories") this.#parts.onChange("registries");
  }

  #placeOf({ opened = "" }: AppState, list: RegistryList): Place | undefined {
    if (list === "registries" || opened === "") return undefined;
    return list === "tags" ? opened : registryOf(opened);
  }

  #follow(): void {
    const state = this.#parts.store.get();
    const list = state.resource === "repositories" || state.resource === "tags" ? state.resource : "registries";
    const place = this.#placeOf(state, list);
    if (place !== this.#place) {
      this.#place = place;
      this.#sight = "";
      this.#browser?.leaveOthers(place);
    }
    this.#watchCommands(state, list);
    if (place !== undefined && state.view === "list") this.#see(state, list, place);
  }

  /** The end of the list that comes near is read on; tags in sight are asked about. */
  #see(state: AppState, list: RegistryList, place: Place): void {
    const current = state.lists[list];
    const { listRows } = layoutOf(state);
    const top = topRow(current, listRows);
    const inSight = current.shown.slice(top, top + listRows);
    const view = resource(list);
    const sight = [place, current.rows.length, current.filter, ...inSight.map((row) => identityOf(view, row))].join(" ");
    if (sight === this.#sight || !current.loaded) return;
    this.#sight = sight;
    if (top + 2 * listRows >= current.shown.length) this.#browser?.more(place);
    if (list === "tags") this.#browser?.want(inSight as TagRow[]);
  }

  /** A line that copied or removed something is over: the list in front is read anew. */
  #watchCommands({ commands }: AppState, list: RegistryList): void {
    const running = new Set(commands.filter(({ state, line }) => state === "running" && changing.test(line)).map(({ id }) => id));
    const isOver = [...this.#running].some((id) => !running.has(id));
    this.#running = running;
    if (!isOver || this.#place === undefined) return;
    this.forget(this.#place);
    this.#parts.onChange(list);
  }

  dispose(): void {
    this.#unsubscribe();
    this.#browser?.dispose();
  }
}
