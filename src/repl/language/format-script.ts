/**
 * `berth repl --fmt`: a script with its blocks indented, without blanks at the ends of lines or more than one empty line between
 * others. What stands in words, and so in texts of several lines, stays as it is. Pure.
 */
import { parse } from "./parse.ts";
import { bare } from "./statement.ts";
import { lex, type Word } from "./words.ts";

const indent = "  ";

/** @throws EngineError `syntax`, located, for what cannot be read */
export function formatScript(source: string, file: string): string {
  parse(source, file);
  const words = lex(source, file).flatMap((statement) => statement.words);
  const lines: string[] = [];
  let depth = 0;
  let isContinued = false;
  /** Where the last text of several lines ends. */
  let textEnd = -1;
  for (let start = 0, next = 0; start <= source.length; start = lineEnd(source, start) + 1) {
    const end = lineEnd(source, start);
    const own: Word[] = [];
    for (; words[next] && words[next]!.start < end; next++) own.push(words[next]!);
    const isText = textEnd >= start;
    const closing = own.findIndex((word) => bare(word) !== "}");
    const level: number = depth - (closing < 0 ? own.length : closing) + (isContinued ? 1 : 0);
    const content: string = isText
      ? source.slice(start, end)
      : laidOut(source.slice(start, end), (own.at(-1)?.end ?? start) - start, level);
    if (isText || content !== "" || lines.at(-1) !== "") lines.push(content);
    for (const word of own) if (source.slice(word.start, word.end).includes("\n")) textEnd = Math.max(textEnd, word.end);
    depth += own.filter((word) => bare(word) === "{").length - own.filter((word) => bare(word) === "}").length;
    isContinued = !isText && /(^|[^\\])\\$/.test(content) && !content.trimStart().startsWith("#");
  }
  while (lines.at(-1) === "") lines.pop();
  return `${lines.join("\n")}\n`;
}

function lineEnd(source: string, start: number): number {
  const end = source.indexOf("\n", start);
  return end < 0 ? source.length : end;
}

/** @param kept where its last word ends: a blank in there may be quoted */
function laidOut(line: string, kept: number, level: number): string {
  const end = Math.max(Math.min(kept, line.length), line.trimEnd().length);
  const text = line.slice(0, end).trimStart();
  return text === "" ? "" : indent.repeat(Math.max(0, level)) + text;
}
