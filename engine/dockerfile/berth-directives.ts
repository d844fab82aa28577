/**
 * berth's own directives: `# berth:NAME VALUE`, with or without a "=" between, on any comment line between instructions. docker takes
 * them for comments, so that a file that has them builds everywhere. They speak of the image that is built, whatever its stages.
 *
 * The table holds all of them: what a budget allows, what is checked when an image is built, and what its containers begin with, which
 * the image has as labels (security-labels.ts). An unknown one is an error and no
 * comment: what somebody takes for a safeguard must not be nothing because of a letter.
 */
import type { SourceLocation } from "../errors.ts";
import { nearest } from "../suggest.ts";
import {
  leavesOutMore,
  leftOf,
  parseCapabilityDrop,
  parseCount,
  parseExceptions,
  parseMemory,
  parseShare,
  parseSize,
  parseSwitch,
  type Refuse,
  wordsOf,
} from "./directive-values.ts";
import type { Comment } from "./lines.ts";
import { fail, locate, type Source } from "./source.ts";
import { trimSpace } from "./space.ts";

export interface DirectiveSpec<T> {
  /** As it is written. */
  name: string;
  /** budget: how much the image may be. check: what it must not be, or the build fails. default: what its containers begin with. */
  kind: "budget" | "check" | "default";
  /** What stands behind the name; "" for nothing. */
  usage: string;
  /** What it demands. */
  summary: string;
  /** How a value is written, for whoever wrote another. */
  hint: string;
  parse(text: string, refuse: Refuse): T | undefined;
  /** True when a value demands less than another. */
  loosens?(value: T, than: T): boolean;
}

const directive = <T>(spec: DirectiveSpec<T>): DirectiveSpec<T> => spec;

const switchHint = "write nothing behind it, or off";

const exceptionsHint = "write nothing behind it, or except=PATH[,PATH…] with absolute paths (* and ** as in .dockerignore)";

/** By the name of its value in `BerthDirectives`. */
export const berthDirectives = {
  maxSize: directive({
    name: "max-size",
    kind: "budget",
    usage: "SIZE",
    summary: "all layers together hold at most so much",
    hint: "write a size such as 120MB or 1.5GiB",
    parse: parseSize,
    loosens: (value, than) => value > than,
  }),
  maxLayers: directive({
    name: "max-layers",
    kind: "budget",
    usage: "COUNT",
    summary: "there are at most so many layers",
    hint: "write a positive whole number",
    parse: parseCount,
    loosens: (value, than) => value > than,
  }),
  minEfficiency: directive({
    name: "min-efficiency",
    kind: "budget",
    usage: "SHARE",
    summary: "at least this share of the layers' bytes is still seen in the end",
    hint: "write a share between 0 and 1, such as 0.9",
    parse: parseShare,
    loosens: (value, than) => value < than,
  }),
  user: directive({
    name: "user",
    kind: "check",
    usage: "non-root",
    summary: "the image's USER is not root: another id than 0, or a name that its /etc/passwd gives another id than 0",
    hint: "write non-root: there is no other value",
    parse: (text) => (text === "non-root" ? (text as "non-root") : undefined),
  }),
  pinned: directive({
    name: "pinned",
    kind: "check",
    usage: "",
    summary: "every image that is built from or copied from is named by digest, and every download by checksum or commit",
    hint: "write nothing behind it",
    parse: parseSwitch,
  }),
  verify: directive({
    name: "verify",
    kind: "check",
    usage: "[KEY…]",
    summary:
      "every image that is built from or copied from is signed: by one of these public keys, files of the build context, or as the policies ask",
    hint: "write the paths of public keys in PEM, in the build context, or nothing: then this host's policies say whose signatures count",
    parse: wordsOf,
    // What keys and policies stand for cannot be told from each other: of the two neither is the stricter.
    loosens: (value, than) => (value.length === 0) !== (than.length === 0) || value.some((key) => !than.includes(key)),
  }),
  noSetuid: directive({
    name: "no-setuid",
    kind: "check",
    usage: "[except=PATH,…]",
    summary: "no file of the image is setuid or setgid, or has capabilities",
    hint: exceptionsHint,
    parse: parseExceptions,
    loosens: leavesOutMore,
  }),
  noSecrets: directive({
    name: "no-secrets",
    kind: "check",
    usage: "[except=PATH,…]",
    summary: "no private keys, tokens or passwords in any layer, in the configuration or in the history",
    hint: exceptionsHint,
    parse: parseExceptions,
    loosens: leavesOutMore,
  }),
  noShell: directive({
    name: "no-shell",
    kind: "check",
    usage: "[except=PATH,…]",
    summary: "no shell is in the image, nor busybox under any name",
    hint: exceptionsHint,
    parse: parseExceptions,
    loosens: leavesOutMore,
  }),
  capDrop: directive({
    name: "cap-drop",
    kind: "default",
    usage: "ALL [add=CAPABILITY,…] | CAPABILITY…",
    summary: "containers have less of the capabilities that docker gives: none but some, or all but some",
    hint: "write ALL, ALL add=NET_BIND_SERVICE, or the capabilities to take away",
    parse: parseCapabilityDrop,
    loosens: (value, than) => leftOf(value).some((name) => !leftOf(than).includes(name)),
  }),
  readOnly: directive({
    name: "read-only",
    kind: "default",
    usage: "",
    summary: "the root file system of containers cannot be written",
    hint: switchHint,
    parse: parseSwitch,
  }),
  noNewPrivileges: directive({
    name: "no-new-privileges",
    kind: "default",
    usage: "",
    summary: "no program gives a process of a container more than it has: set-id bits and capabilities of files are nothing",
    hint: switchHint,
    parse: parseSwitch,
  }),
  seccomp: directive({
    name: "seccomp",
    kind: "default",
    usage: "FILE",
    summary: "containers may make the system calls that this profile of the build context allows, and docker's does, too",
    hint: "write the profile's path in the build context",
    parse: (text) => text || undefined,
    // Which of two profiles allows more cannot be told from their texts.
    loosens: (value, than) => value !== than,
  }),
  network: directive({
    name: "network",
    kind: "default",
    usage: "none",
    summary: "containers have no network",
    hint: "write none: there is no other value but off",
    parse: (text) => (text === "none" ? (text as "none") : undefined),
  }),
  memory: directive({
    name: "memory",
    kind: "default",
    usage: "SIZE",
    summary: "a container has at most so much memory",
    hint: "write a size as for run --memory, such as 256m or 1g",
    parse: parseMemory,
    loosens: (value, than) => value > than,
  }),
  pids: directive({
    name: "pids",
    kind: "default",
    usage: "COUNT",
    summary: "a container has at most so many processes and threads",
    hint: "write a positive whole number",
    parse: parseCount,
    loosens: (value, than) => value > than,
  }),
};

type Table = typeof berthDirectives;
export type DirectiveField = keyof Table;
type ValueOf<S> = S extends DirectiveSpec<infer T> ? T : never;
/** What containers of an image begin with. */
export type DefaultField = "capDrop" | "readOnly" | "noNewPrivileges" | "seccomp" | "network" | "memory" | "pids";
/** Takes an inherited default away. */
export type Off = "off";

export interface BerthDirective<T = unknown> {
  value: T;
  /** As written: "120MB". */
  text: string;
  location: SourceLocation;
  /** Of a security profile: where its relative paths begin, in place of the build context. */
  directory?: string;
}

/** What a file demands of its image. */
export type BerthDirectives = {
  [Field in DirectiveField]?: BerthDirective<ValueOf<Table[Field]> | (Field extends DefaultField ? Off : never)>;
};

/** The values of defaults. */
export type SecurityDefaults = { [Field in DefaultField]?: ValueOf<Table[Field]> };

/** Each with the name of its value. */
export const directiveSpecs: readonly (DirectiveSpec<unknown> & { field: DirectiveField })[] = Object.entries(berthDirectives).map(
  ([field, spec]) => ({ ...spec, field: field as DirectiveField }),
);

const form = /^berth:([A-Za-z][^\s=]*)\s*=?(.*)$/s;

/**
 * Takes a comment that is a `berth:` directive into `into`.
 * @returns false for any other comment
 * @throws EngineError for an unknown directive or a bad value
 */
export function readBerthDirective(source: Source, comment: Comment, into: BerthDirectives): boolean {
  const [, name, rest = ""] = form.exec(comment.text) ?? [];
  if (name === undefined) return false;
  const text = trimSpace(rest);
  const spec = directiveSpecs.find((each) => each.name === name);
  const at = (word: string) => placeOf(source, comment, word);
  if (!spec) fail(`unknown berth directive "${name}"`, at(name), { suggestion: suggestDirective(name, comment.text) });
  if (into[spec.field]) fail(`only one berth:${name} directive can be used`, at(name));
  const value = readValue(spec, text, at(text || name));
  const location = locate(source, comment.line, comment.column);
  Object.assign(into, { [spec.field]: { value, text, location } satisfies BerthDirective });
  return true;
}

/** Where a word of a directive stands, behind its "berth:". */
function placeOf(source: Source, { line, column }: Comment, word: string): SourceLocation {
  const text = source.text.split("\n")[line - 1] ?? "";
  return locate(source, line, text.indexOf(word, text.indexOf(":", column)) + 1);
}

const refuseAll: Refuse = (why) => {
  throw new Error(why);
};

/** Whether a name and what stands behind it are a directive as it would be read. */
export function isDirective(name: string, text: string): boolean {
  const spec = directiveSpecs.find((each) => each.name === name);
  if (!spec) return false;
  if (spec.kind === "default" && text === "off") return true;
  try {
    return spec.parse(text, refuseAll) !== undefined;
  } catch {
    return false;
  }
}

function readValue(spec: DirectiveSpec<unknown>, text: string, location: SourceLocation): unknown {
  if (spec.kind === "default" && text === "off") return text;
  const what = `invalid value "${text}" for berth:${spec.name}`;
  const refuse: Refuse = (why, suggestion) => fail(`${what}: ${why}`, location, { hint: spec.hint, suggestion });
  const value = spec.parse(text, refuse);
  return value === undefined ? fail(what, location, { hint: spec.hint }) : value;
}

/** The whole line, with the name that was meant. */
function suggestDirective(name: string, comment: string): string | undefined {
  const near = nearest(
    name,
    directiveSpecs.map((spec) => spec.name),
  );
  return near && `# berth:${near}${comment.slice("berth:".length + name.length)}`;
}
