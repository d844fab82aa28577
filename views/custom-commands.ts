/**
 * The user's own commands: lines of berth's or a program of the host, on a key of a list. Their templates are filled from the
 * marked rows, or the one under the cursor, one row after the other.
 */
import { toEngineError } from "../engine/errors.ts";
import { joinWords } from "../src/repl/language/command-line.ts";
import { isProgramName } from "../src/repl/language/program-name.ts";
import type { CustomCommand } from "./config/settings.ts";
import { hostOf } from "./hosts/hosts.ts";
import type { Action } from "./keymap.ts";
import { named } from "./keys/named.ts";
import type { Tui } from "./tui.ts";

const linesOf = ({ run, host }: CustomCommand): readonly string[] => (host === undefined ? (run ?? []) : [host]);
/** It is about something. */
const isAbout = (command: CustomCommand) => linesOf(command).some((line) => line.includes("{{"));

export function customActions(commands: readonly CustomCommand[]): Action[] {
  return commands.map((command) => ({
    id: `command.${command.name}`,
    keys: [command.key],
    context: "list",
    ...(command.lists && { resources: command.lists }),
    label: command.name,
    help: `${command.name}: ${command.host === undefined ? "" : "! "}${linesOf(command).join("; ")}`,
    hint: 27,
    disabled: (tui) => (isAbout(command) && tui.lists.targets().length === 0 ? "the list is empty" : undefined),
    run: (tui) => void runCustom(tui, command).catch((error) => tui.notes.error(toEngineError(error))),
  }));
}

/** A line with what it is about in it. */
interface Filled {
  words: string[];
  /** Host of the row that it is about. */
  host?: string | undefined;
}

async function fill(tui: Tui, command: CustomCommand): Promise<Filled[]> {
  const { templateWords } = await import("./config/template-words.ts");
  const rows = isAbout(command) ? tui.lists.targets() : [undefined];
  const lines = linesOf(command).map((line) => templateWords(line));
  const { resource } = tui.lists;
  return rows.flatMap((row) => {
    const data = row === undefined ? {} : { ...(row as object), Name: resource.name(row), ID: resource.identify(row) };
    const host = row === undefined ? undefined : hostOf(row as object);
    return lines.map((words) => ({ words: words.map((word) => word(data)), host }));
  });
}

/** The first line that fails ends it. */
async function runCustom(tui: Tui, command: CustomCommand): Promise<void> {
  const lines = await fill(tui, command);
  if (command.confirm && !(await confirmed(tui, command, lines))) return;
  tui.lists.unmark();
  for (const line of lines) if (!(await runLine(tui, command, line))) return;
}

function confirmed(tui: Tui, { name, confirm }: CustomCommand, lines: readonly Filled[]): Promise<boolean> {
  const question = typeof confirm === "string" ? confirm : `${name}?`;
  return tui.questions.ask({ question, detail: [named(lines.map(({ words }) => joinWords(words)))], grave: lines.length > 1 });
}

/** Whether it went well. */
async function runLine(tui: Tui, command: CustomCommand, { words, host }: Filled): Promise<boolean> {
  const output = command.output ?? false;
  if (command.host === undefined) {
    const own = isProgramName(words[0]) ? words.slice(1) : words;
    return (await tui.runner.run([...tui.hosts.flagsOf(host), ...own], { output })) === undefined;
  }
  if (!command.terminal) return (await tui.runner.runProgram(words, { output })) === undefined;
  await tui.lend(words);
  return true;
}
