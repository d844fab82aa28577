/** What a line that is being typed consists of, for its colours: it need not be whole. Pure. */
import type { Style } from "../../print.ts";
import { isProgramName } from "../language/index.ts";

export interface Span {
  start: number;
  end: number;
  style: Style;
}

/** What the first word of a statement may be. */
export interface Vocabulary {
  isKeyword(word: string): boolean;
  /** A command, a function of the session, or the first word of one of several words. */
  isCommand(word: string): boolean;
}

/** Comments, quotes that may be open, variables, what separates, words. A # begins a comment where a word would begin. */
const token =
  /(?<comment>(?<=^|[\s;])#[^\n]*)|(?<string>'[^']*'?|"(?:\\[\s\S]|[^"\\])*"?)|(?<variable>\$\(\([^)]*\)?\)?|\$\{[^}\s]*\}?|\$(?:env\.)?(?:\w+|\?))|(?<end>[;\n])|(?<word>(?:\\[\s\S]|[^\s'"$;\\])+)/g;
const within = /\$\(\([^)]*\)?\)?|\$\{[^}\s"]*\}?|\$(?:env\.)?(?:\w+|\?)/g;
/** They take texts: no command follows. */
const ofTexts = /^(print|send|sendline|sleep|source|set|record|cd|exit|vars|use|screen|close|resize|interact|http|func|return|!)$/;
const joints = /^(\||>>?|<<?|<<-?['"]?\w+['"]?)$/;

/** @param cursor a word that is being typed is not unknown yet */
export function highlight(source: string, { isKeyword, isCommand }: Vocabulary, cursor = source.length): Span[] {
  const spans: Span[] = [];
  let expects: "command" | "maybe" | "nothing" = "command";
  let before = 0; // where the last token ended: what touches it is of the same word
  for (const { index: start, 0: text, groups = {} } of source.matchAll(token)) {
    const end = start + text.length;
    const add = (style: Style) => spans.push({ start, end, style });
    const touches = start === before && start > 0 && !/[\s;]/.test(source[start - 1]!);
    before = end;
    if (groups["comment"]) add("dim");
    else if (groups["string"]) spans.push(...stringSpans(text, start));
    else if (groups["variable"]) add("magenta");
    else if (groups["end"]) expects = "command";
    else if (text === "{" || text === "}" || text === "and" || text === "or") {
      add("bold");
      expects = text === "{" || text === "}" ? "command" : "maybe";
    } else if (joints.test(text)) {
      add("blue");
      expects = "nothing";
    } else if (expects !== "nothing" && !touches) {
      if (expects === "command" && isKeyword(text)) {
        add("bold");
        expects = ofTexts.test(text) ? "nothing" : "maybe";
      } else if (isCommand(text.replace(/^\(/, "").replace(/\)$/, ""))) {
        add("cyan");
        expects = "nothing";
      } else if (expects === "command" && (cursor < start || cursor > end) && !isProgramName(text)) {
        add("red");
        expects = "nothing";
      }
    } else if (/^--?\w/.test(text) && !touches) add("yellow");
    if (expects === "command" && (groups["string"] || groups["variable"])) expects = "nothing";
  }
  return spans;
}

/** A text in quotes, and the variables in it. */
function stringSpans(text: string, start: number): Span[] {
  const variables = text.startsWith('"') ? [...text.matchAll(within)].filter(({ index }) => text[index - 1] !== "\\") : [];
  const spans: Span[] = [];
  let at = 0;
  for (const { index, 0: variable } of variables) {
    if (index > at) spans.push({ start: start + at, end: start + index, style: "green" });
    spans.push({ start: start + index, end: start + index + variable.length, style: "magenta" });
    at = index + variable.length;
  }
  if (at < text.length) spans.push({ start: start + at, end: start + text.length, style: "green" });
  return spans;
}
