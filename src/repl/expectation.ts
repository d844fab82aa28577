/** `expect`: checks that are tried again until they hold or their time is over. */
import { toEngineError } from "../../engine/errors.ts";
import type { Captured } from "./capture.ts";
import { holds } from "./condition.ts";
import { escapeRegex, literalPattern, toPattern } from "./expect-terminal.ts";
import type { Frame } from "./frame.ts";
import { isValue } from "./parse-check.ts";
import { pointAt, wordAt } from "./place.ts";
import { captureLine } from "./run-line.ts";
import type { Session } from "./session.ts";
import type { Expect, ExpectSession, Of, Test } from "./statement.ts";
import { statusOf, unexpected } from "./status.ts";
import { follow, itemsOf, pathSteps, textOf } from "./value.ts";
import { isAlone } from "./variables.ts";
import { literal, type Word } from "./words.ts";

/** Milliseconds between two tries when nothing happens. */
const pace = 100;
const sessionTimeout = 10_000;
/** Characters of output quoted in an error. */
const quoted = 400;

/** Why a check does not hold (yet), and the word that it is about. */
interface Unmet {
  why: string;
  at?: { start: number };
}

/** @throws EngineError `expectation` when the condition did not come true in time */
export async function checkStatement(session: Session, test: Test, frame: Frame): Promise<void> {
  session.echoText(frame.text.source.slice(test.start, test.end));
  const reason = await unmet(session, test, frame);
  if (!reason) return;
  const within = test.kind !== "expect-session" && test.timeout > 0 ? ` within ${test.timeout / 1000}s` : "";
  throw pointAt(unexpected(`expected ${test.inline}${within}: ${reason.why}`), reason.at);
}

/** `assert CHECK else TEXT`. @throws EngineError `expectation` */
export async function assertStatement(session: Session, { test, message }: Of<"assert">, frame: Frame): Promise<void> {
  const reason = await unmet(session, test, frame);
  if (!reason) return;
  const { variables, text, place } = frame;
  const told = message.length > 0 ? (await variables.expand(message, text, place.engine)).join(" ") : `it is not so that ${test.inline}`;
  throw pointAt(unexpected(`${told}: ${reason.why}`), reason.at);
}

/** Tries until the condition holds or its time is over. */
export async function unmet(session: Session, test: Test, frame: Frame): Promise<Unmet | undefined> {
  if (test.kind === "expect-session") return unmetSession(session, test, frame);
  const deadline = Date.now() + test.timeout;
  const notice = session.noticeOnce();
  for (;;) {
    const open = await tried(session, test, frame, notice);
    if (!open || Date.now() >= deadline) return open;
    await somethingHappens(frame, Math.min(pace, Math.max(1, deadline - Date.now())));
  }
}

/** One try of a condition, or of all that are joined to it. */
async function tried(session: Session, test: Test, frame: Frame, notice: Notice): Promise<Unmet | undefined> {
  if (test.kind === "expect-session") return unmetSession(session, test.timeout === undefined ? { ...test, timeout: 0 } : test, frame);
  if (test.kind === "expect") {
    const reason = await attempt(session, test, frame, notice);
    if (!test.negated) return reason;
    return reason ? undefined : { why: "it is so", at: test.command[0]! };
  }
  const reasons: Unmet[] = [];
  for (const each of test.tests) {
    const reason = await tried(session, each, frame, notice);
    if (!reason && test.operator === "or") return undefined;
    if (reason && test.operator === "and") return { ...reason, why: `${each.inline}: ${reason.why}` };
    if (reason) reasons.push({ ...reason, why: `${each.inline}: ${reason.why}` });
  }
  return reasons.length === 0 ? undefined : { why: reasons.map(({ why }) => why).join("; ") };
}

/** The next event of any container, image, … or the pace, whichever is first. */
export async function somethingHappens({ place, signal }: Frame, milliseconds: number): Promise<void> {
  const over = AbortSignal.any([signal, AbortSignal.timeout(milliseconds)]);
  for await (const _ of place.engine.events({ follow: true, signal: over })) break;
  signal.throwIfAborted();
}

type Notice = (text: string) => void;

async function attempt(session: Session, statement: Expect, frame: Frame, notice: Notice): Promise<Unmet | undefined> {
  const { check, command } = statement;
  const { variables, text, place } = frame;
  const expand = (word: Word) => variables.expandWord(word, text, place.engine);
  if (check.kind === "value" && isValue(command)) return compare(await variables.whole(command[0]!, text, place.engine), check, frame);
  let outcome: Captured;
  try {
    outcome = await captureLine(session, command, frame, notice);
  } catch (error) {
    const failure = toEngineError(error);
    // A malformed line fails at once: waiting does not change it.
    if (failure.code === "cancelled" || (failure.code === "usage" && check.kind !== "fails" && check.kind !== "status")) throw failure;
    if (check.kind === "fails") return check.text ? missingText(failure.message, await expand(check.text), check.text) : undefined;
    if (check.kind === "status" && [failure.exit, statusOf(failure)].includes(Number(await expand(check.wanted)))) return undefined;
    return { why: failure.message, at: wordAt(failure) ?? command[0]! };
  }
  const { result, status, text: printed } = outcome;
  if (check.kind === "status")
    return Number(await expand(check.wanted)) === status ? undefined : { why: `it ended with status ${status}`, at: check.wanted };
  if (check.kind === "fails") {
    if (status === 0) return { why: "it succeeded", at: command[0]! };
    return check.text ? missingText(printed, await expand(check.text), check.text) : undefined;
  }
  if (check.kind === "succeeds") return status === 0 ? undefined : { why: `it ended with status ${status}`, at: command[0]! };
  return compare(check.path === undefined && !isData(result) ? printed : result, check, frame);
}

/** What filters made of rows is compared as what it is: a number, a list. */
const isData = (result: unknown) => typeof result === "number";

function missingText(actual: string, wanted: string, at: Word): Unmet | undefined {
  return actual.includes(wanted) ? undefined : { why: `the error was "${actual}"`, at };
}

async function compare(
  value: unknown,
  { path, operator, wanted }: Extract<Expect["check"], { kind: "value" }>,
  frame: Frame,
): Promise<Unmet | undefined> {
  const { variables, text: source, place } = frame;
  const found = follow(value, path === undefined ? [] : pathSteps(path));
  if (!("value" in found)) return { why: `there is no field "${found.missing}"`, at: { start: wanted.start } };
  const other = await variables.whole(wanted, source, place.engine);
  const choices = operator === "in" && (isAlone(wanted) || Array.isArray(other)) ? itemsOf(other).map(textOf) : undefined;
  if (holds(found.value, operator, textOf(other), choices)) return undefined;
  const text = textOf(found.value);
  return { why: `it is ${JSON.stringify(text.length > quoted ? `${text.slice(0, quoted)}…` : text)}`, at: wanted };
}

/** Waits until one of the patterns is written, or for the end. Binds $match, $matched (which pattern, from 1) and $before. */
async function unmetSession(session: Session, test: ExpectSession, frame: Frame): Promise<Unmet | undefined> {
  const { signal } = frame;
  const { terminal } = session.terminals.get(test.session);
  const milliseconds = test.timeout ?? sessionTimeout;
  const patterns: RegExp[] = [];
  for (const word of test.patterns) patterns.push(await patternOf(word, frame));
  const { promise, resolve } = Promise.withResolvers<"met" | "over">();
  const look = () => {
    const taken = terminal.take(patterns);
    if (taken) bindMatch(frame, taken);
    if (taken || (test.closed && terminal.ended)) resolve("met");
    else if (terminal.ended) resolve("over");
  };
  const timer = setTimeout(() => resolve("over"), milliseconds);
  const unsubscribe = terminal.onChange(look);
  const cancel = () => resolve("over");
  signal.addEventListener("abort", cancel);
  look();
  const outcome = await promise;
  clearTimeout(timer);
  unsubscribe();
  signal.removeEventListener("abort", cancel);
  signal.throwIfAborted();
  if (outcome === "met") return test.closed ? unmetEnd(session, test, frame) : undefined;
  const state = terminal.ended && !test.closed ? "it ended after" : `after ${milliseconds / 1000}s it had written`;
  return { why: `${state} ${JSON.stringify(terminal.pending.slice(-quoted))}` };
}

function bindMatch({ variables }: Frame, { match, which, before }: { match: RegExpExecArray; which: number; before: string }): void {
  variables.set("match", match.length > 1 ? [...match] : match[0]);
  variables.set("matched", String(which + 1));
  variables.set("before", before);
}

async function unmetEnd(session: Session, { session: name, status }: ExpectSession, frame: Frame): Promise<Unmet | undefined> {
  const outcome = await session.terminals.get(name).end;
  if (!status) return undefined;
  const wanted = Number(await frame.variables.expandWord(status, frame.text, frame.place.engine));
  const actual = "error" in outcome ? outcome.error.exit : outcome.status;
  const why = "error" in outcome ? `: ${outcome.error.message}` : "";
  return actual === wanted ? undefined : { why: `it ended with status ${actual}${why}`, at: status };
}

/** What a word asks a terminal to write: `/REGEX/` as it stands in the script; what variables hold is text, and nothing else. */
async function patternOf(word: Word, { variables, text, place }: Frame): Promise<RegExp> {
  const isRegex = literal(word).startsWith("/") && word.parts[0]?.kind === "text";
  if (!isRegex) return literalPattern(await variables.expandWord(word, text, place.engine));
  let pattern = "";
  for (const part of word.parts)
    pattern += part.kind === "text" ? part.text : escapeRegex(await variables.expandWord({ ...word, parts: [part] }, text, place.engine));
  return toPattern(pattern);
}
