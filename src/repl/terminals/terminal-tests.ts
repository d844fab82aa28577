/** What terminals are expected to write, to show, or to end with. */
import { readFileSync, writeFileSync } from "node:fs";
import { resolve as resolvePath } from "node:path";
import { EngineError } from "../../../engine/errors.ts";
import { usersFileMode } from "../../umask.ts";
import { bindMatch, type Frame, type Leap, patternsOf, pointAt, unexpected } from "../frame/index.ts";
import { type Case, type ExpectCases, type ExpectScreen, type ExpectSession, holds, type Word } from "../language/index.ts";
import type { Session } from "../session.ts";
import type { ExpectTerminal } from "./expect-terminal.ts";

const sessionTimeout = 10_000;
/** Characters of output quoted in an error. */
const quoted = 400;

/** Why a check does not hold (yet), and the word that it is about. */
export interface Unmet {
  why: string;
  at?: { start: number } | undefined;
}

type Outcome = { which: number } | "ended" | "over";

/** Waits for the first of some patterns; for the end of the command, or of the time. Binds what was matched. */
async function waitFor(terminal: ExpectTerminal, patterns: readonly RegExp[], milliseconds: number, frame: Frame): Promise<Outcome> {
  const { signal } = frame;
  const { promise, resolve } = Promise.withResolvers<Outcome>();
  const looked = { upTo: 0 };
  const look = () => {
    const taken = patterns.length > 0 ? terminal.take(patterns, looked) : undefined;
    if (taken) {
      bindMatch(frame, taken);
      stop();
      resolve({ which: taken.which });
    } else if (terminal.ended) resolve("ended");
  };
  const timer = setTimeout(() => resolve("over"), milliseconds);
  const stop = terminal.onChange(look);
  const cancel = () => resolve("over");
  signal.addEventListener("abort", cancel);
  look();
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    stop();
    signal.removeEventListener("abort", cancel);
    signal.throwIfAborted();
  }
}

/**
 * Waits until a terminal has shown what was typed: its printable characters, which it may break at the edge of its screen.
 * @throws EngineError `expectation` when it has not in time
 */
export async function awaitEcho(terminal: ExpectTerminal, typed: string, milliseconds: number, frame: Frame): Promise<void> {
  for (const run of typed.split(/[\x00-\x1f\x7f]+/)) {
    if (run === "") continue;
    const characters = [...run].map((each) => each.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&"));
    const outcome = await waitFor(terminal, [new RegExp(characters.join("(?: ?[\\r\\n]+)?"))], milliseconds, frame);
    if (typeof outcome !== "object") throw unexpected(`it did not echo ${JSON.stringify(run)}: ${whyNot(outcome, terminal, milliseconds)}`);
  }
}

/** Waits until one of the patterns is written, or for the end. */
export async function unmetSession(session: Session, test: ExpectSession, frame: Frame): Promise<Unmet | undefined> {
  const { terminal } = session.terminals.get(test.session);
  const milliseconds = test.timeout ?? sessionTimeout;
  const outcome = await waitFor(terminal, await patternsOf(test.patterns, frame), milliseconds, frame);
  if (typeof outcome === "object") return undefined;
  if (outcome === "ended" && test.closed) return unmetEnd(session, test, frame);
  return { why: whyNot(outcome, terminal, milliseconds), at: test.patterns[0] };
}

function whyNot(outcome: "ended" | "over", terminal: ExpectTerminal, milliseconds: number): string {
  const state = outcome === "ended" ? "it ended after" : `after ${milliseconds / 1000}s it had written`;
  return `${state} ${JSON.stringify(terminal.pending.slice(-quoted))}`;
}

async function unmetEnd(session: Session, { session: name, status }: ExpectSession, frame: Frame): Promise<Unmet | undefined> {
  const outcome = await session.terminals.get(name).end;
  if (!status) return undefined;
  const wanted = Number(await frame.variables.expandWord(status, frame.text, frame.place.engine));
  const actual = "error" in outcome ? outcome.error.exit : outcome.status;
  const why = "error" in outcome ? `: ${outcome.error.message}` : "";
  return actual === wanted ? undefined : { why: `it ended with status ${actual}${why}`, at: status };
}

/** Runs the block of what comes first. @throws EngineError `expectation` when it has none */
export async function runCases(session: Session, { session: name, timeout, cases }: ExpectCases, frame: Frame): Promise<Leap | undefined> {
  const { terminal } = session.terminals.get(name);
  const milliseconds = timeout ?? sessionTimeout;
  const owners: Case[] = [];
  const patterns: RegExp[] = [];
  for (const each of cases) {
    const own = typeof each.on === "string" ? [] : await patternsOf(each.on, frame);
    patterns.push(...own);
    owners.push(...own.map(() => each));
  }
  const outcome = await waitFor(terminal, patterns, milliseconds, frame);
  const event = outcome === "ended" ? "eof" : "timeout";
  const found = typeof outcome === "object" ? owners[outcome.which] : cases.find(({ on }) => on === event);
  if (found) return session.block(found.body, frame);
  throw unexpected(`@${name} wrote nothing that is expected: ${whyNot(outcome as "ended" | "over", terminal, milliseconds)}`);
}

/** Compares what a person would see. */
export async function unmetScreen(session: Session, test: ExpectScreen, frame: Frame): Promise<Unmet | undefined> {
  const { variables, text, place } = frame;
  const expand = (word: Word) => variables.expandWord(word, text, place.engine);
  const lines = await session.terminals.get(test.session).terminal.screen();
  const wanted = await expand(test.wanted);
  if (test.operator === "file") return unlikeFile(session, lines, resolvePath(place.io.cwd, wanted), test.wanted);
  if (!test.row) {
    const shown = lines.join("\n").trimEnd();
    return holds(shown, test.operator, wanted) ? undefined : { why: `the screen is\n${shown}`, at: test.wanted };
  }
  const row = Number(await expand(test.row));
  const line = lines[row - 1];
  if (line === undefined) throw pointAt(new EngineError("invalid", `the screen has no row ${row}: it has ${lines.length}`), test.row);
  return holds(line, test.operator, wanted) ? undefined : { why: `it is ${JSON.stringify(line)}`, at: test.wanted };
}

/** A golden file: with --update the screen is what it will be. */
function unlikeFile(session: Session, lines: readonly string[], path: string, at: Word): Unmet | undefined {
  const shown = `${lines.join("\n").trimEnd()}\n`;
  if (session.updatesFiles) {
    writeFileSync(path, shown, { mode: usersFileMode() });
    return undefined;
  }
  let golden: string;
  try {
    golden = readFileSync(path, "utf8");
  } catch (cause) {
    throw pointAt(
      new EngineError("invalid", `cannot read "${path}": ${(cause as Error).message}`, { cause, hint: "'berth repl --update' makes it" }),
      at,
    );
  }
  if (golden === shown) return undefined;
  const was = golden.split("\n");
  const row = shown.split("\n").findIndex((line, index) => line !== was[index]);
  const told = row < 0 ? shown.split("\n").length - 1 : row;
  return { why: `row ${told + 1} is ${JSON.stringify(shown.split("\n")[told])}, not ${JSON.stringify(was[told])}`, at };
}
