/** How a log line looks: its level coloured, what people want to stand out, JSON as words. Pure. */
import { parseLine, plainText, restyle, type Segment } from "../ansi.ts";
import { columnsRow, type JsonField, jsonRows, membersOf } from "./json-line.ts";
import { levels } from "./levels.ts";
import { patternOf } from "./pattern.ts";

/** Raw lines, JSON on one line as words or as columns, or each of its members on a line of its own. */
export type JsonLook = "raw" | "words" | "columns" | "members";

export interface Look {
  json: JsonLook;
  /** Columns of JSON lines. */
  fields: readonly JsonField[];
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

/** Levels stand at the beginning of a line, behind times and names. */
const levelWithin = 80;
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
  const asJson = members && (look.json === "columns" ? [columnsRow(members, look.fields)] : jsonRows(members, look.json === "members"));
  const rows = asJson ?? [look.levels ? withLevel(parseLine(text)) : parseLine(text)];
  return rows.map(
    (row) => look.highlights.reduce<readonly Segment[]>((each, { pattern, sgr }) => restyle(each, pattern, sgr), row) as Segment[],
  );
}
