/** Results that later lines of a recording name: their ids become variables. Pure. */
import { lex, type Word } from "../language/index.ts";

/** A text that a result is known by, and how a variable that holds the result says it. */
export interface Handle {
  text: string;
  /** "" for the variable alone, else ".Field". */
  path: string;
  /** Any unique beginning of it means the same, as with ids. */
  byPrefix: boolean;
}

/** Fewer characters of an id are a number or a word by chance. */
const shortest = 4;

const id = /^(?:sha256:)?([0-9a-f]{64})$/;

/** What a command's result may be named by later: its ids, and a name that nobody chose. @param printed what the command wrote */
export function handlesOf(result: unknown, printed: string, name?: string): Handle[] {
  if (typeof result !== "object" || result === null || Array.isArray(result)) return [];
  const fields = Object.entries(result).filter((entry): entry is [string, string] => typeof entry[1] === "string" && id.test(entry[1]));
  const alone = printed.trim();
  const handles = fields.map(([field, text]) => ({
    text: text.replace("sha256:", ""),
    path: alone === text ? "" : `.${field}`,
    byPrefix: true,
  }));
  const [first] = handles;
  return first && name ? [...handles, { text: name, path: first.path, byPrefix: false }] : handles;
}

/** Where in a source a handle stands: [start, end) of each. */
function placesOf({ text, byPrefix }: Handle, source: string): [number, number][] {
  return lex(source).flatMap(({ words }) => words.flatMap((word) => within(word, text, byPrefix, source)));
}

function within({ start, end }: Word, text: string, byPrefix: boolean, source: string): [number, number][] {
  const written = source.slice(start, end);
  const pattern = byPrefix ? /(?<![\w.-])(?:sha256:)?([0-9a-f]{4,64})(?![\w.-])/g : /(?<![\w.-])([A-Za-z0-9][\w.-]*)(?![\w.-])/g;
  return [...written.matchAll(pattern)]
    .filter(([, found = ""]) => (byPrefix ? found.length >= shortest && text.startsWith(found) : found === text))
    .map(({ 0: whole, index }) => [start + index, start + index + whole.length]);
}

/** A source with a variable in place of a handle; undefined where it does not stand there. */
export function withVariable(source: string, handle: Handle, name: string): string | undefined {
  const places = placesOf(handle, source);
  if (places.length === 0) return undefined;
  let made = "";
  let at = 0;
  for (const [start, end] of places) {
    const isAlone = /^(?=\s|$)/.test(source.slice(end)) && !handle.path && /(^|\s)$/.test(source.slice(0, start));
    const variable = isAlone ? `$${name}` : `\${${name}${handle.path}}`;
    made += source.slice(at, start) + (isSingleQuoted(source, start) ? `'"${variable}"'` : variable);
    at = end;
  }
  return made + source.slice(at);
}

/** What was printed with an id in place of the beginning of one, or of a name that nobody chose, where a command repeats it. */
export function withIds(printed: string, handles: readonly Handle[]): string {
  if (handles.length === 0) return printed;
  return printed.replace(/[A-Za-z0-9][\w.-]*/g, (word) => {
    const handle = handles.find(({ text, byPrefix }) => (byPrefix ? word.length >= shortest && text.startsWith(word) : word === text));
    const id = handle && handles.find(({ byPrefix, path }) => byPrefix && path === handle.path);
    return id?.text ?? word;
  });
}

function isSingleQuoted(source: string, at: number): boolean {
  let open = "";
  for (let index = 0; index < at; index++) {
    const character = source[index]!;
    if (character === "\\" && open !== "'") index++;
    else if (open === character) open = "";
    else if (open === "" && (character === "'" || character === '"')) open = character;
  }
  return open === "'";
}

/** A name for what a command line makes: that which it gives it, else what it is; with a number where that is taken. */
export function nameFor(source: string, isTaken: (name: string) => boolean): string {
  const words = lex(source)[0]?.words.map(({ start, end }) => source.slice(start, end)) ?? [];
  const given = /(?:^|\s)(?:--name[= ]|-t[= ]|--tag[= ])["']?([A-Za-z_]\w*)["']?(?=\s|$|:)/.exec(source)?.[1];
  const kind = words.includes("build") ? "image" : /^(network|volume)$/.test(words[0] ?? "") ? words[0]! : "container";
  const base = given ?? kind;
  let name = base;
  for (let number = 2; isTaken(name); number++) name = `${base}${number}`;
  return name;
}
