/** The statements of the session's language, as parse.ts gives them and the tables of run/ and check/ know them by kind. */
import type { Operator } from "./condition.ts";
import { literal, type Word } from "./words.ts";

export interface Located {
  start: number;
  end: number;
}

/** A command line's words; plumbing.ts takes `| > >> < <<` apart. */
export type Line = Word[];

export type Expect = Located & {
  kind: "expect";
  /** ms; 0 is one try. */
  timeout: number;
  check: Check;
  /** The check must not hold. */
  negated: boolean;
  command: Line;
  /** The condition as written, for errors. */
  inline: string;
};

export type ExpectSession = Located & {
  kind: "expect-session";
  session: string;
  timeout: number | undefined;
  /** The first of them that is written is the one. */
  patterns: Word[];
  closed: boolean;
  status: Word | undefined;
  inline: string;
};

/** What stands on a terminal's screen: a row of it, or all; a golden file is compared whole. */
export type ExpectScreen = Located & {
  kind: "expect-screen";
  session: string;
  /** It must not be so. */
  negated: boolean;
  /** From 1. */
  row: Word | undefined;
  operator: Operator | "file";
  wanted: Word;
  timeout: number;
  inline: string;
};

/** What a terminal may write, each with what is done then. */
export type ExpectCases = Located & {
  kind: "expect-cases";
  session: string;
  timeout: number | undefined;
  cases: Case[];
};

export interface Case {
  /** Texts or patterns; or its end, or that nothing of all came in time. */
  on: Word[] | "eof" | "timeout";
  body: Parsed[];
}

/** Conditions joined by `and` or `or`; `and` binds closer. */
export type ExpectSeveral = Located & {
  kind: "expect-several";
  operator: "and" | "or";
  tests: Test[];
  timeout: number;
  inline: string;
};

export type Test = Expect | ExpectSession | ExpectScreen | ExpectSeveral;

/** What a loop, or `return`, gets its values from: words, or `(COMMAND…)`, the rows that a command gives. */
export interface Items {
  words: Word[];
  rows?: Line | undefined;
}

export type Parsed =
  | Test
  | ExpectCases
  | (Located &
      (
        | { kind: "command"; words: Line }
        | { kind: "print"; words: Line }
        | { kind: "let"; name: string; command: Line }
        | { kind: "assign"; name: string; words: Word[] }
        | { kind: "assert"; test: Test; message: Word[] }
        | { kind: "spawn"; session: string; command: Word[] }
        /** `echo`: ms until the terminal must have shown it. */
        | { kind: "send"; session: string; words: Word[]; enter: boolean; echo: number | undefined }
        | { kind: "resize"; session: string; size: Word }
        | { kind: "screen"; session: string }
        | { kind: "close"; session: string }
        | { kind: "if"; test: Test; body: Parsed[]; otherwise: Parsed[] }
        | { kind: "while"; test: Test; body: Parsed[] }
        | ({ kind: "for"; name: string; body: Parsed[] } & Items)
        /** `count` undefined: until it is interrupted. `every`: ms from one beginning to the next. */
        | { kind: "repeat"; count: Word | undefined; every: number | undefined; body: Parsed[] }
        | { kind: "try"; body: Parsed[]; name: string | undefined; otherwise: Parsed[] }
        | { kind: "defer"; body: Parsed[] }
        | { kind: "timeout"; duration: Word; body: Parsed[] }
        | { kind: "retry"; count: Word; every: number; body: Parsed[] }
        /** The statements of a block side by side, or, with `each`, the turns of a loop. `most` at a time. */
        | { kind: "parallel"; most: Word | undefined; each: ({ name: string } & Items) | undefined; body: Parsed[] }
        | { kind: "func"; name: string; parameters: string[]; body: Parsed[] }
        | ({ kind: "return" } & Items)
        | { kind: "wait"; container: Word; condition: Word; timeout: Word | undefined }
        | { kind: "http"; words: Word[] }
        | { kind: "logs-until"; words: Line; patterns: Word[]; timeout: Word | undefined }
        | { kind: "interact"; session: string }
        | { kind: "break" }
        | { kind: "continue" }
        | { kind: "vars" }
        | { kind: "sleep"; duration: Word }
        | { kind: "source"; path: Word }
        | { kind: "set"; option: Option; on: boolean }
        | { kind: "record"; path: Word | undefined }
        | { kind: "cd"; directory: Word }
        /** Whose engine the commands are for. */
        | { kind: "use"; host: Word }
        | { kind: "on"; host: Word; body: Parsed[] }
        | { kind: "exit"; status: Word | undefined }
      ));

export type Kind = Parsed["kind"];
/** A statement of some kinds. */
export type Of<K extends Kind> = Extract<Parsed, { kind: K }>;

/** What is asked of a command: its data or text, its status, or its failure. */
export type Check =
  | {
      kind: "value";
      path: string | undefined;
      operator: Operator;
      wanted: Word;
    }
  | { kind: "succeeds" }
  | { kind: "status"; wanted: Word }
  | { kind: "fails"; text: Word | undefined };

/** Switches of a session: `set NAME on|off`. */
export const options = ["echo", "timing", "stop", "json", "pager"] as const;
export type Option = (typeof options)[number];

/** Words that begin a statement of the language's own. */
export const keywords = [
  ..."let expect assert if else while for repeat watch break continue try defer timeout retry parallel func return".split(" "),
  ..."spawn send sendline resize screen interact close http print sleep source set record use on cd vars exit !".split(" "),
];

/** A word that is neither quoted nor holds a variable, as written; "" otherwise. */
export function bare(word: Word | undefined): string {
  if (!word || word.quoted) return "";
  const [part] = word.parts;
  if (word.parts.length === 1) return part!.kind === "text" ? part!.text : ""; // as most are, and this is asked often
  return word.parts.every(({ kind }) => kind === "text") ? literal(word) : "";
}
