/** Log lines that are JSON objects, as words, as columns, or member by member. Pure. */
import { cellWidth, fill, truncate } from "../../src/format/cells.ts";
import { parseLine, plainText, type Segment } from "../ansi.ts";
import { levelStyle, levelWord } from "./levels.ts";

/** A column: a member, and its width in cells. */
export interface JsonField {
  name: string;
  width: number;
}

interface JsonLine {
  /** What stands before the object. */
  before: string;
  object: Record<string, unknown>;
}

/** The members of a line that is a JSON object, whatever stands before it. */
export function membersOf(text: string): JsonLine | undefined {
  const at = text.indexOf("{");
  if (at < 0 || !text.trimEnd().endsWith("}")) return undefined;
  try {
    return { before: text.slice(0, at), object: JSON.parse(text.slice(at)) as Record<string, unknown> };
  } catch {
    return undefined;
  }
}

const timeNames = ["time", "timestamp", "ts", "@timestamp", "date"];
const levelNames = ["level", "severity", "lvl", "log.level"];
const textNames = ["msg", "message", "event"];

/** A value in one line, nothing in it that a terminal would obey. */
function bare(value: unknown): string {
  const text = typeof value === "string" ? value : (JSON.stringify(value) ?? "");
  return plainText(parseLine(text.replace(/\r?\n/g, "⏎ ")));
}

/** Time, level and text, then the other members, in one row or each in one of its own. */
export function jsonRows({ before, object }: JsonLine, apart: boolean): Segment[][] {
  const take = (names: string[]) => names.find((name) => object[name] !== undefined);
  const known = [take(timeNames), take(levelNames), take(textNames)] as const;
  const [time, level, text] = known.map((name) => (name === undefined ? undefined : object[name]));
  const word = level === undefined ? undefined : levelWord(level);
  const head: Segment[] = [
    ...parseLine(before),
    ...(time === undefined ? [] : [{ sgr: "2", text: `${bare(time)} ` }]),
    ...(word === undefined ? [] : [{ sgr: levelStyle(word) ?? "", text: `${bare(word).padEnd(5)} ` }]),
    ...(text === undefined ? [] : [{ sgr: "1", text: bare(text) }]),
  ];
  const rest = Object.entries(object).filter(([name]) => !known.includes(name));
  const member = ([name, value]: [string, unknown], space: string): Segment[] => [
    { sgr: "2;36", text: `${space}${plainText(parseLine(name))}=` },
    { sgr: "", text: bare(value) },
  ];
  if (!apart) return [[...head, ...rest.flatMap((each, at) => member(each, at > 0 || head.length > 0 ? "  " : ""))]];
  return [...(head.length > 0 ? [head] : []), ...rest.map((each) => member(each, "    "))];
}

/** Cells that a column has at most. */
const widest = 40;
/** Fields that are columns before anybody has chosen. */
const most = 6;

/** "10:05:31.120" of a time in ISO's form or in milliseconds or seconds since the epoch; else as it is. */
function clock(value: unknown): string {
  const number = typeof value === "number" ? (value > 1e11 ? value : value * 1000) : Number.NaN;
  const text = Number.isFinite(number) && Math.abs(number) < 8e15 ? new Date(number).toISOString() : bare(value);
  return /^\d{4}-\d{2}-\d{2}[T ](\d{2}:\d{2}:\d{2}(?:\.\d{1,3})?)/.exec(text)?.[1] ?? text;
}

function cellOf(name: string, value: unknown): string {
  if (value === undefined) return "";
  if (timeNames.includes(name)) return clock(value);
  return levelNames.includes(name) ? bare(levelWord(value)) : bare(value);
}

/** The members of lines, with the widths that they need: time, level and text first, then those that most lines have. */
export function fieldsOf(texts: readonly string[]): JsonField[] {
  const counts = new Map<string, number>();
  const widths = new Map<string, number>();
  for (const text of texts)
    for (const [name, value] of Object.entries(membersOf(text)?.object ?? {})) {
      counts.set(name, (counts.get(name) ?? 0) + 1);
      widths.set(name, Math.max(widths.get(name) ?? 0, cellWidth(cellOf(name, value))));
    }
  const first = [...timeNames, ...levelNames, ...textNames];
  const place = (name: string) => (first.includes(name) ? first.indexOf(name) : first.length);
  return [...counts]
    .sort(([a, x], [b, y]) => place(a) - place(b) || y - x)
    .map(([name]) => ({ name, width: Math.max(1, Math.min(widest, widths.get(name)!)) }));
}

/** What shows before anybody has chosen. */
export const usualFields = (fields: readonly JsonField[]): JsonField[] => fields.slice(0, most);

/** The members that were chosen, each as wide as its column; the last one has what is left. */
export function columnsRow({ before, object }: JsonLine, fields: readonly JsonField[]): Segment[] {
  const cells = fields.map(({ name, width }, at): Segment => {
    const text = cellOf(name, object[name]);
    const isLast = at === fields.length - 1;
    return { sgr: styleOf(name, text), text: isLast ? text : `${fill(truncate(text, width), width)}  ` };
  });
  return [...parseLine(before), ...cells];
}

function styleOf(name: string, text: string): string {
  if (timeNames.includes(name)) return "2";
  if (levelNames.includes(name)) return levelStyle(text) ?? "";
  return textNames.includes(name) ? "1" : "";
}
