/**
 * The contract of a resource view: one record holds everything the screen needs to know about a kind of object — how to
 * load it, its columns, what changes it, what its detail pane shows. The records are listed in index.ts.
 */
import type { ContainerSummary, Engine, SystemEvent, TreeName } from "../../engine/index.ts";
import { humanSize } from "../../src/format/size.ts";
import type { HostRow } from "../hosts/hosts.ts";
import type { Progress } from "../projects/progress.ts";
import type { Place } from "../projects/project.ts";
import type { RegistryRow, RepositoryRow, TagRow } from "../registry/rows.ts";
import type { Tone } from "../theme.ts";
import type { Usage } from "../usage.ts";

export type ResourceId =
  | "containers"
  | "images"
  | "volumes"
  | "networks"
  | "builds"
  | "projects"
  | "services"
  | "hosts"
  | RegistryList
  | "events";

/** Registries, the repositories of one, the tags of one of these. */
export type RegistryList = "registries" | "repositories" | "tags";

export interface ResourceColumn<T> {
  header: string;
  /** What the configuration calls it; default: its header in lower case. */
  name?: string;
  /** Shown only where the user chooses it. */
  hidden?: boolean;
  /** Cells; the column is never narrower than this or its header. */
  min: number;
  /** Share of the free width; 0 keeps the width at `min`. */
  grow?: number;
  /** Cells its content may come to need: ages grow and shrink as time goes by, and columns should not. */
  content?: number;
  align?: "right";
  /** Whether it is there at all, by a row of the list. */
  only?(row: T): boolean;
  /** Columns with higher numbers leave first when the screen is narrow; without it the column stays. */
  drop?: number;
  /** `now` in ms since the epoch, for ages; `usage` by identity, where it is known; `progress` of commands. Neutralised by the list. */
  value(row: T, now: number, usage: ReadonlyMap<string, Usage>, progress: Progress): string;
  /** What it says where columns would be cut otherwise, and the cells that may come to need. */
  short?: { content: number; value(row: T, now: number): string };
  /** What `o` sorts by; without it the column is no sort key. */
  sort?(row: T): string | number;
  /** What `o` sorts by where it is measured: the most first. Undefined where it is not. */
  ranks?(usage: Usage, row: T): number;
  tone?(row: T, progress: Progress): Tone;
  /** What it says of all rows of a group; without it nothing. */
  sum?(rows: readonly T[], usage: ReadonlyMap<string, Usage>): string;
}

/** Registries, as far as somebody has looked at them. */
interface RegistryScene {
  registries(engine: Engine): Promise<RegistryRow[]>;
  /** @param opened the registry, or a repository of it */
  repositories(opened: string, engine: Engine): Promise<RepositoryRow[]>;
  tags(opened: string): Promise<TagRow[]>;
}

/** What a list is read with. */
export interface LoadScene {
  place: Place;
  /** Its rows as they were. */
  before: readonly unknown[];
  hosts(): Promise<HostRow[]>;
  /** Containers of the host in use, with those of the others where all are shown. */
  shown(own: ContainerSummary[]): readonly ContainerSummary[];
  /** Is it a container of another host? */
  isForeign(row: object): boolean;
  registries: RegistryScene;
  /** Rows of the list that it is read after. */
  rows: readonly unknown[];
  /** Identity of the row that was opened last. */
  opened?: string;
}

export interface PageText {
  /** May have colours. */
  text: string;
  /** The line to begin with, from 0. */
  line?: number;
}

export interface Span {
  text: string;
  tone: Tone;
}

export type DetailSection =
  | { kind: "pairs"; title: string; rows: [string, string][] }
  /** `wraps`: its last column is read as a whole, in several rows. */
  | { kind: "table"; title: string; rows: Record<string, string>[]; wraps?: boolean }
  /** Drawn for a width; `line` is the row to begin with where they have the screen. */
  | { kind: "rows"; title: string; rows: readonly Span[][]; line?: number }
  | { kind: "lines"; title: string; lines: string[] /** Of each line; the last one goes on. */; tones?: Tone[] };

/** A page of the detail pane. */
export interface DetailTab<T> {
  title: string;
  /** What is drawn beside what was read: the charts of what it uses, the end of its log. */
  shows?: readonly ("charts" | "log")[];
  /** Its rows are drawn for a width: they are not wrapped, and drawn again for another. */
  drawn?: boolean;
  /** Milliseconds after which it is read again while it is in sight. */
  every?(row: T): number | undefined;
  /** @param width cells that it has */
  read?(engine: Engine, row: T, width: number): Promise<DetailSection[]>;
  /** With the screen for itself it is a tree that unfolds. */
  opens?: FilesOf<T> | { kind: "json"; value(engine: Engine, row: T): Promise<unknown> };
}

interface FilesOf<T> {
  kind: "files";
  tree(row: T): TreeName;
  /** Of an image, the lowest first. */
  layers?(engine: Engine, row: T): Promise<LayerStep[]>;
}

/** A layer and the step that made it. */
export interface LayerStep {
  digest: string;
  /** Bytes, where it is known. */
  size?: number;
  step: string;
}

/** The Files page: what is in the root of a tree, and all of it with the screen for itself. */
export function filesTab<T>(tree: (row: T) => TreeName, layers?: FilesOf<T>["layers"]): DetailTab<T> {
  return {
    title: "Files",
    opens: { kind: "files", tree, ...(layers && { layers }) },
    read: async (engine, row) => {
      const { Entries, Total } = await engine.files.list(tree(row), "/", { limit: beside });
      const rows = Entries.map((entry) => ({
        " ": entry.Change ? changeLetters[entry.Change] : " ",
        size: entry.Type === "directory" ? "" : humanSize(entry.Size),
        name: `${entry.Name}${entry.Type === "directory" ? "/" : ""}${entry.Target === undefined ? "" : ` -> ${entry.Target}`}`,
      }));
      if (rows.length === 0) return [{ kind: "lines", title: "", lines: ["nothing is in it"] }];
      const more = Total - Entries.length;
      const rest: DetailSection[] = more > 0 ? [{ kind: "lines", title: `… and ${more} more`, lines: [] }] : [];
      return [{ kind: "table", title: "Unfolds with the screen for itself", rows }, ...rest];
    },
  };
}

/** Entries beside a list. */
const beside = 100;
export const changeLetters = { added: "A", changed: "C", removed: "D" } as const;

/** The Inspect page: everything about an object. */
export function inspectTab<T>(value: (engine: Engine, row: T) => Promise<unknown>): DetailTab<T> {
  return { title: "Inspect", opens: { kind: "json", value }, read: async (engine, row) => jsonLines(await value(engine, row)) };
}

export interface ResourceView<T> {
  id: ResourceId;
  /** Tab title. */
  title: string;
  /** The key that opens it; a list without one is opened from a row of the list that it is read after. */
  key?: string;
  /** It is made from the rows of that list, whenever those were read. */
  after?: ResourceId;
  /** It is read when it is first opened, and whenever it is opened again. */
  isLazy?: boolean;
  /** "container", for texts. */
  noun: string;
  /** Event types after which the list is loaded again, beside the loading of the list that it is read after. */
  events: readonly SystemEvent["Type"][];
  /** Yields when rows have changed of which no event tells. */
  watch?(engine: Engine, signal: AbortSignal): AsyncIterable<unknown>;
  /** Read when it is in front only, after whatever happens: nobody counts its rows elsewhere. */
  whileInFront?: boolean;
  /** New rows come at the top: the cursor stays there when it is there. */
  newestFirst?: boolean;
  columns: readonly ResourceColumn<T>[];
  load(engine: Engine, scene: LoadScene): Promise<readonly T[]>;
  /** Stable over reloads. */
  identify(row: T): string;
  /** What command lines call it. */
  name(row: T): string;
  /** What the filter looks in, lower case. */
  haystack(row: T): string;
  /** What `name:word` of the filter looks in, beside columns and labels. */
  fields?: Record<string, (row: T) => string>;
  /** Labels of a row: the list can be folded by the values of one. */
  labels?(row: T): Readonly<Record<string, string>>;
  /** Times (ms since the epoch) whose age the row shows: the clock ticks for them. */
  since?(row: T): number | undefined;
  /** @param width cells that it has */
  detail(engine: Engine, row: T, width: number): Promise<DetailSection[]>;
  /** Further tabs beside the overview, which `detail` reads. */
  tabs?: readonly DetailTab<T>[];
  /** Shown when there is none. */
  empty: readonly string[];
}

/** What the configuration and the menu of columns call a column. */
export function columnName({ header, name }: Pick<ResourceColumn<never>, "header" | "name">): string {
  return name ?? header.trim().toLowerCase().replaceAll(" ", "-");
}

/** All tabs of a resource's detail pane, the overview first. */
export function detailTabs(view: AnyResource): DetailTabs {
  let tabs = known.get(view);
  if (!tabs) {
    const overview: DetailTab<unknown> = { title: "Overview", shows: ["charts", "log"], read: (...of) => view.detail(...of) };
    tabs = [overview, ...(view.tabs ?? [])];
    known.set(view, tabs);
  }
  return tabs;
}

type DetailTabs = readonly [DetailTab<unknown>, ...DetailTab<unknown>[]];
const known = new WeakMap<AnyResource, DetailTabs>();

/** Rows of some resource: the list does not know which. */
export type AnyResource = ResourceView<unknown>;

/** Everything about an object, as JSON. */
function jsonLines(value: unknown): DetailSection[] {
  return [{ kind: "lines", title: "", lines: JSON.stringify(value, undefined, 2).split("\n") }];
}

/** The names of containers of which something is true, as a section that says who uses an object. */
export async function usedBy(engine: Engine, noun: string, uses: (row: ContainerSummary) => boolean): Promise<DetailSection[]> {
  const rows = (await engine.containers.list({ all: true })).filter(uses);
  if (rows.length === 0) return [{ kind: "lines", title: "", lines: [`no container uses this ${noun}`] }];
  return [
    { kind: "table", title: "", rows: rows.map((row) => ({ container: row.Names[0]?.slice(1) ?? shortId(row.Id), status: row.Status })) },
  ];
}

/** A step of an image's history as its Dockerfile has it: without the shell, the arguments and the builder's note that it is kept with. */
export function stepText(createdBy: string): string {
  return createdBy
    .replace(/\s+/g, " ")
    .replace(/ # buildkit$/, "")
    .replace(/^\/bin\/sh -c #\(nop\) */, "")
    .replace(/^(?:RUN )?(?:\|\d+ .*?)?\/bin\/sh -c /, "RUN ");
}

/** Twelve characters of an id without its algorithm. */
export function shortId(id: string): string {
  return id.replace(/^sha256:/, "").slice(0, 12);
}
