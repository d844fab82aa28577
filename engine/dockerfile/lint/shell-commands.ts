/**
 * The simple commands of a RUN, for rules that look for programs in it: enough of a shell's grammar to tell commands,
 * pipes and quotes apart. What it does not understand it takes for words; rules then keep quiet.
 */
import { type RunInstruction, runProgram } from "../instructions/run.ts";

export interface ShellCommand {
  /** Program and arguments, quotes removed; leading assignments are left out. */
  words: string[];
  /** Its output goes into the next command. */
  piped: boolean;
}

const operators = /^(?:&&|\|\||;;|\|&|[;|&\n(){}])/;
/** Words that may stand before a command. */
const prefixes = new Set(["if", "then", "else", "elif", "do", "while", "until", "!", "exec", "command", "time", "env", "nohup"]);

export function commandsOf(run: RunInstruction): ShellCommand[] {
  const program = runProgram(run);
  if (program.form === "exec") {
    const script =
      /(?:^|\/)(?:ba|da|z|k|a)?sh$/.test(program.argv[0] ?? "") && /^-[a-z]*c$/.test(program.argv[1] ?? "") ? program.argv[2] : undefined;
    return script === undefined ? [{ words: program.argv, piped: false }] : parseCommands(script);
  }
  return parseCommands(program.form === "file" ? program.data : program.script);
}

export function parseCommands(script: string): ShellCommand[] {
  const commands: ShellCommand[] = [];
  let words: string[] = [];
  const end = (operator: string) => {
    const command = withoutPrefixes(words);
    if (command.length > 0) commands.push({ words: command, piped: operator === "|" || operator === "|&" });
    words = [];
  };
  for (let at = 0; at < script.length; ) {
    const character = script[at]!;
    if (character === " " || character === "\t" || character === "\r") {
      at++;
    } else if (script.startsWith("\\\n", at)) {
      at += 2;
    } else if (character === "#") {
      const newline = script.indexOf("\n", at);
      at = newline === -1 ? script.length : newline;
    } else {
      const operator = operators.exec(script.slice(at, at + 2))?.[0];
      // Braces are operators only as words of their own.
      if (operator && !(/[{}]/.test(operator) && /\S/.test(script[at + 1] ?? " ") && script[at + 1] !== ";")) {
        end(operator);
        at += operator.length;
      } else {
        const word = readWord(script, at);
        words.push(word.text);
        at = word.end;
      }
    }
  }
  end("");
  return commands;
}

/** One word with its quotes removed; substitutions stay in it unread. */
function readWord(script: string, from: number): { text: string; end: number } {
  let text = "";
  let at = from;
  while (at < script.length) {
    const character = script[at]!;
    if (/[\s;|&()]/.test(character)) break;
    if (character === "\\") {
      text += script[at + 1] === "\n" ? "" : (script[at + 1] ?? "");
      at += 2;
    } else if (character === "'" || character === '"') {
      const end = closing(script, at);
      text += script.slice(at + 1, end);
      at = end + 1;
    } else if (character === "`" || script.startsWith("$(", at)) {
      const end = character === "`" ? closing(script, at) : closingParenthesis(script, at + 1);
      text += script.slice(at, end + 1);
      at = end + 1;
    } else {
      text += character;
      at++;
    }
  }
  // A lone special character that no operator took must not stop the reader.
  return at === from ? { text: script[from]!, end: from + 1 } : { text, end: at };
}

/** Index of the quote that closes the one at `from`, or the last index. */
function closing(script: string, from: number): number {
  const quote = script[from]!;
  for (let at = from + 1; at < script.length; at++) {
    if (script[at] === "\\" && quote !== "'") at++;
    else if (script[at] === quote) return at;
  }
  return script.length;
}

function closingParenthesis(script: string, from: number): number {
  let depth = 0;
  for (let at = from; at < script.length; at++) {
    const character = script[at];
    if (character === "'" || character === '"') at = closing(script, at);
    else if (character === "\\") at++;
    else if (character === "(") depth++;
    else if (character === ")" && --depth === 0) return at;
  }
  return script.length;
}

function withoutPrefixes(words: string[]): string[] {
  const first = words.findIndex((word) => !prefixes.has(word) && !/^[A-Za-z_]\w*=/.test(word));
  return first === -1 ? [] : words.slice(first);
}

/** Arguments that are not options; options known to take a value take it along. */
export function operands(words: readonly string[], valued: readonly string[] = []): string[] {
  const result: string[] = [];
  for (let at = 0; at < words.length; at++) {
    const word = words[at]!;
    if (word === "--") continue;
    if (!word.startsWith("-")) result.push(word);
    else if (valued.includes(word)) at++;
  }
  return result;
}
