/** What people choose about the TUI, with its defaults; config/read.ts reads it from their file. Pure data. */
import type { ResourceId } from "../resources/index.ts";
import type { ThemeName } from "../theme.ts";

export interface PaneSettings {
  /** Lines kept above the screen of a terminal. */
  scrollback: number;
  /** A program may put text into the user's clipboard (OSC 52). Nothing reads it, ever. */
  clipboard: boolean;
  /** The bell is passed on; it marks its terminal in any case. */
  bell: boolean;
  /** A program may name its terminal (OSC 0, 2). */
  titles: boolean;
  /** Hyperlinks of programs can be followed (OSC 8). */
  links: boolean;
  /** Programs that ask for it hear whether they have the keyboard (mode 1004). */
  focus: boolean;
  /** Questions about the terminal are answered: colours (OSC 10, 11), version (XTVERSION), size (CSI 18 t). */
  answers: boolean;
  /** Programs that ask for it get the mouse. */
  mouse: boolean;
}

export interface LogSettings {
  /** What stands out in logs: a regular expression, and the name of a style. */
  highlights: { pattern: string; style: string }[];
}

/** How a list begins. */
export interface ListSettings {
  /** Names of columns, in their order; undefined: those that it comes with. */
  columns?: string[];
  filter?: string;
  /** Name of a column; with "-" before it in reverse. */
  sort?: string;
  /** A label whose values fold the list; "project" is compose's. */
  group?: string;
}

/** What a question wants for yes: `y` for all; the word "yes" where many things go at once, or by force; the word always. */
export type ConfirmPolicy = "key" | "word" | "strict";

/** A command of the user's own, on a key. */
export interface CustomCommand {
  name: string;
  key: string;
  /** Where its key works; undefined: in every list. */
  lists?: ResourceId[];
  /** A line of berth's, or lines one after the other. */
  run?: string[];
  /** A program of the host: words that no shell reads. */
  host?: string;
  /** Asked before it runs; true: a question with its name. */
  confirm?: boolean | string;
  /** Of a host program: it gets the terminal. Of berth's commands those take a pane that want one. */
  terminal?: boolean;
  /** Its output is shown. */
  output?: boolean;
}

export interface Settings {
  /** The key that calls the UI from a terminal; undefined: input/prefix.ts decides. */
  prefix: string | undefined;
  /** The UI takes the mouse; without it the terminal selects text as ever. */
  mouse: boolean;
  /** undefined: NO_COLOR decides. */
  theme: ThemeName | undefined;
  /** undefined: the locale decides. */
  borders: "unicode" | "ascii" | undefined;
  /** Milliseconds between two readings of what containers use; 0: never. */
  refresh: number;
  /** undefined: BERTH_CONFIRM decides. */
  confirm: ConfirmPolicy | undefined;
  /** The list in front. */
  view: ResourceId;
  /** Keys of actions by their ids; an action without any has none. */
  keys: Record<string, string[]>;
  lists: Partial<Record<ResourceId, ListSettings>>;
  commands: CustomCommand[];
  panes: PaneSettings;
  logs: LogSettings;
}

export const defaults: Settings = {
  prefix: undefined,
  mouse: true,
  theme: undefined,
  borders: undefined,
  refresh: 1000,
  confirm: undefined,
  view: "containers",
  keys: {},
  lists: {},
  commands: [],
  panes: { scrollback: 50_000, clipboard: true, bell: true, titles: true, links: true, focus: true, answers: true, mouse: true },
  logs: { highlights: [] },
};
