/** What is on the screen, as plain data. Parts draw it; the rooms beside it (lists, pagers, panes, prompts) change it. */
import type { Capabilities, EngineError } from "../engine/index.ts";
import type { ListSettings, Settings } from "./config/settings.ts";
import type { FormSpec, Values } from "./forms/form.ts";
import { labelOf } from "./groups.ts";
import type { JsonField } from "./logs/json-line.ts";
import type { LineBuffer } from "./logs/line-buffer.ts";
import type { LineSource } from "./logs/line-source.ts";
import type { Highlight, JsonLook } from "./logs/look.ts";
import type { Position } from "./logs/pager.ts";
import type { Pane } from "./panes/pane.ts";
import type { Progress } from "./projects/progress.ts";
import { type AnyResource, columnName, type ResourceId, resource, resources } from "./resources/index.ts";
import type { DetailSection, LayerStep } from "./resources/resource.ts";
import type { TreeNode, TreeRow } from "./tree/node.ts";
import type { TreeSource } from "./tree/source.ts";
import type { Usage } from "./usage.ts";

export interface ListState {
  /** Everything loaded, in the engine's order. */
  rows: readonly unknown[];
  /** What filter and sort leave, and the rows of groups: what the screen shows. */
  shown: readonly unknown[];
  loaded: boolean;
  error?: EngineError;
  filter: string;
  /** Column index; undefined is the engine's order. */
  sort?: number;
  descending: boolean;
  /** A label whose values fold the list (groups.ts). */
  group?: string;
  /** Values whose rows do not show. */
  folded: ReadonlySet<string>;
  /** Index into `shown`. */
  cursor: number;
  /** First shown row on the screen. */
  top: number;
  /** Identities of marked rows. */
  marked: ReadonlySet<string>;
  /** Where a range of marks began, and what was marked before. */
  range?: { from: string; before: ReadonlySet<string> };
}

/** Detail pane: sections of the row under the cursor, and the last lines of its log. */
export interface DetailState {
  resource: ResourceId;
  id: string;
  /** Title of the tab that it is read for. */
  tab: string;
  sections: DetailSection[];
  error?: string;
  log?: LineBuffer;
}

/** A tree that has the screen: files, or JSON. */
export interface TreeState {
  kind: "files" | "json";
  title: string;
  /** What it shows: it follows what others do to it. */
  of: { resource: ResourceId; id: string };
  /** Which of the pages of its details. */
  page: string;
  /** It is in their place beside the list, where there is room for it. */
  isBeside?: boolean;
  /** What command lines call it. */
  name?: string;
  source: TreeSource;
  root: TreeNode;
  rows: readonly TreeRow[];
  /** Index into `rows`, and the first of them on the screen. */
  cursor: number;
  top: number;
  search: string;
  /** Where the search's text is, and which of these places the cursor was taken to last. */
  found?: { paths: readonly (readonly string[])[]; at: number; isCut: boolean };
  /** What takes its time: "searching". */
  busy?: string;
  /** What it shows is not there any more. */
  gone?: boolean;
  /** Why it could not be read again. */
  trouble?: string;
  /** It is read again while it is in sight: others work in it. */
  live?: boolean;
  /** Of an image, the lowest first. */
  layers?: readonly LayerStep[];
  /** What is to be unfolded when it is read: it was so in the tree whose place this one took. */
  reopened?: Set<string>;
  /** Contents show as bytes. */
  hex: boolean;
  /** Bytes of directories that were weighed, by `keyOf` their path. */
  sizes: ReadonlyMap<string, number>;
  /** What is beside the tree, and of which state of which file. */
  preview?: { key: string; lines: readonly string[] };
}

export type PagerKind = "logs" | "inspect" | "output" | "details" | "page";

/** A full-screen view over lines. */
export interface PagerState {
  kind: PagerKind;
  title: string;
  /** What it shows: it follows what others do to it. */
  of?: { resource: ResourceId; id: string };
  /** Which of the pages of its resource. */
  page?: string;
  /** That is not there any more. */
  gone?: boolean;
  /** What shows: all lines, or those that a filter lets through. */
  buffer: LineSource;
  /** All lines. */
  base: LineSource;
  /** The end is kept in sight as lines come. */
  follow: boolean;
  /** Where the screen begins when it does not follow. */
  top: Position;
  wrap: boolean;
  /** Cells cut off at the left when lines are not wrapped. */
  shift: number;
  timestamps: boolean;
  /** Lines that came since the user paused are not drawn yet: the buffer's end at that moment. */
  pausedAt?: number;
  search: string;
  /** Line of the match the user looks at. */
  match?: number;
  /** Which lines show: those with a pattern, or without it. */
  filter?: { text: string; inverse: boolean };
  /** Only lines of these times show, in the user's words. */
  since?: string;
  until?: string;
  json: JsonLook;
  /** Columns of JSON lines, once they were looked for. */
  fields: readonly JsonField[];
  highlights: readonly Highlight[];
  /** Lines that are being selected: where that began, and where it is; of a rectangle, the cells of each. */
  selected?: { from: number; to: number; columns?: { from: number; to: number } };
  /** What takes its time: "searching". */
  busy?: string;
  /** A piece of a file out of the tree below. */
  isFile?: boolean;
  /** Still producing lines. */
  running: boolean;
  /** The command ends only when it is cancelled: leaving does. */
  endless?: boolean;
}

export interface PromptState {
  kind:
    | "filter"
    | "palette"
    | "search"
    | "find"
    | "save"
    | "script"
    | "layout"
    | "lines"
    | "time"
    | "since"
    | "until"
    | "highlight"
    | "names"
    | "registry";
  text: string;
  /** Index into `text` in UTF-16 units. */
  cursor: number;
  candidates: string[];
  /** Candidate under the cursor, -1 none. */
  chosen: number;
  /** Position in the history, counted from its end; 0 is the line being typed. */
  back: number;
}

export interface ConfirmState {
  question: string;
  detail: string[];
  /** What is to be typed for yes; without it the key y is. */
  word?: string;
  /** Of the word. */
  typed: string;
  accept(): void;
  decline(): void;
}

/** One of several things to choose from. */
export interface MenuItem {
  label: string;
  /** What it stands for, beside the label. */
  text?: string;
  /** What it can be ordered by, with its place in that order: numbers go down, words up. */
  orders?: Readonly<Record<string, string | number>>;
  /** The menu stays open when it is chosen: it was to be changed. */
  stays?: boolean;
  choose(): void;
  /** Moves what it stands for among the others. */
  shift?(by: 1 | -1): void;
}

export interface FormState {
  spec: FormSpec;
  /** What its line begins with, to be about another host than the one in use. */
  lead: readonly string[];
  values: Values;
  /** Index of the field that is typed into. */
  at: number;
  /** Index into its text in UTF-16 units. */
  cursor: number;
  candidates: readonly string[];
  /** Candidate under the cursor, -1 none. */
  chosen: number;
  /** What is wrong with fields, by their names; "" of the line as a whole. */
  errors: Readonly<Record<string, string>>;
  /** It was to be run: what is wrong shows at the field that is typed into, too. */
  tried: boolean;
}

export interface MenuState {
  title: string;
  items: readonly MenuItem[];
  /** What the columns of its items are. */
  header?: string;
  /** By what the items are ordered; as they came without it. */
  order?: string;
  /** What its keys do, where that is not choosing. */
  hint?: string;
  /** Words of those that show. */
  typed: string;
  /** Index among those that show. */
  cursor: number;
}

export interface Toast {
  id: number;
  tone: "good" | "bad" | "info";
  lines: string[];
}

/** One line that an action ran. */
export interface CommandEntry {
  id: number;
  /** As one would type it in a shell. */
  line: string;
  /** As the palette and a script take it. */
  again: string;
  /** When it began, in milliseconds since the epoch. */
  at: number;
  state: "running" | "done" | "failed";
  /** Milliseconds, when it is over. */
  took?: number;
}

export interface AppState {
  columns: number;
  rows: number;
  /** Milliseconds since the epoch; moves only when some text on the screen depends on it. */
  now: number;
  version: string;
  root: string;
  /** Of this machine: "load 0.42  mem 37%". */
  host: string;
  /** The host in use, whether it is this machine, and why it does not answer. */
  at: { name: string; isOpened: boolean; isHere: boolean; lost?: string };
  /** The list of events stands still while more happens. */
  isHeld: boolean;
  /** The containers list is that of all hosts. */
  isMerged: boolean;
  /** What the engine's host is not able to do, with the reasons. */
  cannot: Capabilities["cannot"];
  resource: ResourceId;
  lists: Record<ResourceId, ListState>;
  /** Indices of the columns that lists show, in their order; of the others those that they come with. */
  chosen: Partial<Record<ResourceId, readonly number[]>>;
  /** Identity of the row whose parts a list shows that has no tab of its own. */
  opened?: string;
  detail?: DetailState;
  /** Titles of the tabs of details that were chosen last. */
  detailTabs: Partial<Record<ResourceId, string>>;
  /** Rows of the details above what is in sight. */
  detailTop: number;
  /** What running containers use, by id, while the list shows it. */
  usage: ReadonlyMap<string, Usage>;
  /** What running commands do to projects. */
  progress: Progress;
  view: "list" | "pager" | "panes" | "tree";
  pager?: PagerState;
  tree?: TreeState;
  panes: readonly Pane[];
  /** Index of the pane that has the keyboard. */
  pane: number;
  zoomed: boolean;
  /** What is typed goes into all terminals that show. */
  broadcast: boolean;
  /** The terminal that has the keyboard shows its past, and keys move in it. */
  scrolling: boolean;
  /** The prefix key was pressed in a pane; the next key is a pane command. */
  prefixed: boolean;
  prompt?: PromptState;
  confirm?: ConfirmState;
  menu?: MenuState;
  form?: FormState;
  help: boolean;
  helpTop: number;
  toasts: readonly Toast[];
  commands: readonly CommandEntry[];
  /** Bumped when a line buffer or a terminal behind the screen changed. */
  revision: number;
}

const emptyList: ListState = {
  rows: [],
  shown: [],
  loaded: false,
  filter: "",
  descending: false,
  folded: new Set(),
  cursor: 0,
  top: 0,
  marked: new Set(),
};

export function initialState(options: { columns: number; rows: number; version: string; root: string; now: number }): AppState {
  return {
    ...options,
    host: "",
    at: { name: "", isOpened: true, isHere: false },
    isHeld: false,
    isMerged: false,
    cannot: {},
    resource: "containers",
    lists: Object.fromEntries(resources.map(({ id }) => [id, emptyList])) as Record<ResourceId, ListState>,
    chosen: {},
    usage: new Map(),
    detailTabs: {},
    detailTop: 0,
    progress: new Map(),
    view: "list",
    panes: [],
    pane: 0,
    zoomed: false,
    broadcast: false,
    scrolling: false,
    prefixed: false,
    help: false,
    helpTop: 0,
    toasts: [],
    commands: [],
    revision: 0,
  };
}

/** The lists as the user wants them to begin. */
export function withSettings(state: AppState, { view, lists: wanted }: Pick<Settings, "view" | "lists">): AppState {
  const lists = { ...state.lists };
  const chosen: AppState["chosen"] = {};
  for (const [name, settings] of Object.entries(wanted)) {
    const id = name as ResourceId;
    lists[id] = { ...lists[id], ...listOf(resource(id), settings) };
    if (settings.columns) chosen[id] = settings.columns.map((column) => columnAt(resource(id), column));
  }
  return { ...state, resource: view, lists, chosen };
}

function listOf(view: AnyResource, { filter, sort, group }: ListSettings): Partial<ListState> {
  return {
    ...(filter !== undefined && { filter }),
    ...(sort !== undefined && { sort: columnAt(view, sort.replace(/^-/, "")), descending: sort.startsWith("-") }),
    ...(group !== undefined && { group: labelOf(group) }),
  };
}

const columnAt = (view: AnyResource, name: string) => view.columns.findIndex((column) => columnName(column) === name);
