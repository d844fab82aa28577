/** How a log line looks: its level coloured, what people want to stand out, JSON as words. Pure. */
import { parseLine, plainText, restyle, type Segment } from "../ansi.ts";
import { patternOf } from "./pattern.ts";

/** Raw lines, JSON on one line as words, or each of its members on a line of its own. */
export type JsonLook = "raw" | "words" | "members";

export interface Look {
  json: JsonLook;
  /** Levels are coloured. */
  levels: boolean;
  /** In order: a later one goes on top. */
  highlights: readonly Highlight[];
  colour: boolean;
}

export interface Highlight {
  pattern: RegExp;
  /** SGR parameters. */
  sgr: string;
}

/** Names of styles in the configuration. */
export const styles: Readonly<Record<string, string>> = {
  red: "31",
  green: "32",
  yellow: "33",
  blue: "34",
  magenta: "35",
  cyan: "36",
  bold: "1",
  underline: "4",
  reverse: "7",
};

/** Those of highlights that were typed, one after the other. */
const turns = ["30;43", "30;46", "30;45", "30;42"];

export function highlightOf(text: string, number: number, sgr = turns[number % turns.length]!): Highlight {
  const pattern = patternOf(text)!;
  return { pattern: new RegExp(pattern, `${pattern.flags}g`), sgr };
}

const levels: [RegExp, string][] = [
  [/\b(?:fatal|panic|emerg(?:ency)?|alert|crit(?:ical)?|severe|error|err|fail(?:ed|ure)?)\b/i, "1;31"],
  [/\bwarn(?:ing)?\b/i, "33"],
  [/\b(?:info|notice)\b/i, "32"],
  [/\b(?:debug|trace|verbose)\b/i, "34"],
];
/** Levels stand at the beginning of a line, behind times and names. */
const levelWithin = 80;
/** Pino's and bunyan's numbers. */
const numbered: Record<number, string> = { 10: "trace", 20: "debug", 30: "info", 40: "warn", 50: "error", 60: "fatal" };

/** The style of a level's word. */
function levelStyle(word: string): string | undefined {
  return levels.find(([pattern]) => pattern.test(word))?.[1];
}

/** The first word of a line that is a level, when the program has not coloured the line itself. */
function withLevel(segments: readonly Segment[]): readonly Segment[] {
  if (segments.some(({ sgr }) => sgr)) return segments;
  const head = plainText(segments).slice(0, levelWithin);
  const found = levels
    .map(([pattern, sgr]) => ({ match: pattern.exec(head), sgr }))
    .filter(({ match }) => match)
    .sort((a, b) => a.match!.index - b.match!.index)[0];
  if (!found) return segments;
  const { match, sgr } = found;
  return restyle(segments, new RegExp(`(?<=^.{${match!.index}})${match![0]}`, "g"), sgr);
}

/** The rows of a line, before they are wrapped: one, unless its members are on lines of their own. */
export function rowsOfLine(text: string, look: Look): Segment[][] {
  const members = look.json === "raw" ? undefined : membersOf(text);
  const rows = members ? jsonRows(members, look.json === "members") : [look.levels ? withLevel(parseLine(text)) : parseLine(text)];
  return rows.map(
    (row) => look.highlights.reduce<readonly Segment[]>((each, { pattern, sgr }) => restyle(each, pattern, sgr), row) as Segment[],
  );
}

/** The members of a line that is a JSON object, whatever stands before it. */
function membersOf(text: string): { before: string; object: Record<string, unknown> } | undefined {
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

function jsonRows({ before, object }: { before: string; object: Record<string, unknown> }, apart: boolean): Segment[][] {
  const take = (names: string[]) => names.find((name) => object[name] !== undefined);
  const known = [take(timeNames), take(levelNames), take(textNames)] as const;
  const [time, level, text] = known.map((name) => (name === undefined ? undefined : object[name]));
  const word = level === undefined ? undefined : String(numbered[Number(level)] ?? level).toUpperCase();
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

/** A value in one line, nothing in it that a terminal would obey. */
function bare(value: unknown): string {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return plainText(parseLine(text.replace(/\r?\n/g, "⏎ ")));
}
