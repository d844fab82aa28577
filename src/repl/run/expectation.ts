/** `expect`: checks that are tried again until they hold or their time is over. */
import { toEngineError } from "../../../engine/errors.ts";
import { type Captured, type Frame, isAlone, pointAt, statusOf, unexpected, wordAt } from "../frame/index.ts";
import { type Expect, follow, holds, isValue, itemsOf, type Of, pathSteps, type Test, textOf, type Word } from "../language/index.ts";
import type { Session } from "../session.ts";
import { type Unmet, unmetScreen, unmetSession } from "../terminals/index.ts";
import { captureLine } from "./run-line.ts";

/** Milliseconds between two tries when nothing happens. */
const pace = 100;
/** Characters of output quoted in an error. */
const quoted = 400;

/** @throws EngineError `expectation` when the condition did not come true in time */
export async function checkStatement(session: Session, test: Test, frame: Frame): Promise<void> {
  session.echoText(frame.text.source.slice(test.start, test.end));
  const reason = await unmet(session, test, frame);
  if (!reason) return;
  const isOnce = test.timeout === 0;
  const within = test.kind === "expect-session" || isOnce ? "" : ` within ${test.timeout / 1000}s`;
  throw pointAt(unexpected(`expected ${test.inline}${within}: ${reason.why}`, { isOnce }), reason.at);
}

/** `assert CHECK else TEXT`. @throws EngineError `expectation` */
export async function assertStatement(session: Session, { test, message }: Of<"assert">, frame: Frame): Promise<void> {
  const reason = await unmet(session, test, frame);
  if (!reason) return;
  const { variables, text, place } = frame;
  const told = message.length > 0 ? (await variables.expand(message, text, place.engine)).join(" ") : `it is not so that ${test.inline}`;
  throw pointAt(unexpected(`${told}: ${reason.why}`, { isOnce: true }), reason.at);
}

/** Tries until the condition holds or its time is over. */
export async function unmet(session: Session, test: Test, frame: Frame): Promise<Unmet | undefined> {
  if (test.kind === "expect-session") return unmetSession(session, test, frame);
  const deadline = Date.now() + test.timeout;
  const notice = session.noticeOnce();
  for (;;) {
    const open = await tried(session, test, frame, notice);
    if (session.left(frame)) return undefined; // a function that it asked has ended the script: nothing is wrong
    if (!open || Date.now() >= deadline) return open;
    await somethingHappens(frame, Math.min(pace, Math.max(1, deadline - Date.now())));
  }
}

/** One try of a condition, or of all that are joined to it. */
async function tried(session: Session, test: Test, frame: Frame, notice: Notice): Promise<Unmet | undefined> {
  if (test.kind === "expect-session") return unmetSession(session, test.timeout === undefined ? { ...test, timeout: 0 } : test, frame);
  if (test.kind !== "expect-several") {
    const isScreen = test.kind === "expect-screen";
    const reason = await (isScreen ? unmetScreen(session, test, frame) : attempt(session, test, frame, notice));
    if (!test.negated) return reason;
    return reason ? undefined : { why: "it is so", at: isScreen ? test.wanted : test.command[0]! };
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
