/**
 * Everything that the user's file may say: each setting with what is allowed, in words that an error and the documentation can
 * use. The reading of the file, and the places of what is wrong, are read.ts's business.
 */
import { parseDuration } from "../../engine/duration.ts";
import { EngineError } from "../../engine/errors.ts";
import { isKeyName } from "../input/keys.ts";
import { controlLetter } from "../input/prefix.ts";
import { rebindable } from "../key-bindings.ts";
import { styles } from "../logs/look.ts";
import { columnName, resources, tabs } from "../resources/index.ts";
import type { AnyResource } from "../resources/resource.ts";
import { themes } from "../theme.ts";
import { templateWords } from "./template-words.ts";

/** What is wrong with a value: why, and what was probably meant. */
export interface Fault {
  problem: string;
  /** Names that it should have been one of. */
  among?: readonly string[];
}

export type Node =
  /** `take` gives the value as Settings has it, or what is wrong with it. */
  | { kind: "value"; take(value: unknown): { value: unknown } | Fault }
  | { kind: "section"; members: Readonly<Record<string, Node>>; required?: readonly string[] }
  | { kind: "list"; each: Node; of: string; single?: boolean };

const value = (allowed: string, take: (plain: unknown) => unknown): Node => ({
  kind: "value",
  take(plain) {
    const taken = take(plain);
    return taken === undefined ? { problem: `it is ${allowed}` } : { value: taken };
  },
});

const flag = value("true or false", (plain) => (typeof plain === "boolean" ? plain : undefined));
const text = (what: string) => value(what, (plain) => (typeof plain === "string" && plain.trim() !== "" ? plain : undefined));
const count = (most: number) =>
  value(`a whole number up to ${most}`, (plain) =>
    Number.isInteger(plain) && (plain as number) >= 0 && (plain as number) <= most ? plain : undefined,
  );

const oneOf = (names: readonly string[], what = `one of ${names.join(", ")}`): Node => ({
  kind: "value",
  take(plain) {
    const name = typeof plain === "number" ? String(plain) : plain;
    if (typeof name === "string" && names.includes(name)) return { value: name };
    return { problem: `it is ${what}`, among: names };
  },
});

/** Seconds at least: what containers use is measured over one. */
const interval = value('a time from 1s to 1h, or "off"', (plain) => {
  if (plain === "off" || plain === false) return 0;
  const milliseconds = typeof plain === "string" ? (parseDuration(plain) ?? 0) / 1e6 : 0;
  return milliseconds >= 1000 && milliseconds <= 3_600_000 ? milliseconds : undefined;
});

const controlKey = value("a control key such as ctrl-b", (plain) =>
  typeof plain === "string" && controlLetter(plain) ? plain : undefined,
);

const keyWords = 'a key such as x, X, ctrl-x, alt-x, enter, pageup or f1 (a sign of YAML\'s in quotes), or "none"';
const key: Node = value(keyWords, (plain) => {
  const name = typeof plain === "number" ? String(plain) : plain;
  return typeof name === "string" && isKeyName(name) ? name : undefined;
});
const keys: Node = { kind: "list", each: key, of: keyWords, single: true };

function columnsOf(view: AnyResource): Node {
  const names = view.columns.map(columnName);
  return { kind: "list", each: oneOf(names, `a column of ${view.id}: ${names.join(", ")}`), of: "names of columns" };
}

function sortOf(view: AnyResource): Node {
  const names = view.columns.filter(({ ranks, sort }) => sort ?? ranks).map(columnName);
  return oneOf(
    names.flatMap((name) => [name, `-${name}`]),
    `a column to sort by, with - before it in reverse: ${names.join(", ")}`,
  );
}

const listOf = (view: AnyResource): Node => ({
  kind: "section",
  members: {
    columns: columnsOf(view),
    filter: text("a filter as / takes it"),
    ...(view.columns.some(({ sort }) => sort) && { sort: sortOf(view) }),
    ...(view.labels && { group: text('a label, or "project"') }),
  },
});

/** A line whose words may have templates. */
const line = (what: string): Node => ({
  kind: "value",
  take(plain) {
    if (typeof plain !== "string" || plain.trim() === "") return { problem: `it is ${what}` };
    try {
      templateWords(plain);
      return { value: plain };
    } catch (error) {
      return { problem: error instanceof EngineError ? error.message : String(error) };
    }
  },
});

const pattern = value("a regular expression", (plain) => {
  if (typeof plain !== "string" || plain === "") return undefined;
  try {
    new RegExp(plain);
    return plain;
  } catch {
    return undefined;
  }
});

const section = (members: Record<string, Node>, required?: readonly string[]): Node => ({
  kind: "section",
  members,
  ...(required && { required }),
});

const custom = section(
  {
    name: text("a text that says what it does"),
    key,
    lists: { kind: "list", each: oneOf(resources.map(({ id }) => id)), of: "names of lists", single: true },
    run: { kind: "list", each: line("a command line of berth's"), of: "command lines of berth's", single: true },
    host: line("a program of the host with its arguments"),
    confirm: value("true, false, or a question", (plain) => (typeof plain === "boolean" || typeof plain === "string" ? plain : undefined)),
    terminal: flag,
    output: flag,
  },
  ["name", "key"],
);

/** The whole file, as Settings has it. */
export const schema: Node = section({
  prefix: controlKey,
  mouse: flag,
  theme: oneOf(Object.keys(themes)),
  borders: oneOf(["unicode", "ascii"]),
  refresh: interval,
  confirm: oneOf(["key", "word", "strict"]),
  view: oneOf(tabs.map(({ id }) => id)),
  keys: section(Object.fromEntries(rebindable.map(({ id }) => [id, keys]))),
  lists: section(Object.fromEntries(resources.map((view) => [view.id, listOf(view)]))),
  commands: { kind: "list", each: custom, of: "commands, each with a name, a key, and run or host" },
  panes: section({
    scrollback: count(1_000_000),
    clipboard: flag,
    bell: flag,
    titles: flag,
    links: flag,
    focus: flag,
    answers: flag,
    mouse: flag,
  }),
  logs: section({
    highlights: {
      kind: "list",
      each: section({ pattern, style: oneOf(Object.keys(styles)) }, ["pattern", "style"]),
      of: `"pattern: REGULAR EXPRESSION" with "style: ${Object.keys(styles).join("|")}"`,
    },
  }),
});
