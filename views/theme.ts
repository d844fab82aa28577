/**
 * The look: one function per role, never a colour name at the place of use. The sixteen terminal colours only, so that
 * the user's palette decides. NO_COLOR (no-color.org) leaves bold, dim, underline and inverse.
 */

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
  /** Box drawing that the locale can show. */
  unicode: boolean;
}

const coloured: Record<Tone, string> = {
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

const colourless: Record<Tone, string> = {
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

/** The parameters of a role's SGR sequence, for text that keeps its colours in a line buffer. */
export const sgrOf = (tone: Tone): string => coloured[tone];

export function createTheme(env: Record<string, string | undefined>): Theme {
  const colour = !env["NO_COLOR"];
  const styles = colour ? coloured : colourless;
  const locale = env["LC_ALL"] || env["LC_CTYPE"] || env["LANG"] || "UTF-8";
  return {
    colour,
    unicode: /utf-?8/i.test(locale) || locale === "C.UTF-8",
    paint: (tone, text) => (text && styles[tone] ? `\x1b[${styles[tone]}m${text}\x1b[0m` : text),
  };
}
