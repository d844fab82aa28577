/** Help as text, and the command reference as Markdown: both derived from the command table. */
import { EngineError } from "../engine/errors.ts";
import { nearest } from "../engine/suggest.ts";
import { globalFlags } from "./args.ts";
import type { ArgSpec, Command, FlagSpec } from "./commands/command.ts";
import { groupOf } from "./commands/groups.ts";
import { commandNames, findCommand, groupTitles, table } from "./commands/table.ts";

type Spec = Command;

/** Help for the words after "help": nothing, "repl", a command's path, or a group's first word. */
export async function helpFor(words: readonly string[]): Promise<string> {
  if (words.length === 0) return overview();
  const path = words.join(" ");
  const found = findCommand(words);
  if (found && found.length === words.length) {
    const text = commandHelp(await found.entry.load(), path);
    if (path !== "repl") return text;
    const { languageHelp } = await import("./repl/language/description.ts");
    return `${text}\n${languageHelp}`;
  }
  const group = await groupHelp(path);
  if (group) return group;
  throw new EngineError("usage", `no help topic for "${path}"`, {
    hint: "see 'berth help'",
    suggestion: nearest(path, commandNames()),
    exit: 1,
  });
}

async function visibleSpecs(): Promise<Spec[]> {
  return Promise.all(table.filter((entry) => !entry.hidden).map((entry) => entry.load()));
}

/** The shortest path of a command: "ps" for "container ls". */
function shortPath(spec: Spec): string {
  return [spec.name, ...spec.aliases].toSorted((a, b) => a.split(" ").length - b.split(" ").length)[0]!;
}

async function overview(): Promise<string> {
  const specs = await visibleSpecs();
  const section = async ([group, title]: [string, string]) => {
    const own = await groupOf(group);
    const members = specs.filter((spec) => spec.group === group);
    const rows = own ? [[group, own.summary] as const] : members.map((spec) => [shortPath(spec), spec.summary] as const);
    return members.length > 0 ? `${title}:\n${listing(rows)}` : "";
  };
  const sections = await Promise.all(Object.entries(groupTitles).map(section));
  return [
    "Usage:  berth [GLOBAL OPTIONS] COMMAND\n\nContainers from your keyboard: build, run and look after them. Without a command, berth opens its terminal interface.\n",
    ...sections.filter(Boolean),
    `Global options:\n${flagListing(globalFlags)}`,
    "Run 'berth COMMAND --help' for more on a command.\n",
  ].join("\n");
}

/** Help for a first word of several paths: "container", "image", "system". */
async function groupHelp(word: string): Promise<string | undefined> {
  const members = (await visibleSpecs()).flatMap((spec) => {
    const path = [spec.name, ...spec.aliases].find((name) => name.startsWith(`${word} `));
    return path ? [{ spec, path }] : [];
  });
  if (members.length === 0) return undefined;
  const rows = members.map(({ path, spec }): [string, string] => [path.slice(word.length + 1), spec.summary]);
  const own = await groupOf(word);
  return [
    `Usage:  berth ${word} ${own ? "[OPTIONS] " : ""}COMMAND\n`,
    ...(own ? [`${own.summary}\n`, `Options:\n${flagListing(own.flags)}`] : []),
    `Commands:\n${listing(rows)}`,
    `Run 'berth ${word} COMMAND --help' for more on a command.\n`,
  ].join("\n");
}

/** Usage, description, flags, examples of one command. */
export function commandHelp(spec: Spec, path = shortPath(spec)): string {
  const names = [spec.name, ...spec.aliases];
  const parts = [`Usage:  ${usageLine(spec, path)}\n`, `${spec.summary}\n`];
  if (spec.description) parts.push(`${wrap(spec.description)}\n`);
  if (names.length > 1) parts.push(`Aliases:\n  ${names.map((name) => `berth ${name}`).join(", ")}\n`);
  const described = spec.args.filter((arg) => arg.help);
  if (described.length > 0) parts.push(`Arguments:\n${listing(described.map((arg) => [arg.name, arg.help ?? ""]))}`);
  if (spec.flags.some((flag) => !flag.hidden)) parts.push(`Options:\n${flagListing(spec.flags)}`);
  parts.push(`Examples:\n${spec.examples.map(({ line, does }) => `  ${line}\n      ${does}\n`).join("")}`);
  return parts.join("\n");
}

/** "berth run [OPTIONS] IMAGE [COMMAND] [ARG...]" */
function usageLine(spec: Spec, path = shortPath(spec)): string {
  const options = spec.flags.some((flag) => !flag.hidden) ? ["[OPTIONS]"] : [];
  return ["berth", path, ...options, ...spec.args.map(argText)].join(" ");
}

function argText({ name, optional, variadic }: ArgSpec): string {
  const base = variadic && !optional ? `${name} [${name}...]` : variadic ? `${name}...` : name;
  return optional ? `[${base}]` : base;
}

function flagListing(flags: readonly FlagSpec[]): string {
  const rows = flags.filter((flag) => !flag.hidden).toSorted((a, b) => (a.name < b.name ? -1 : 1));
  return listing(rows.map((flag) => [flagText(flag), flagHelp(flag)]));
}

function flagText({ implied, name, placeholder, short, type }: FlagSpec): string {
  const value =
    type === "boolean" ? "" : type === "optional" ? `[=${placeholder ?? implied ?? "VALUE"}]` : ` ${placeholder ?? type.toUpperCase()}`;
  return `${short ? `-${short}, ` : "    "}--${name}${value}`;
}

function flagHelp({ default: value, help, type }: FlagSpec): string {
  return value === undefined || value === false || value === "" ? help : `${help} (default ${type === "string" ? `"${value}"` : value})`;
}

const leftWidth = 34;

/** Two columns; a long left side gets a line of its own. */
function listing(rows: readonly (readonly [string, string])[]): string {
  const width = Math.min(leftWidth, Math.max(...rows.map(([left]) => left.length)));
  return rows
    .map(([left, right]) =>
      left.length > width ? `  ${left}\n  ${" ".repeat(width)}   ${right}\n` : `  ${left.padEnd(width)}   ${right}\n`,
    )
    .join("");
}

function wrap(text: string, width = 100): string {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/\s+/)) {
    if (line && line.length + word.length >= width) {
      lines.push(line);
      line = word;
    } else line = line ? `${line} ${word}` : word;
  }
  return [...lines, line].join("\n");
}

/** The whole command reference as Markdown, for docs/commands.md. */
export async function reference(): Promise<string> {
  const specs = await visibleSpecs();
  const section = async ([group, title]: [string, string]) => {
    const own = await groupOf(group);
    const members = specs.filter((spec) => spec.group === group);
    const before = own ? `${own.summary}. Before the verb, \`berth ${group}\` takes:\n\n${flagTable(own.flags)}\n` : "";
    return members.length > 0 ? `## ${title}\n\n${before}${members.map(markdown).join("\n")}` : "";
  };
  const sections = await Promise.all(Object.entries(groupTitles).map(section));
  return [...sections.filter(Boolean), `## Global options\n\n${flagTable(globalFlags)}`].join("\n");
}

function markdown(spec: Spec): string {
  const path = shortPath(spec);
  const names = [spec.name, ...spec.aliases].filter((name) => name !== path);
  const also = names.length > 0 ? ` Also ${names.map((name) => `\`${name}\``).join(", ")}.` : "";
  const flags = spec.flags.some((flag) => !flag.hidden) ? `\n${flagTable(spec.flags)}` : "";
  return `### berth ${path}\n\n${spec.summary}.${also}\n\n\`${usageLine(spec)}\`\n${flags}`;
}

function flagTable(flags: readonly FlagSpec[]): string {
  const cell = (text: string) => text.replaceAll("|", "\\|");
  const rows = flags.filter((flag) => !flag.hidden).map((flag) => `| \`${cell(flagText(flag).trim())}\` | ${cell(flagHelp(flag))} |\n`);
  return `| Flag | What it does |\n| --- | --- |\n${rows.join("")}`;
}
