/**
 * The look: one function per role, never a colour name at the place of use. As it comes, only the sixteen terminal colours, so
 * that the user's palette decides; other themes are for those whose palette is none. Without colours (NO_COLOR, no-color.org)
 * bold, dim, underline and inverse are left.
 */
import { asciiText } from "./ascii.ts";

/** Role of a piece of text. */
export type Tone =
  | "plain"
  | "strong"
  | "dim"
  | "accent"
  | "good"
  | "busy"
  | "bad"
  | "info"
  | "key"
  | "selected"
  | "marked"
  | "match"
  | "title"
  | "bar";

export interface Theme {
  colour: boolean;
  /** The text in the style of its role; text must be plain (no escape sequences). */
  paint(tone: Tone, text: string): string;
  /** A line of the screen as the terminal can show it. */
  drawn(text: string): string;
}

type Styles = Record<Tone, string>;

const sixteen: Styles = {
  plain: "",
  strong: "1",
  dim: "2",
  accent: "36",
  good: "32",
  busy: "33",
  bad: "31",
  info: "34",
  key: "1;36",
  selected: "7",
  marked: "1;35",
  match: "30;43",
  title: "1;36",
  bar: "7;36",
};

/** Of the 256 colours, which no palette changes: bright on a dark background. */
const dark: Styles = {
  plain: "",
  strong: "1",
  dim: "38;5;245",
  accent: "38;5;80",
  good: "38;5;114",
  busy: "38;5;221",
  bad: "38;5;210",
  info: "38;5;111",
  key: "1;38;5;80",
  selected: "38;5;255;48;5;24",
  marked: "1;38;5;213",
  match: "38;5;16;48;5;221",
  title: "1;38;5;80",
  bar: "38;5;255;48;5;30",
};

/** The same for a light background: dark enough to be read on white. */
const light: Styles = {
  plain: "",
  strong: "1",
  dim: "38;5;243",
  accent: "38;5;24",
  good: "38;5;22",
  busy: "38;5;94",
  bad: "38;5;124",
  info: "38;5;19",
  key: "1;38;5;24",
  selected: "38;5;16;48;5;153",
  marked: "1;38;5;90",
  match: "38;5;16;48;5;220",
  title: "1;38;5;24",
  bar: "38;5;255;48;5;24",
};

/** Nothing dim, nothing said by a hue alone: for bad light, beamers and tired eyes. */
const contrast: Styles = {
  plain: "",
  strong: "1",
  dim: "",
  accent: "1",
  good: "1;92",
  busy: "1;93",
  bad: "1;4;91",
  info: "1;94",
  key: "1;96",
  selected: "1;7",
  marked: "1;4;95",
  match: "1;30;103",
  title: "1;96",
  bar: "1;7",
};

const colourless: Styles = {
  plain: "",
  strong: "1",
  dim: "2",
  accent: "1",
  good: "",
  busy: "",
  bad: "1",
  info: "",
  key: "1",
  selected: "7",
  marked: "1;4",
  match: "7",
  title: "1",
  bar: "7",
};

/** By the names that the configuration knows them by. */
export const themes = { "16": sixteen, dark, light, contrast, none: colourless } as const;
export type ThemeName = keyof typeof themes;

/** The parameters of a role's SGR sequence, for text that keeps its colours in a line buffer. */
export const sgrOf = (tone: Tone): string => sixteen[tone];

export function createTheme(name: ThemeName, borders: "unicode" | "ascii" = "unicode"): Theme {
  const styles = themes[name];
  return {
    colour: name !== "none",
    drawn: borders === "ascii" ? asciiText : (text) => text,
    paint: (tone, text) => (text && styles[tone] ? `\x1b[${styles[tone]}m${text}\x1b[0m` : text),
  };
}

/** Of texts that may be saved and searched, and of what is only measured. */
export const plainTheme = createTheme("none");
