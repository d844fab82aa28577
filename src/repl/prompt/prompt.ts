/**
 * The prompt: a line editor with history and completion around a session. Keys are read only while a line is typed, so that
 * a running command owns the terminal: Ctrl-C cancels the command, not the session.
 */
import { EngineError, toEngineError } from "../../../engine/errors.ts";
import { hostOf } from "../../commands/system/host-of.ts";
import { commandNames } from "../../commands/table.ts";
import { neutraliseLine } from "../../format/neutral.ts";
import { editorOutput, hasColour, painter, write } from "../../print.ts";
import { reportError } from "../../report.ts";
import type { Signals } from "../../signals.ts";
import { isPromptDrawn, takeDrawnPrompt } from "../../tty.ts";
import { version } from "../../version.ts";
import { statusOf } from "../frame/index.ts";
import { keywords, parse } from "../language/index.ts";
import type { Session } from "../session.ts";
import { completeLine } from "./complete-line.ts";
import type { Vocabulary } from "./highlight.ts";
import { History, historyFile, recallable } from "./history.ts";
import { Keys } from "./keys.ts";
import { type EditorParts, readLine } from "./line-editor.ts";
import { type Meaning, meaningOf } from "./meta.ts";
import { showPaged } from "./pager.ts";

/** Milliseconds for candidates of a completion. */
const patience = 2000;

/** Reads and runs lines until `exit` or the end of input; resolves with the session's status. */
export async function runPrompt(session: Session, signals: Signals): Promise<number> {
  const history = new History(historyFile(session.io.env));
  const paint = painter(hasColour("stdout"));
  if (!isPromptDrawn())
    write("stdout", `berth ${version}. ${paint("dim", "'help repl' describes the language, Tab completes, Ctrl-D leaves.")}\n`);
  const editor: EditorParts = {
    keys: new Keys(process.stdin),
    history: history.lines,
    vocabulary: vocabularyOf(session),
    paint,
    get prompt() {
      const { Context, Host } = hostOf(session.engine);
      return Host === undefined ? "berth> " : `berth ${neutraliseLine(Context === "default" ? Host : Context)}> `;
    },
    isIncomplete,
    // Where the state cannot be read now, there is nothing to offer.
    complete: (before) => completeLine(session, before, AbortSignal.timeout(patience)).catch(() => [[], ""]),
  };
  session.switches.pager = true;
  session.place.isPrompt = true;
  session.place.page = (text) => session.away(async () => session.switches.pager && (await showPaged(text, editor.keys, paint)));
  editorOutput(); // takes a moment, in which the terminal would echo what is typed
  takeDrawnPrompt();
  if (isEnding(signals)) return signals.status as number; // while all of this was loaded
  while (session.exitStatus === undefined) {
    const line = await readLine(editor, signals.reset());
    if (isEnding(signals)) return signals.status as number;
    if (line.kind === "end") {
      write("stdout", "\n");
      break;
    }
    if (line.kind === "interrupted" || line.text.trim() === "") continue;
    await history.add(recallable(line.text));
    await runTyped(session, line.text, history, signals);
    if (isEnding(signals)) return signals.status as number;
  }
  return session.exitStatus ?? 0;
}

/** What the first word of a line may be: commands, their groups, keywords and functions. */
function vocabularyOf(session: Session): Vocabulary {
  const known = new Set(keywords);
  const commands = new Set(["help", ...commandNames().map((name) => name.split(" ")[0]!)]);
  return {
    isKeyword: (word) => known.has(word) || word.startsWith("\\"),
    isCommand: (word) => commands.has(word) || session.functions.has(word),
  };
}

/** SIGHUP or SIGTERM end the session; SIGINT ends a command, or a line. */
function isEnding({ status }: Signals): boolean {
  return status !== undefined && status !== 130;
}

/** An open quote, an open block or a trailing backslash asks for another line. */
function isIncomplete(source: string): boolean {
  if (/^\s*\\\S/.test(source)) return false;
  try {
    parse(source);
    return false;
  } catch (error) {
    return error instanceof EngineError && error.details?.["incomplete"] === true;
  }
}

/** Runs what was typed, and keeps how it went. */
async function runTyped(session: Session, text: string, history: History, signals: Signals): Promise<void> {
  const started = session.clock();
  const at = new Date();
  const { cwd } = session.io;
  const status = await runSource(session, () => meaningOf(text, session, history), signals);
  await history.log({ line: text, at: at.toISOString(), cwd, ms: Math.round(session.clock() - started), status });
}

/** @returns the status of the line itself: `$?` is that of the last command, which need not be of this line */
async function runSource(session: Session, meaning: () => Meaning, signals: Signals): Promise<number> {
  let source = "";
  session.failed = undefined;
  try {
    signals.signal.throwIfAborted(); // Ctrl-C right behind Return is for what was to run
    const meant = meaning();
    if ("shown" in meant) await show(session, meant.shown);
    else await session.run((source = meant.source), "line", () => signals.signal, { isPart: true });
    return session.failed ?? 0;
  } catch (error) {
    const known = toEngineError(error);
    const status = statusOf(known);
    session.variables.set("?", String(status));
    if (known.code !== "cancelled") write("stderr", reportError(atPrompt(known, source), { colour: hasColour("stderr") }));
    else write("stderr", source === "" ? "^C\n" : "\n"); // while a line runs, the terminal shows ^C itself
    return status;
  }
}

async function show({ place }: Session, text: string): Promise<void> {
  if (!(await place.page?.(text))) write("stdout", text);
}

/** A one-line command needs no "line:1:1" in front of its error; a place within it is worth a caret. */
function atPrompt(error: EngineError, source: string): EngineError {
  const { location } = error;
  if (location?.file !== "line" || location.column > 1 || source.includes("\n")) return error;
  error.location = undefined;
  return error;
}
