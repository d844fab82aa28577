/**
 * Reads the user's configuration, `berth/config.yaml` in $XDG_CONFIG_HOME or ~/.config: YAML, every key known, every value of its
 * kind, and what is wrong said with its place. Without a file nothing is loaded.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Document, Node } from "yaml";
import { EngineError } from "../../engine/errors.ts";
import { nearest } from "../../engine/suggest.ts";
import { controlLetter } from "../input/prefix.ts";
import { styles } from "../logs/look.ts";
import { defaults, type Settings } from "./settings.ts";

/** Why a value is not of its kind; undefined when it is. */
type Check = (value: unknown) => string | undefined;

const flag: Check = (value) => (typeof value === "boolean" ? undefined : "it is true or false");
const count =
  (most: number): Check =>
  (value) =>
    Number.isInteger(value) && (value as number) >= 0 && (value as number) <= most ? undefined : `it is a whole number up to ${most}`;
const controlKey: Check = (value) => (typeof value === "string" && controlLetter(value) ? undefined : "it is a control key such as ctrl-b");

const highlights: Check = (value) => {
  const isOne = (each: unknown) => {
    const { pattern, style, ...others } = (each ?? {}) as Record<string, unknown>;
    return (
      typeof pattern === "string" && pattern !== "" && typeof style === "string" && style in styles && Object.keys(others).length === 0
    );
  };
  return Array.isArray(value) && value.every(isOne)
    ? undefined
    : `it is a list of "pattern: REGULAR EXPRESSION" with "style: ${Object.keys(styles).join("|")}"`;
};

interface Section {
  [key: string]: Check | Section;
}

/** Everything that the file may say, as Settings has it. */
const schema: Section = {
  prefix: controlKey,
  mouse: flag,
  panes: {
    scrollback: count(1_000_000),
    clipboard: flag,
    bell: flag,
    titles: flag,
    links: flag,
    focus: flag,
    answers: flag,
    mouse: flag,
  },
  logs: { highlights },
};

/** Where the file is looked for; undefined without a home. */
function configFile(env: Record<string, string | undefined>): string | undefined {
  const directory = env["XDG_CONFIG_HOME"] || (env["HOME"] && join(env["HOME"], ".config"));
  return directory && join(directory, "berth", "config.yaml");
}

/** The user's settings. @throws EngineError `invalid` with the place of what is wrong */
export async function readSettings(env: Record<string, string | undefined>): Promise<Settings> {
  const file = configFile(env);
  const text = file && (await readFile(file, "utf8").catch(unlessMissing(file)));
  return text ? parseSettings(text, file) : defaults;
}

function unlessMissing(file: string) {
  return (cause: NodeJS.ErrnoException): undefined => {
    if (cause.code === "ENOENT" || cause.code === "ENOTDIR") return;
    throw new EngineError("invalid", `cannot read "${file}": ${cause.message}`, { cause, hint: "make it a file that you can read" });
  };
}

export async function parseSettings(text: string, file: string): Promise<Settings> {
  const { LineCounter, parseDocument } = await import("yaml");
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
  const fail = (offset: number, problem: string, suggestion?: string): never => {
    const { line, col } = lines.linePos(offset);
    throw new EngineError("invalid", `${file}:${line}:${col}: ${problem}`, {
      hint: "see docs/configuration.md for all settings",
      location: { file, line, column: col, source: text },
      ...(suggestion && { suggestion }),
    });
  };
  const [error] = document.errors;
  if (error) fail(error.pos[0], error.message);
  return check(document, fail);
}

type Fail = (offset: number, problem: string, suggestion?: string) => never;

function check(document: Document, fail: Fail): Settings {
  const read = (node: Node | null, section: Section, base: object, path: string): object => {
    const value: unknown = node?.toJSON() ?? null;
    if (value === null) return base;
    const pairs = (node as { items?: { key: Node & { value: unknown }; value: Node | null }[] }).items;
    if (typeof value !== "object" || Array.isArray(value) || !pairs)
      return fail(node?.range?.[0] ?? 0, `${path ? `"${path}"` : "the file"} is a mapping of settings`);
    const result: Record<string, unknown> = { ...base };
    for (const { key, value: below } of pairs) {
      const name = String(key.value);
      const whole = path ? `${path}.${name}` : name;
      const at = key.range?.[0] ?? 0;
      const known = Object.hasOwn(section, name) ? section[name] : undefined;
      if (!known) return fail(at, `there is no setting "${whole}"`, nearest(name, Object.keys(section)));
      if (typeof known === "object") result[name] = read(below, known, (base as Record<string, object>)[name]!, whole);
      else {
        const plain: unknown = below?.toJSON() ?? null;
        const problem = known(plain);
        if (problem) return fail(below?.range?.[0] ?? at, `invalid value for "${whole}": ${problem}`);
        result[name] = plain;
      }
    }
    return result;
  };
  return read(document.contents, schema, defaults, "") as Settings;
}
