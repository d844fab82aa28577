/**
 * Reads the user's configuration, `berth/config.yaml` in $XDG_CONFIG_HOME or ~/.config: YAML, every key known, every value of its
 * kind, and what is wrong said with its place. Without a file nothing is loaded.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { LineCounter, Node as YamlNode } from "yaml";
import { EngineError } from "../../engine/errors.ts";
import { nearest } from "../../engine/suggest.ts";
import type { Fault, Node } from "./schema.ts";
import { defaults, type Settings } from "./settings.ts";

/** Where something stands in the file, from 1. */
export interface SettingPlace {
  file: string;
  line: number;
  column: number;
}

export interface UsersSettings {
  settings: Settings;
  /** Where the file says what it says, by "panes.bell", "commands[0].key". */
  places: ReadonlyMap<string, SettingPlace>;
}

/** Where the file is looked for; undefined without a home. */
export function configFile(env: Record<string, string | undefined>): string | undefined {
  const directory = env["XDG_CONFIG_HOME"] || (env["HOME"] && join(env["HOME"], ".config"));
  return directory && join(directory, "berth", "config.yaml");
}

/** The user's settings. @throws EngineError `invalid` with the place of what is wrong */
export async function readSettings(env: Record<string, string | undefined>): Promise<UsersSettings> {
  const file = configFile(env);
  const text = file && (await readFile(file, "utf8").catch(unlessMissing(file)));
  return text ? parseSettings(text, file) : { settings: defaults, places: new Map() };
}

function unlessMissing(file: string) {
  return (cause: NodeJS.ErrnoException): undefined => {
    if (cause.code === "ENOENT" || cause.code === "ENOTDIR") return;
    throw new EngineError("invalid", `cannot read "${file}": ${cause.message}`, { cause, hint: "make it a file that you can read" });
  };
}

export async function parseSettings(text: string, file: string): Promise<UsersSettings> {
  const [{ LineCounter, parseDocument }, { schema }, { checkSettings }] = await Promise.all([
    import("yaml"),
    import("./schema.ts"),
    import("./check.ts"),
  ]);
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
  const reader = new Reader(text, file, lines);
  const [error] = document.errors;
  if (error) reader.fail(error.pos[0], error.message);
  const settings = reader.read(document.contents, schema, defaults, "") as Settings;
  checkSettings(settings, reader.places, (place, problem) => reader.failAt(place, problem));
  return { settings, places: reader.places };
}

interface Pair {
  key: YamlNode & { value: unknown };
  value: YamlNode | null;
}

class Reader {
  readonly places = new Map<string, SettingPlace>();
  #text: string;
  #file: string;
  #lines: LineCounter;

  constructor(text: string, file: string, lines: LineCounter) {
    this.#text = text;
    this.#file = file;
    this.#lines = lines;
  }

  fail(offset: number, problem: string, suggestion?: string): never {
    return this.failAt(this.#placeOf(offset), problem, suggestion);
  }

  failAt({ file, line, column }: SettingPlace, problem: string, suggestion?: string): never {
    throw new EngineError("invalid", `${file}:${line}:${column}: ${problem}`, {
      hint: "see docs/configuration.md for all settings, and 'berth config' for what holds now",
      location: { file, line, column, source: this.#text },
      ...(suggestion && { suggestion }),
    });
  }

  #placeOf(offset: number): SettingPlace {
    const { line, col } = this.#lines.linePos(offset);
    return { file: this.#file, line, column: col };
  }

  /** @param at where to point when there is no node */
  read(node: YamlNode | null, { ...kind }: Node, base: unknown, path: string, at = 0): unknown {
    const from = node?.range?.[0] ?? at;
    if (node && "source" in node && !("value" in node)) return this.fail(from, `"${path}" is an alias: write out what it stands for`);
    if (path) this.places.set(path, this.#placeOf(from));
    if (kind.kind === "section") return this.#section(node, kind, base, path, from);
    if (kind.kind === "list") return this.#list(node, kind, path, from);
    const plain: unknown = node?.toJSON() ?? null;
    const taken = kind.take(plain);
    if ("value" in taken) return taken.value;
    return this.#refuse(taken, plain, path, from);
  }

  #refuse({ problem, among }: Fault, plain: unknown, path: string, at: number): never {
    const suggestion = among && typeof plain === "string" ? nearest(plain, among) : undefined;
    return this.fail(at, `invalid value for "${path}": ${problem}`, suggestion);
  }

  #section(node: YamlNode | null, { members, required = [] }: Extract<Node, { kind: "section" }>, base: unknown, path: string, at: number) {
    const plain: unknown = node?.toJSON() ?? null;
    if (plain === null && required.length === 0) return base;
    const pairs = (node as { items?: Pair[] } | null)?.items;
    if (typeof plain !== "object" || Array.isArray(plain) || !pairs)
      return this.fail(at, `${path ? `"${path}"` : "the file"} is a mapping of settings`);
    const result: Record<string, unknown> = { ...(base as object) };
    for (const { key, value } of pairs) {
      const name = String(key.value);
      const whole = path ? `${path}.${name}` : name;
      const place = key.range?.[0] ?? at;
      const known = Object.hasOwn(members, name) ? members[name] : undefined;
      if (!known) {
        const names = Object.keys(members);
        const all = names.length <= mostNames ? `; there ${names.length === 1 ? "is" : "are"} ${names.join(", ")}` : "";
        return this.fail(place, `there is no setting "${whole}"${all}`, nearest(name, names));
      }
      result[name] = this.read(value, known, (base as Record<string, unknown> | undefined)?.[name], whole, place);
    }
    const missing = required.find((name) => result[name] === undefined);
    return missing === undefined ? result : this.fail(at, `"${path}" has no "${missing}"`);
  }

  #list(node: YamlNode | null, { each, of, single }: Extract<Node, { kind: "list" }>, path: string, at: number): unknown[] {
    const plain: unknown = node?.toJSON() ?? null;
    if (single && plain === "none") return [];
    if (single && plain !== null && typeof plain !== "object") return [this.read(node, each, undefined, path, at)];
    const items = (node as { items?: YamlNode[] } | null)?.items;
    if (!Array.isArray(plain) || !items) return this.fail(at, `invalid value for "${path}": it is ${single ? of : `a list of ${of}`}`);
    return items.map((item, index) => this.read(item, each, undefined, `${path}[${index}]`, at));
  }
}

/** Names of settings that an error lists. */
const mostNames = 14;
