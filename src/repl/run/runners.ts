/**
 * What each statement does, by kind. A new statement is a kind in statement.ts, a case in parse.ts (or parse-block.ts for one
 * that holds statements), a line here, one in check-statement.ts, and its words in description.ts.
 */
import { statSync } from "node:fs";
import { resolve as resolvePath } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { EngineError } from "../../../engine/errors.ts";
import { resolve } from "../../commands/execute.ts";
import { parseMilliseconds } from "../../format/duration.ts";
import { neutralise } from "../../format/neutral.ts";
import { contextOf, type Frame, isAlone, type Leap, phrase, pointAt, say, uncut } from "../frame/index.ts";
import { type Kind, type Of, type Parsed, textOf, type Word } from "../language/index.ts";
import type { Session } from "../session.ts";
import { awaitEcho, keysOf, runCases, runInteract } from "../terminals/index.ts";
import { assertStatement, checkStatement } from "./expectation.ts";
import { runFor, runIf, runRepeat, runRetry, runTimeout, runTry, runWhile, valueOfItems } from "./flow.ts";
import { runOn, runUse } from "./hosts.ts";
import { runHttp } from "./http.ts";
import { runLogsUntil } from "./logs-until.ts";
import { runParallel } from "./parallel.ts";
import { runLine, valueOfLine } from "./run-line.ts";
import { runWait } from "./wait.ts";

/** What it gives, or resolves with, is a Leap or nothing. */
type Runner<K extends Kind> = (session: Session, statement: Of<K>, frame: Frame) => unknown;

const expandOne = (word: Word, { variables, text, place }: Frame) => variables.expandWord(word, text, place.engine);
const pathOf = async (word: Word, frame: Frame) => uncut(await expandOne(word, frame), word);
const expand = (words: readonly Word[], { variables, text, place }: Frame) => variables.expand(words, text, place.engine);

const runners: { readonly [K in Kind]: Runner<K> } = {
  command: (session, { words }, frame) => runLine(session, words, frame),
  print: (session, { words }, frame) => runLine(session, words, frame),
  async let(session, { name, command }, frame) {
    frame.variables.set(name, await valueOfLine(session, command, frame));
  },
  async assign(_session, { name, words }, frame) {
    const [word] = words;
    const value = words.length === 1 && isAlone(word!) ? await frame.variables.whole(word!, frame.text, frame.place.engine) : undefined;
    frame.variables.set(name, value ?? phrase(await expand(words, frame)));
  },
  expect: checkStatement,
  "expect-session": checkStatement,
  "expect-several": checkStatement,
  "expect-screen": checkStatement,
  "expect-cases": runCases,
  "logs-until": runLogsUntil,
  interact: runInteract,
  async http(_session, { words }, frame) {
    const { result } = await runHttp(words, frame);
    const { Body: text } = result;
    frame.variables.set("?", "0");
    frame.variables.set("_", result);
    await say(frame, text === "" || text.endsWith("\n") ? neutralise(text) : `${neutralise(text)}\n`);
  },
  assert: assertStatement,
  if: runIf,
  while: runWhile,
  for: runFor,
  repeat: runRepeat,
  try: runTry,
  timeout: runTimeout,
  retry: runRetry,
  parallel: runParallel,
  use: runUse,
  on: runOn,
  wait: runWait,
  func() {}, // known since its source was read
  defer(_session, statement, frame) {
    frame.defers.push({ statement, frame });
  },
  return: async (session, items, frame): Promise<Leap> => ({ kind: "return", value: await valueOfItems(session, items, frame) }),
  break: (): Leap => ({ kind: "break" }),
  continue: (): Leap => ({ kind: "continue" }),
  async spawn({ terminals }, { session, command }, frame) {
    const { words, origins } = await frame.variables.commandWords(command, frame.text, frame.place.engine);
    const resolved = await resolve(words).catch((error) => Promise.reject(pointAt(error, origins[error.details?.word] ?? command[0])));
    terminals.spawn(session, resolved, contextOf(frame));
  },
  async send({ terminals }, { session, words, enter, echo }, frame) {
    const typed: string[] = [];
    for (const word of words) typed.push(await keysOf(word, (part) => expandOne({ ...word, parts: [part] }, frame)));
    const text = typed.join(" ");
    terminals.send(session, text, enter && echo === undefined);
    if (echo === undefined) return;
    await awaitEcho(terminals.get(session).terminal, text, echo, frame);
    if (enter) terminals.send(session, "", true);
  },
  async resize({ terminals }, { session, size }, frame) {
    terminals.resize(session, await expandOne(size, frame));
  },
  screen: ({ terminals }, { session }, frame) =>
    say(frame, `${neutralise(terminals.get(session).terminal.pending.replaceAll("\r", ""))}\n`),
  close: ({ terminals }, { session }) => terminals.close(session),
  async sleep(_session, { duration }, frame) {
    const text = await expandOne(duration, frame);
    const milliseconds = parseMilliseconds(text);
    if (milliseconds === undefined) throw new EngineError("syntax", `sleep needs a duration such as 500ms, not "${text}"`);
    await delay(milliseconds, undefined, { signal: frame.signal });
  },
  source: async (session, statement, frame) => session.source(await pathOf(statement.path, frame), statement, frame),
  async record(session, { path }, frame) {
    await session.startRecord(path && (await pathOf(path, frame)));
  },
  async set(session, { option, on }) {
    if (option === "json") session.reportJson(on, new (await import("../report/json-report.ts")).JsonReport());
    else session.switches[option] = on;
  },
  async cd(_session, { directory }, { place, ...frame }) {
    const wanted = await pathOf(directory, { place, ...frame });
    const cwd = resolvePath(place.io.cwd, wanted);
    if (!statSync(cwd, { throwIfNoEntry: false })?.isDirectory())
      throw new EngineError("invalid", `cannot change to "${wanted}": no such directory`);
    place.io = { ...place.io, cwd };
  },
  vars: (_session, _statement, frame) => say(frame, listOf(frame)),
  async exit(session, { status }, frame): Promise<Leap> {
    session.exitStatus = status ? Number(await expandOne(status, frame)) & 255 : 0;
    return { kind: "exit" };
  },
};

/** Runs a statement; gives how it leaves its block, if it does. */
export async function run<K extends Kind>(session: Session, statement: Of<K> & Parsed, frame: Frame): Promise<Leap | undefined> {
  const runner = runners[statement.kind as K] as Runner<K>;
  return ((await runner(session, statement, frame)) as Leap | undefined) ?? undefined;
}

/** What scripts did not bind themselves is not listed. */
const own = ["?", "_", "args"];

function listOf({ variables }: Frame): string {
  const entries = variables.entries().filter(([name]) => !own.includes(name));
  return entries.map(([name, value]) => `${name} = ${neutralise(textOf(value))}\n`).join("");
}
