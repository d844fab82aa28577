/**
 * Which sessions the quick executable runs: lines given as an argument that compute, print and look, as scripts for questions do. What
 * starts something, waits, or needs a terminal, a file or another program is Node's: once a line has run, nothing can be handed over.
 */
import type { Input } from "./commands/command.ts";
import { findCommand } from "./commands/table.ts";
import { bare, type Kind, type Line, type Parsed, parse, plumbed } from "./repl/language/index.ts";
import { reads } from "./repl/report/reads.ts";

const flags = ["command", "var", "check", "fmt"];

const kinds: ReadonlySet<Kind> = new Set([
  ...(["command", "print", "let", "assign", "assert", "expect", "expect-several", "vars", "exit"] as const),
  ...(["if", "while", "for", "repeat", "try", "func", "return", "break", "continue", "defer"] as const),
]);

/** Of the language's own, where a command may stand. */
const own = ["print", "list"];

export function isQuickSession({ flags: given }: Input): boolean {
  const { command } = given;
  if (typeof command !== "string" || Object.keys(given).some((name) => given[name] && !flags.includes(name))) return false;
  let statements: Parsed[];
  try {
    statements = parse(command);
  } catch {
    return true; // nothing of it will run
  }
  const functions = statements.flatMap((each) => (each.kind === "func" ? [each.name] : []));
  return statements.every((statement) => isQuickStatement(statement, functions));
}

function isQuickStatement(statement: Parsed, functions: readonly string[]): boolean {
  if (!kinds.has(statement.kind)) return false;
  if ("timeout" in statement && statement.timeout) return false;
  if (!linesOf(statement).every((line) => isQuickLine(line, functions))) return false;
  return within(statement).every((inner) => isQuickStatement(inner, functions));
}

function within(statement: Parsed): Parsed[] {
  const parts: Parsed[][] = [
    "body" in statement ? statement.body : [],
    "otherwise" in statement ? statement.otherwise : [],
    "test" in statement ? [statement.test] : [],
    "tests" in statement ? statement.tests : [],
  ];
  return parts.flat();
}

function linesOf(statement: Parsed): Line[] {
  if (statement.kind === "command" || statement.kind === "print") return [statement.words];
  if (statement.kind === "expect") return isValue(statement.command) ? [] : [statement.command];
  if ("command" in statement) return [statement.command];
  return "rows" in statement && statement.rows ? [statement.rows] : [];
}

/** A variable that is compared. */
const isValue = (line: Line): boolean => line.length === 1 && bare(line[0]) === "";

function isQuickLine(line: Line, functions: readonly string[]): boolean {
  const { words, stages, input, output } = plumbed(line);
  if (input || output || stages.some(({ kind }) => kind === "program")) return false;
  const first = bare(words[0]);
  if (own.includes(first) || functions.includes(first)) return true;
  if (words.length === 1 && first === "") return stages.length > 0; // a variable's rows
  const entry = findCommand(words.map(bare))?.entry;
  return entry?.quick === true && reads.has(entry.names[0]) && !entry.names[0].endsWith(" logs");
}
