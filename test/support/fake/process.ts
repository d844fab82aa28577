/** The processes of the fake engine: a shell of a dozen words, enough for what the engine's contract runs. */
import { EventEmitter, once } from "node:events";
import type { Readable } from "node:stream";
import { EngineError } from "../../../engine/errors.ts";
import type { TerminalSize } from "../../../engine/sys/terminal.ts";

export interface FakeIo {
  stdin: Readable;
  write(stream: "stdout" | "stderr", text: string): void;
  size(): TerminalSize;
  /** Paths that were touched in the container. */
  files: Set<string>;
}

export interface FakeProcess {
  /** Exit status. */
  ended: Promise<number>;
  kill(status: number): void;
}

/** Told after each `touch` of any container. */
const touched = new EventEmitter().setMaxListeners(0);

/** @throws EngineError `command-not-found` for what is not one of its words */
export function runFake([program = "", ...args]: readonly string[], io: FakeIo): FakeProcess {
  const line = program === "sh" ? (args[1] ?? "read line") : [program, ...args].join(" ");
  const statements = parse(line);
  if (!statements.length || !programs.some(({ pattern }) => pattern.test(line)))
    throw new EngineError("command-not-found", `exec: "${program}": executable file not found in $PATH`);
  const killed = Promise.withResolvers<number>();
  const over = new AbortController();
  const ran = interpret(statements, io, over.signal);
  const ended = Promise.race([killed.promise, ran]).finally(() => over.abort());
  return { ended, kill: killed.resolve };
}

interface Shell extends FakeIo {
  line: string;
  over: AbortSignal;
}

type Outcome = number | undefined;

/** In the order in which they are tried; what one matches is cut off. */
const programs: { pattern: RegExp; run(match: RegExpMatchArray, shell: Shell): Outcome | Promise<Outcome> }[] = [
  { pattern: /^trap '[^']*' TERM/, run: () => undefined },
  { pattern: /^while true; do .*?; done/, run: (_, { over }) => forever(over) },
  { pattern: /^sleep \d+/, run: (_, { over }) => forever(over) },
  {
    pattern: /^until test -e (\S+); do .*?; done/,
    async run([, path = ""], { files, over }) {
      while (!files.has(path)) await once(touched, "touch", { signal: over });
      return undefined;
    },
  },
  { pattern: /^exit (\d+)/, run: ([, status]) => Number(status) },
  { pattern: /^true/, run: () => undefined },
  {
    pattern: /^touch (\S+)/,
    run([, path = ""], { files }) {
      files.add(path);
      touched.emit("touch");
      return undefined;
    },
  },
  {
    pattern: /^echo ([^;>]*?)( >&2)?(?=;|$)/,
    run([, words = "", toError], shell) {
      shell.write(toError ? "stderr" : "stdout", `${words.replace("$line", shell.line)}\n`);
      return undefined;
    },
  },
  {
    pattern: /^stty size/,
    run(_, { write, size }) {
      write("stdout", `${size().rows} ${size().columns}\n`);
      return undefined;
    },
  },
  {
    pattern: /^read line/,
    async run(_, shell) {
      shell.line = await readLine(shell.stdin, shell.over);
      return undefined;
    },
  },
];

type Statement = { run: (shell: Shell) => Outcome | Promise<Outcome> };

function parse(line: string): Statement[] {
  const statements: Statement[] = [];
  for (let rest = line.trim(); rest; ) {
    const found = programs.map(({ pattern, run }) => ({ match: rest.match(pattern), run })).find(({ match }) => match !== null);
    if (!found?.match) return [];
    const { match, run } = found;
    statements.push({ run: (shell) => run(match, shell) });
    rest = rest.slice(match[0].length).replace(/^[; ]+/, "");
  }
  return statements;
}

async function interpret(statements: readonly Statement[], io: FakeIo, over: AbortSignal): Promise<number> {
  const shell: Shell = { ...io, line: "", over };
  await Promise.resolve(); // whoever started it listens first
  for (const { run } of statements) {
    const status = await run(shell);
    if (status !== undefined) return status;
  }
  return 0;
}

async function forever(over: AbortSignal): Promise<Outcome> {
  if (!over.aborted) await once(over, "abort");
  return undefined;
}

async function readLine(from: Readable, over: AbortSignal): Promise<string> {
  let text = "";
  for (;;) {
    const chunk = from.read() as Buffer | null;
    text += chunk?.toString() ?? "";
    const [line, more] = text.split(/[\r\n]/);
    if (more !== undefined) return line ?? "";
    if (from.readableEnded || from.destroyed) return text;
    if (chunk === null) await Promise.race([once(from, "readable", { signal: over }), once(from, "end", { signal: over })]);
  }
}
