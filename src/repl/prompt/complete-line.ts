/** Completion at the prompt: keywords, variables, sessions, and what the commands offer. */
import { complete } from "../../commands/complete.ts";
import { filterNames, isProgramName, keywords, lex, literal, options, type Statement, waitConditions } from "../language/index.ts";
import type { Session } from "../session.ts";
import { resultFields, variableFields } from "./complete-fields.ts";

/** Candidates for the end of a line, and the word that they replace. */
export async function completeLine(session: Session, line: string, signal: AbortSignal): Promise<[string[], string]> {
  const open = /(?<!\\)\$\{(?:[A-Za-z_][\w.[\]-]*)?$/.exec(line)?.[0];
  if (open) return [(await variableFields(session, open)).filter((each) => each.startsWith(open)).sort(), open];
  const variable = /(?<![\\$])\$(?:env\.)?\w*$/.exec(line)?.[0];
  if (variable) return [variablesFor(session, variable), variable];
  const words = lastWords(line);
  if (!words) return [[], ""];
  const word = words.at(-1) ?? "";
  const fields = word.startsWith(".") ? await fieldsFor(session, words, signal) : undefined;
  if (fields) return [fields.filter((each) => each.startsWith(word)).sort(), word];
  const begins = words.length <= 1 || (holders.includes(words[0]!) && withoutKeywords(words).length <= 1);
  const first = begins ? [...keywords, ...session.functions.keys()] : [];
  const own = ofLanguage(session, words, word);
  const others = own ?? (await complete(session.context(signal), withoutKeywords(words)));
  return [[...new Set([...first, ...others])].filter((each) => each.startsWith(word)).sort(), word];
}

/** Files are all that is known of the words of a program of the host. */
const file = (words: readonly string[]) => ["import", words.at(-1)!];

/** Keywords that another statement follows. */
const holders = ["defer", "timeout", "repeat", "retry", "watch"];

function variablesFor({ io, variables }: Session, word: string): string[] {
  const names = word.startsWith("$env.") ? Object.keys(io.env).map((name) => `env.${name}`) : variables.names();
  return names.map((name) => `$${name}`).filter((name) => name.startsWith(word));
}

/** Fields of the command before a word that begins with a dot; undefined where none is there, or it is a path. */
async function fieldsFor(session: Session, words: string[], signal: AbortSignal): Promise<string[] | undefined> {
  const joint = words.indexOf("|");
  const isFilter = joint > 0 && (filterNames as readonly string[]).includes(words[words.lastIndexOf("|") + 1] ?? "");
  const command = withoutKeywords(words.slice(0, joint > 0 ? joint : -1).concat(""));
  const isCheck = joint < 0 && ["expect", "assert", "if", "while"].includes(words[0]!);
  if (!isFilter && !isCheck) return undefined;
  return resultFields(session, command.slice(0, -1), words.at(-1)!, signal).catch(() => undefined);
}

/** Candidates of the language's own words; undefined where a command line stands. */
function ofLanguage(session: Session, words: string[], word: string): string[] | undefined {
  const [first = "", second] = words;
  const isOwn = (at: number) => words.length === at + 1;
  if (isOwn(1) && (first === "send" || first === "sendline")) return ["echo", ...session.terminals.names().map((name) => `@${name}`)];
  if (word.startsWith("@") || ["send", "sendline", "resize", "screen", "interact", "close"].includes(first))
    return session.terminals.names().map((name) => `@${name}`);
  if (words.at(-2) === "|") return filterNames; // programs of the host are not ours to list
  if (first === "set") return isOwn(1) ? [...options] : ["on", "off"];
  if (first === "for" && isOwn(2)) return ["in"];
  if (first === "wait" && isOwn(2)) return [...waitConditions, "port:"];
  if (first === "let" && isOwn(2)) return ["=", ":="];
  if (first === "record" && isOwn(1)) return ["off"];
  if (first === "let" && second === undefined) return [];
  return undefined;
}

/** The words of the last statement; "" at the end when a new word begins; undefined inside a quote. */
function lastWords(line: string): string[] | undefined {
  let statements: Statement[];
  try {
    statements = lex(line);
  } catch {
    return undefined;
  }
  const isFresh = /(^|[\s;])$/.test(line);
  const last = /;\s*$/.test(line) ? undefined : statements.at(-1);
  const all = last?.words.map(literal) ?? [];
  const words = all.slice(all.findLastIndex((word) => word === "{" || word === "}") + 1);
  return isFresh ? [...words, ""] : words;
}

/** `expect 5s inspect w` completes as `inspect w` does, `let x = run i` as `run i`, what follows `>` as a file. */
function withoutKeywords(words: string[]): string[] {
  const [first, ...rest] = words;
  if (rest.length === 0) return words;
  if ([">", ">>", "<"].includes(words.at(-2)!) || first === "source" || first === "cd" || first === "record") return file(words);
  if (first === "!" || isProgramStage(words)) return file(words);
  if (first === "let") return rest[1] === "=" ? withoutKeywords(rest.slice(2)) : [""];
  if (first === "spawn") return withoutKeywords(rest.slice(1));
  if (first === "defer") return withoutKeywords(rest);
  if (first === "timeout") return rest.length > 1 ? withoutKeywords(rest.slice(1)) : [""];
  if (first === "repeat" || first === "retry") return withoutKeywords(rest.slice(rest[1] === "every" ? 3 : 1));
  if (first === "watch") return withoutKeywords(/^\d/.test(rest[0]!) ? rest.slice(1) : rest);
  if (["expect", "assert", "if", "while"].includes(first!)) return withoutChecks(rest);
  return isProgramName(first) ? rest : words;
}

/** Behind `| PROGRAM`. */
function isProgramStage(words: readonly string[]): boolean {
  const joint = words.lastIndexOf("|");
  return joint >= 0 && joint < words.length - 2 && !(filterNames as readonly string[]).includes(words[joint + 1]!);
}

function withoutChecks(words: string[]): string[] {
  const joint = words.findLastIndex((word) => word === "and" || word === "or");
  if (joint >= 0) return withoutChecks(words.slice(joint + 1));
  const [first = "", ...rest] = words;
  if (rest.length === 0) return words;
  if (/^\d/.test(first) || first === "not" || first === "fails") return withoutChecks(rest);
  return first === "status" ? withoutChecks(rest.slice(1)) : words;
}
