/**
 * The contract of a command: one object runs from the shell, a REPL line and a key press. It returns plain data and
 * yields typed progress events; it never prints. Help, completion, key hints and the reference are derived
 * from it. One command is one file and one line in table.ts.
 */
import type { Engine, ProgressEvent, Streams } from "../../engine/index.ts";
import type { Spacing } from "../format/table.ts";
import type { GoType } from "../format/template/go-types.ts";

/** What a word on the command line stands for; completion draws candidates from live state. */
export type Subject =
  | "container"
  | "running-container"
  | "stopped-container"
  | "image"
  | "volume"
  | "network"
  /** Of a compose project: see groups.ts for the flags before it. */
  | "service"
  | "command"
  | "file"
  | "directory"
  | "signal"
  | "none";

export interface FlagSpec {
  /** Long name without dashes: "publish". */
  name: string;
  /** One letter: "p". */
  short?: string;
  /**
   * boolean: `--x`, `--x=false`. string, number, bytes ("64m" → 67108864), duration ("1m30s" → milliseconds): last one
   * wins. list: may be repeated, gives string[]. optional: `--x` alone gives `implied`, `--x=value` the value.
   */
  type: "boolean" | "string" | "number" | "bytes" | "duration" | "list" | "optional";
  help: string;
  /** Shown in help after the name: "HOST:CONTAINER". */
  placeholder?: string;
  default?: string | number | boolean;
  /** The value of an `optional` flag given without one. */
  implied?: string;
  /** Values of an `optional` flag that may follow as a word of their own, as they can be nothing else. */
  apart?: RegExp;
  choices?: readonly string[];
  /** What completion offers, where other values are accepted too. */
  suggestions?: readonly string[];
  subject?: Subject;
  /** Accepted, but not shown in help. */
  hidden?: boolean;
}

export interface ArgSpec {
  /** In capitals: "CONTAINER". */
  name: string;
  /** Zero or one; default exactly one. */
  optional?: boolean;
  /** One or more (zero or more with `optional`); only the last. */
  variadic?: boolean;
  subject?: Subject;
  help?: string;
}

export type FlagValue = string | number | boolean | string[] | undefined;

/** A parsed command line. */
export interface Input {
  /** Flag values by long name: absent flags have their default, or are undefined (lists: []). */
  flags: Record<string, FlagValue>;
  /** Positional words in order. */
  args: string[];
  /** What stood before the verb, for a group with flags of its own (groups.ts). */
  group?: Record<string, FlagValue>;
}

/** What a face lends a command. */
export interface Io {
  /**
   * Streams for attach, exec, run, load, save, cp -, build -. `terminal` is set when the face can be interactive: the
   * shell's TTY, a TUI pane, the REPL's ExpectTerminal, a test's fake.
   */
  streams: Streams;
  /** Asks a yes/no question; a non-interactive face answers false. */
  confirm(question: string): Promise<boolean>;
  /** Signals that this face received; see AttachOptions.onSignal. Absent where there are none (the TUI). */
  onSignal?: (listener: (signal: string) => void) => () => void;
  /** Directory that relative paths start from. */
  cwd: string;
  env: Record<string, string | undefined>;
  /** Reads the terminal UI's configuration; absent where there is no such UI. */
  settings?(env: Io["env"], flags: TuiFlags): Promise<EffectiveSetting[]>;
}

/** A setting of the terminal UI as it holds, and whose word it is. */
export interface EffectiveSetting {
  /** "panes.bell" */
  Setting: string;
  Value: string;
  /** "default", "FILE:LINE:COLUMN", "environment NAME", "flag --NAME". */
  Origin: string;
}

/** How the terminal UI is to begin, beside what its configuration says. */
export interface TuiFlags {
  /** The list in front. */
  view?: string | undefined;
  /** Of that list. */
  filter?: string | undefined;
  /** The name of a column, with "-" before it in reverse. */
  sort?: string | undefined;
}

export interface Context {
  engine: Engine;
  io: Io;
  /** Ctrl-C, Esc, a timeout: cancelling releases everything. */
  signal: AbortSignal;
  /** Set in the program of short commands (src/quick.ts), which has no threads for layers: called before anything is done or said. */
  handOver?: () => never;
}

/** A column of a text table. */
export interface Column<Row = unknown> {
  header: string;
  /** The name in `--format '{{.Name}}'` and `table {{.Name}}`. */
  field: string;
  value(row: Row): string;
  /** What templates and JSON have in its place, where docker's is no string: `{{if .Current}}`. */
  typed?(row: Row): unknown;
  /** Shown only on demand (a flag, or a template naming it). */
  hidden?: boolean;
  align?: "right";
}

/** How the text faces show a result or a `row` event. JSON faces print the result itself. */
export type Presentation =
  | { kind: "none" }
  /** Lines as they are: ids, names. Control characters are neutralised by the printer. */
  | { kind: "lines"; lines: string[] }
  /** docker's table; `format` is the user's --format; `quiet` prints only `key`. */
  | {
      kind: "table";
      columns: Column<never>[];
      rows: unknown[];
      format?: string;
      /** The template that `--format raw` stands for, where docker has one. */
      raw?: string;
      quiet?: boolean;
      key?: string;
      headless?: boolean;
      /** Where its columns stand otherwise than docker's do. */
      spacing?: Spacing;
      /** rows replace the previous ones on a terminal (stats) */
      live?: boolean;
      /** Callable in templates: `{{.Label "com.example"}}`. */
      methods?: Record<string, (row: never, ...args: string[]) => unknown>;
    }
  /** Pretty JSON, or `--format` applied to each value (inspect). */
  | {
      kind: "json";
      values: unknown[];
      format?: string;
      /** docker's structure of a value, for templates. */
      shape?: (value: unknown) => GoType | undefined;
    }
  /** Text ready to print, trusted, possibly with SGR colours (help, doctor, diagnostics). */
  | { kind: "text"; text: string };

/** What a command's file says; its names stand in table.ts. */
export interface CommandSpec<Result = unknown> {
  /** One line, imperative, no full stop. */
  summary: string;
  /** Paragraphs for `help COMMAND`. */
  description?: string;
  /** At least one: a command line and what it does. */
  examples: { line: string; does: string }[];
  flags: FlagSpec[];
  args: ArgSpec[];
  /** Flags end at the first positional word (run, exec, create): the rest belongs to the container's command. */
  stopsAtArgs?: boolean;
  /** Yields progress, returns plain JSON-able data with stable field names. Throws EngineError only. */
  run(context: Context, input: Input): AsyncGenerator<ProgressEvent, Result>;
  /** How a text face shows the result; default: nothing for undefined, else JSON. */
  present?(result: Result, input: Input): Presentation;
  /**
   * Finds what makes no sense in the values of flags, before a script runs any of its lines: no file is read, and nothing is asked.
   * @throws EngineError `usage`, as `run` would
   */
  verify?(input: Input, io: Pick<Io, "cwd" | "env">): unknown;
  /** A row, or a result, with nothing in it: what `--format` may name is checked against it before anything is done. */
  blank?: unknown;
  /** How a text face shows one `row` event. */
  presentRow?(value: never, input: Input): Presentation;
  /** What its builds say is printed where nothing is drawn, not told on standard error: docker compose's way. */
  printsBuilds?: boolean;
  /** Exit status of a completed command; default 0 (run and exec give the process's). */
  exitStatus?(result: Result): number;
  /** Candidates beyond those of the args' subjects. */
  complete?(context: Context, word: string, input: Input): Promise<string[]>;
  /** Needs the terminal for itself (attach, exec -it): the TUI opens a pane for it. */
  interactive?(input: Input): boolean;
  /** It is about this machine, whichever host's engine the others are for ("here"), or about no engine at all ("anywhere"). */
  place?: "here" | "anywhere";
  /** Runs until it is cancelled (events, logs -f): the TUI cancels it when its output is left. */
  endless?(input: Input): boolean;
}

/** A command as the table gives it. */
export interface Command extends CommandSpec<never> {
  /** Canonical path: "container ls", "build". */
  name: string;
  /** Other paths: "ps", "container ps". */
  aliases: readonly string[];
  /** Where help lists it: a key of the table's `groupTitles`. */
  group: string;
  /** Not listed in help (conmon's exit command). */
  hidden: boolean;
}

/** Gives a spec its result type without repeating it. */
export function command<Result>(spec: CommandSpec<Result>): CommandSpec<Result> {
  return spec;
}
