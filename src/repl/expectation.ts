/** `expect`: checks that are tried again until they hold or their time is over. */
import { EngineError, toEngineError } from "../../engine/errors.ts";
import { holds, type Operator } from "./condition.ts";
import { toPattern } from "./expect-terminal.ts";
import { isValue } from "./parse-check.ts";
import type { Session } from "./session.ts";
import type { Expect, ExpectSession, Test } from "./statement.ts";
import { follow, pathSteps, textOf } from "./value.ts";
import type { SourceText } from "./variables.ts";

/** Milliseconds between two tries when nothing happens. */
const pace = 100;
const sessionTimeout = 10_000;
/** Characters of output quoted in an error. */
const quoted = 400;

/** Why a check does not hold (yet). */
interface Unmet {
  why: string;
}

/** @throws EngineError `expectation` when the condition did not come true in time */
export async function checkStatement(session: Session, test: Test, text: SourceText, signal: AbortSignal): Promise<void> {
  const reason = await unmet(session, test, text, signal);
  if (!reason) return;
  const within = test.kind === "expect" && test.timeout > 0 ? ` within ${test.timeout / 1000}s` : "";
  throw new EngineError("expectation", `expected ${test.inline}${within}: ${reason.why}`);
}

/** Tries until the condition holds or its time is over. */
export async function unmet(session: Session, test: Test, text: SourceText, signal: AbortSignal): Promise<Unmet | undefined> {
  if (test.kind === "expect-session") return unmetSession(session, test, text, signal);
  const deadline = Date.now() + test.timeout;
  const notice = session.noticeOnce();
  for (;;) {
    const reason = await attempt(session, test, text, signal, notice);
    const open = test.negated ? (reason ? undefined : { why: "it is so" }) : reason;
    if (!open || Date.now() >= deadline) return open;
    await somethingHappens(session, Math.min(pace, Math.max(1, deadline - Date.now())), signal);
  }
}

/** The next event of any container, image, … or the pace, whichever is first. */
async function somethingHappens(session: Session, milliseconds: number, signal: AbortSignal): Promise<void> {
  const over = AbortSignal.any([signal, AbortSignal.timeout(milliseconds)]);
  for await (const _ of session.engine.events({ follow: true, signal: over })) break;
  signal.throwIfAborted();
}

async function attempt(
  session: Session,
  statement: Expect,
  text: SourceText,
  signal: AbortSignal,
  notice: (text: string) => void,
): Promise<Unmet | undefined> {
  const { check, command } = statement;
  const expand = (word: Expect["command"][number]) => session.variables.expandWord(word, text, session.engine);
  if (check.kind === "value" && isValue(command)) {
    const [part] = command[0]!.parts;
    const value =
      part?.kind === "variable" && command[0]!.parts.length === 1
        ? await session.variables.value(part.path, part.offset, text, session.engine)
        : await expand(command[0]!);
    return compare(value, check.path, check.operator, await expand(check.wanted));
  }
  let outcome: Awaited<ReturnType<Session["capture"]>>;
  try {
    outcome = await session.captureLine(command, text, signal, notice);
  } catch (error) {
    const failure = toEngineError(error);
    // A malformed line fails at once: waiting does not change it.
    if (failure.code === "cancelled" || (failure.code === "usage" && check.kind !== "fails")) throw failure;
    if (check.kind === "fails") return check.text ? missingText(failure.message, await expand(check.text)) : undefined;
    if (check.kind === "status" && Number(await expand(check.wanted)) === failure.exit) return undefined;
    return { why: failure.message };
  }
  const { result, status, text: printed } = outcome;
  if (check.kind === "status") return Number(await expand(check.wanted)) === status ? undefined : { why: `it ended with status ${status}` };
  if (check.kind === "fails") {
    if (status === 0) return { why: "it succeeded" };
    return check.text ? missingText(printed, await expand(check.text)) : undefined;
  }
  if (check.kind === "succeeds") return status === 0 ? undefined : { why: `it ended with status ${status}` };
  return check.path === undefined
    ? compare(printed, undefined, check.operator, await expand(check.wanted))
    : compare(result, check.path, check.operator, await expand(check.wanted));
}

function missingText(actual: string, wanted: string): Unmet | undefined {
  return actual.includes(wanted) ? undefined : { why: `the error was "${actual}"` };
}

function compare(value: unknown, path: string | undefined, operator: Operator, wanted: string): Unmet | undefined {
  const found = follow(value, path === undefined ? [] : pathSteps(path));
  if (!("value" in found)) return { why: `there is no field "${found.missing}"` };
  if (holds(found.value, operator, wanted)) return undefined;
  const text = textOf(found.value);
  return {
    why: `it is ${JSON.stringify(text.length > quoted ? `${text.slice(0, quoted)}…` : text)}`,
  };
}

/** Waits until one of the patterns is written, or for the end. Binds $match, $matched (which pattern, from 1) and $before. */
async function unmetSession(session: Session, test: ExpectSession, text: SourceText, signal: AbortSignal): Promise<Unmet | undefined> {
  const { terminal } = session.terminals.get(test.session);
  const milliseconds = test.timeout ?? sessionTimeout;
  const patterns: RegExp[] = [];
  for (const word of test.patterns) patterns.push(toPattern(await session.variables.expandWord(word, text, session.engine)));
  const { promise, resolve } = Promise.withResolvers<"met" | "over">();
  const look = () => {
    const taken = terminal.take(patterns);
    if (taken) bindMatch(session, taken);
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
  if (outcome === "met") return test.closed ? unmetEnd(session, test, text) : undefined;
  const state = terminal.ended && !test.closed ? "it ended after" : `after ${milliseconds / 1000}s it had written`;
  return { why: `${state} ${JSON.stringify(terminal.pending.slice(-quoted))}` };
}

function bindMatch({ variables }: Session, { match, which, before }: { match: RegExpExecArray; which: number; before: string }): void {
  variables.set("match", match.length > 1 ? [...match] : match[0]);
  variables.set("matched", String(which + 1));
  variables.set("before", before);
}

async function unmetEnd(session: Session, { session: name, status }: ExpectSession, text: SourceText): Promise<Unmet | undefined> {
  const outcome = await session.terminals.get(name).end;
  if (!status) return undefined;
  const wanted = Number(await session.variables.expandWord(status, text, session.engine));
  const actual = "error" in outcome ? outcome.error.exit : outcome.status;
  const why = "error" in outcome ? `: ${outcome.error.message}` : "";
  return actual === wanted ? undefined : { why: `it ended with status ${actual}${why}` };
}
