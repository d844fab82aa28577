/** What people choose about the TUI, with its defaults; config/read.ts reads it from their file. Pure data. */

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

export interface Settings {
  /** The key that calls the UI from a terminal; undefined: input/prefix.ts decides. */
  prefix: string | undefined;
  /** The UI takes the mouse; without it the terminal selects text as ever. */
  mouse: boolean;
  panes: PaneSettings;
  logs: LogSettings;
}

export const defaults: Settings = {
  prefix: undefined,
  mouse: true,
  panes: { scrollback: 50_000, clipboard: true, bell: true, titles: true, links: true, focus: true, answers: true, mouse: true },
  logs: { highlights: [] },
};
