/**
 * The command line parser: words against a command's flag table, with docker's (pflag's) rules — `-it` clusters,
 * `-p8080:80`, `--flag=value`, `--`, `--rm=false`, flags among the arguments unless the command stops at its first one.
 * Pure; texts of errors are docker's. A hand-made parser, because loading one costs more than `ps` takes.
 */
import { EngineError } from "../engine/errors.ts";
import { nearest } from "../engine/suggest.ts";
import type { ArgSpec, Command, FlagSpec, FlagValue, Input } from "./commands/command.ts";
import { parseMilliseconds } from "./format/duration.ts";
import { parseBytes } from "./format/size.ts";

/**
 * Stands in a word for what is known only when it runs (a variable of a script that is checked). A value that holds it is of any
 * type; a word that begins with it may be a flag, or several words, or none. No word of a real command line can hold it.
 */
export const unknownText = "\0";

/** Flags that every command takes: they speak to the face, not to the command. */
export const commonFlags: readonly FlagSpec[] = [
  { name: "json", type: "boolean", help: "print results and events as JSON lines", hidden: true },
  { name: "help", type: "boolean", help: "print the command's help", hidden: true },
];

/** Flags of the program itself. */
export const globalFlags: readonly FlagSpec[] = [
  {
    name: "root",
    type: "string",
    placeholder: "DIRECTORY",
    subject: "directory",
    help: "State directory (default $BERTH_ROOT, else /var/lib/berth)",
  },
  {
    name: "runtime",
    type: "string",
    placeholder: "NAME|PATH",
    help: "OCI runtime (default $BERTH_RUNTIME, else crun where it works, else runc)",
  },
  {
    name: "config",
    type: "string",
    placeholder: "DIRECTORY",
    subject: "directory",
    help: "Directory of docker's client configuration (default $DOCKER_CONFIG, else ~/.docker)",
  },
  {
    name: "host",
    short: "H",
    type: "string",
    placeholder: "ADDRESS",
    help: "Engine of another host: unix://, tcp:// or ssh:// (default $BERTH_HOST, $DOCKER_HOST, else this host's own, 'local')",
  },
  {
    name: "context",
    short: "c",
    type: "string",
    placeholder: "NAME",
    help: "The same by the name of a context (default $DOCKER_CONTEXT, else that of 'context use')",
  },
  { name: "tls", type: "boolean", help: "Talk TLS to tcp://, and trust any certificate", hidden: true },
  {
    name: "tlsverify",
    type: "boolean",
    help: "Talk TLS to tcp:// (default $DOCKER_TLS_VERIFY), with the certificates of $DOCKER_CERT_PATH",
  },
  { name: "tlscacert", type: "string", placeholder: "FILE", subject: "file", help: "Trust servers with a certificate of this authority" },
  { name: "tlscert", type: "string", placeholder: "FILE", subject: "file", help: "The certificate to show" },
  { name: "tlskey", type: "string", placeholder: "FILE", subject: "file", help: "The key of the certificate to show" },
  { name: "json", type: "boolean", help: "Print results, rows and errors as JSON lines" },
  { name: "debug", short: "D", type: "boolean", help: "Print stacks and causes of errors" },
  { name: "version", short: "v", type: "boolean", help: "Print the version and exit" },
  { name: "help", short: "h", type: "boolean", help: "Print help and exit" },
];

/** The words of an unfinished command line after the program's own flags, whose values go into `flags`; the last word is being typed. */
export function splitGlobalFlags(words: readonly string[], flags: Record<string, FlagValue>): string[] {
  const before = words.slice(0, -1);
  try {
    return [...parseFlags(globalFlags, before, flags, { path: "", stopsAtArgs: true }), ...words.slice(-1)];
  } catch {
    return [...words]; // a flag that waits for its value, or that there is not
  }
}

type Spec = Pick<Command, "flags" | "args" | "stopsAtArgs"> & Partial<Pick<Command, "name">>;

/**
 * Parses the words after a command's path.
 * @param path how the user called the command ("ps" for "container ls"); for texts
 * @param also flags that are taken with the command's own
 * @throws EngineError `usage`; `details.word` is the index of the wrong word, where it is one
 */
export function parseInput(spec: Spec, words: readonly string[], path = spec.name ?? "", also: readonly FlagSpec[] = []): Input {
  const flags = startFlags(spec.flags);
  const args = parseFlags([...spec.flags, ...also, ...commonFlags], words, flags, { path, stopsAtArgs: spec.stopsAtArgs });
  if (flags["help"] !== true && !args.some((arg) => arg.startsWith(unknownText))) checkCount(spec.args, args, path, words);
  return { flags, args };
}

/** Defaults of a flag table: lists are [], the rest the flag's default. */
export function startFlags(specs: readonly FlagSpec[]): Record<string, FlagValue> {
  const flags: Record<string, FlagValue> = {};
  for (const { name, type, default: value } of specs) flags[name] = type === "list" ? [] : value;
  return flags;
}

/** The parser proper, also for the program's own flags: fills `flags`, returns the positional words. */
export function parseFlags(
  specs: readonly FlagSpec[],
  words: readonly string[],
  flags: Record<string, FlagValue>,
  options: { path: string; stopsAtArgs?: boolean },
): string[] {
  const args: string[] = [];
  const queue = [...words];
  try {
    for (let word = queue.shift(); word !== undefined; word = queue.shift()) {
      if (word === "--") return [...args, ...queue];
      if (word.startsWith("--")) readLong(specs, word, queue, flags, options.path);
      else if (word.startsWith("-") && word !== "-") readCluster(specs, word, queue, flags, options.path);
      else if (options.stopsAtArgs) return [word, ...queue];
      else args.push(word);
    }
    return args;
  } catch (error) {
    throw error instanceof EngineError ? atWord(error, words.length - queue.length - 1) : error;
  }
}

/** The error of a word, which a face that has the source can point at. */
function atWord(error: EngineError, word: number): EngineError {
  const { code, message, hint, exit, suggestion } = error;
  return new EngineError(code, message, { hint, exit, suggestion, details: { word } });
}

function readLong(specs: readonly FlagSpec[], word: string, queue: string[], flags: Record<string, FlagValue>, path: string): void {
  const equals = word.indexOf("=");
  const name = equals < 0 ? word.slice(2) : word.slice(2, equals);
  const spec = specs.find((each) => each.name === name);
  if (!spec) throw unknownFlag(`unknown flag: --${name}`, name, specs, path);
  let value = equals < 0 ? undefined : word.slice(equals + 1);
  if (value === undefined) {
    value = (spec.apart?.test(queue[0] ?? "") ? queue.shift() : undefined) ?? impliedValue(spec) ?? queue.shift();
    if (value === undefined) throw usage(`flag needs an argument: --${name}`, path);
  }
  setFlag(spec, value, flags, path);
}

/** `-it`, `-p8080:80`, `-p=8080:80`, `-t=false`: letters are flags until one takes the rest. */
function readCluster(specs: readonly FlagSpec[], word: string, queue: string[], flags: Record<string, FlagValue>, path: string): void {
  for (let at = 1; at < word.length; at++) {
    const letter = word[at]!;
    const spec = specs.find((each) => each.short === letter);
    if (!spec) throw unknownFlag(`unknown shorthand flag: '${letter}' in ${word}`, undefined, specs, path);
    const rest = word.slice(at + 1);
    if (rest.startsWith("=")) {
      setFlag(spec, rest.slice(1), flags, path);
      return;
    }
    const implied = impliedValue(spec);
    if (implied !== undefined) {
      setFlag(spec, implied, flags, path);
      continue;
    }
    const value = rest || queue.shift();
    if (value === undefined) throw usage(`flag needs an argument: '${letter}' in ${word}`, path);
    setFlag(spec, value, flags, path);
    return;
  }
}

function impliedValue(spec: FlagSpec): string | undefined {
  if (spec.type === "boolean") return "true";
  return spec.type === "optional" ? (spec.implied ?? "") : undefined;
}

function setFlag(spec: FlagSpec, text: string, flags: Record<string, FlagValue>, path: string): void {
  const value = readValue(spec, text);
  if (value === undefined) {
    const label = spec.short ? `-${spec.short}, --${spec.name}` : `--${spec.name}`;
    throw usage(`invalid argument "${text}" for "${label}" flag: ${expectation(spec)}`, path, spec.choices && nearest(text, spec.choices));
  }
  const before = flags[spec.name];
  flags[spec.name] = spec.type === "list" && Array.isArray(before) ? [...before, text] : value;
}

const truths: Record<string, boolean> = { "1": true, t: true, true: true, "0": false, f: false, false: false };

function readValue(spec: FlagSpec, text: string): FlagValue {
  if (text.includes(unknownText)) return text;
  switch (spec.type) {
    case "boolean":
      return truths[text.toLowerCase()];
    case "number":
      return /^[+-]?(\d+\.?\d*|\.\d+)$/.test(text) ? Number(text) : undefined;
    case "bytes":
      return parseBytes(text);
    case "duration":
      return parseMilliseconds(text);
    case "list":
      return [text];
    default:
      return spec.choices && !spec.choices.includes(text) ? undefined : text;
  }
}

function expectation(spec: FlagSpec): string {
  if (spec.choices) return `must be one of ${spec.choices.join(", ")}`;
  const wanted: Partial<Record<FlagSpec["type"], string>> = {
    boolean: "must be true or false",
    number: "must be a number",
    bytes: 'must be a size such as "64m" or "1g"',
    duration: 'must be a duration such as "30s" or "1m30s"',
  };
  return wanted[spec.type] ?? "is not accepted";
}

/** Least and greatest number of arguments. */
function bounds(args: readonly ArgSpec[]): [number, number] {
  const least = args.filter((arg) => !arg.optional).length;
  return [least, args.at(-1)?.variadic ? Number.POSITIVE_INFINITY : args.length];
}

function checkCount(args: readonly ArgSpec[], given: readonly string[], path: string, words: readonly string[]): void {
  const [least, most] = bounds(args);
  const count = given.length;
  if (count >= least && count <= most) return;
  const plural = (n: number) => `${n} argument${n === 1 ? "" : "s"}`;
  let wants = `requires ${plural(least)}`;
  if (most === 0) wants = "accepts no arguments";
  else if (most === Number.POSITIVE_INFINITY) wants = `requires at least ${plural(least)}`;
  else if (least === 0) wants = `requires at most ${plural(most)}`;
  else if (least !== most) wants = `requires at least ${least} and at most ${plural(most)}`;
  const error = usage(`"berth ${path}" ${wants}`, path, undefined, 1);
  throw count > most ? atWord(error, words.lastIndexOf(given[most]!)) : error;
}

function usage(message: string, path: string, suggestion?: string, exit?: number): EngineError {
  return new EngineError("usage", message, { hint: `see 'berth ${path} --help'`.replace("  ", " "), suggestion, exit });
}

function unknownFlag(message: string, name: string | undefined, specs: readonly FlagSpec[], path: string): EngineError {
  const names = specs.filter((spec) => !spec.hidden).map((spec) => spec.name);
  const near = name && nearest(name, names);
  return usage(message, path, near && `--${near}`);
}
