/**
 * The prompt: a line editor with history and completion around a session. The editor exists only while a line is typed,
 * so that a running command owns the terminal: Ctrl-C cancels the command, not the session.
 */
import { createInterface } from "node:readline";
import { EngineError, toEngineError } from "../../../engine/errors.ts";
import { editorOutput, hasColour, painter, write } from "../../print.ts";
import { reportError } from "../../report.ts";
import type { Signals } from "../../signals.ts";
import { version } from "../../version.ts";
import { parse } from "../language/index.ts";
import type { Session } from "../session.ts";
import { completeLine } from "./complete-line.ts";
import { History, historyFile, recallable } from "./history.ts";
import { addReverseSearch } from "./reverse-search.ts";
import { TypeAhead } from "./type-ahead.ts";

type Line = { kind: "line"; text: string } | { kind: "interrupted" } | { kind: "end" };

/** Reads and runs lines until `exit` or the end of input; resolves with the session's status. */
export async function runPrompt(session: Session, signals: Signals): Promise<number> {
  const history = new History(historyFile(session.io.env));
  const paint = painter(hasColour("stdout"));
  write("stdout", `berth ${version}. ${paint("dim", "'help repl' describes the language, Tab completes, Ctrl-D leaves.")}\n`);
  const typed = new TypeAhead(process.stdin);
  let pending = "";
  while (session.exitStatus === undefined) {
    const prompt = pending ? paint("dim", "   ... ") : paint("bold", "berth> ");
    const line = await readLine(prompt, session, history, typed, signals.reset());
    if (isEnding(signals)) return signals.status as number;
    if (line.kind === "end") break;
    if (line.kind === "interrupted") {
      pending = "";
      continue;
    }
    const source = pending + line.text;
    if (isIncomplete(source)) {
      pending = `${source}\n`;
      continue;
    }
    pending = "";
    for (const each of recallable(source)) await history.add(each, source);
    await runSource(session, source, signals);
    if (isEnding(signals)) return signals.status as number;
  }
  return session.exitStatus ?? 0;
}

/** SIGHUP or SIGTERM end the session; SIGINT ends a command, or a line. */
function isEnding({ status }: Signals): boolean {
  return status !== undefined && status !== 130;
}

/** An open quote or a trailing backslash asks for another line. */
function isIncomplete(source: string): boolean {
  try {
    parse(source);
    return false;
  } catch (error) {
    return error instanceof EngineError && error.details?.["incomplete"] === true;
  }
}

async function runSource(session: Session, source: string, signals: Signals): Promise<void> {
  signals.reset();
  try {
    await session.run(source, "line", () => signals.signal, { isPart: true });
  } catch (error) {
    const known = toEngineError(error);
    if (known.code === "cancelled") write("stderr", "^C\n");
    else write("stderr", reportError(atPrompt(known, source), { colour: hasColour("stderr") }));
  }
}

/** A one-line command needs no "line:1:1" in front of its error; a place within it is worth a caret. */
function atPrompt(error: EngineError, source: string): EngineError {
  const { location } = error;
  if (location?.file !== "line" || location.column > 1 || source.includes("\n")) return error;
  error.location = undefined;
  return error;
}

/** One line from the terminal. @param signal interrupts it */
function readLine(prompt: string, session: Session, history: History, typed: TypeAhead, signal: AbortSignal): Promise<Line> {
  const { promise, resolve } = Promise.withResolvers<Line>();
  const keys = typed.open();
  const editor = createInterface({
    input: keys.input,
    output: editorOutput(),
    terminal: true,
    prompt,
    history: [...history.lines],
    historySize: 1000,
    removeHistoryDuplicates: false,
    completer: (line: string, done: (error: Error | null, result: [string[], string]) => void) => {
      completeLine(session, line, AbortSignal.timeout(2000)).then(
        (result) => done(null, result),
        () => done(null, [[], ""]), // the state cannot be read now: there is nothing to offer
      );
    },
  });
  addReverseSearch(editor, history.lines, prompt);
  let outcome: Line = { kind: "end" };
  editor.on("line", (text) => {
    outcome = { kind: "line", text };
    editor.close();
  });
  const interrupt = () => {
    outcome = { kind: "interrupted" };
    write("stdout", "^C\n");
    editor.close();
  };
  editor.on("SIGINT", interrupt);
  signal.addEventListener("abort", interrupt);
  editor.on("close", () => {
    signal.removeEventListener("abort", interrupt);
    keys.close();
    if (outcome.kind === "end") write("stdout", "\n");
    resolve(outcome);
  });
  editor.prompt();
  return promise;
}
