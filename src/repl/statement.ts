/** The statements of the session's language, as parse.ts gives them and session.ts runs them. */
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

export type Test = Expect | ExpectSession;

export type Parsed =
  | Test
  | (Located &
      (
        | { kind: "command"; words: Line }
        | { kind: "print"; words: Line }
        | { kind: "let"; name: string; command: Line }
        | { kind: "assign"; name: string; words: Word[] }
        | { kind: "spawn"; session: string; command: Word[] }
        | { kind: "send"; session: string; words: Word[]; enter: boolean }
        | { kind: "resize"; session: string; size: Word }
        | { kind: "screen" | "close"; session: string }
        | { kind: "if"; test: Test; body: Parsed[]; otherwise: Parsed[] }
        | { kind: "while"; test: Test; body: Parsed[] }
        | { kind: "for"; name: string; words: Word[]; body: Parsed[] }
        /** `count` undefined: until it is interrupted. `every`: ms from one beginning to the next. */
        | {
            kind: "repeat";
            count: Word | undefined;
            every: number | undefined;
            body: Parsed[];
          }
        | { kind: "break" | "continue" | "vars" }
        | { kind: "sleep"; duration: Word }
        | { kind: "source"; path: Word }
        | { kind: "set"; option: Option; on: boolean }
        | { kind: "record"; path: Word | undefined }
        | { kind: "cd"; directory: Word }
        | { kind: "exit"; status: Word | undefined }
      ));

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
export const options = ["echo", "timing", "stop", "json"] as const;
export type Option = (typeof options)[number];

/** Words that begin a statement of the language's own. */
export const keywords =
  "let expect if else while for repeat watch break continue spawn send sendline resize screen close print sleep source set record cd vars exit !".split(
    " ",
  );

/** A word that is neither quoted nor holds a variable, as written; "" otherwise. */
export function bare(word: Word | undefined): string {
  return word && !word.quoted && word.parts.every((part) => part.kind === "text") ? literal(word) : "";
}
