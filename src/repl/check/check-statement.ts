/** What is checked of each statement before any runs, by kind. */
import { parseMilliseconds } from "../../format/duration.ts";
import { groupsOf, type Items, type Kind, literal, type Of, type Parsed, type Test, type Word } from "../language/index.ts";
import { type Checker, regexOf } from "./check.ts";

type Check<K extends Kind> = (checker: Checker, statement: Of<K>) => unknown;

const isDuration = (text: string) => parseMilliseconds(text) !== undefined;
const isCount = (text: string) => /^\d+$/.test(text);
const duration = (what: string) => (text: string) => `${what} needs a duration such as 500ms, not "${text}"`;
const count = (what: string) => (text: string) => `${what} needs a number of times, not "${text}"`;

const checks: { readonly [K in Kind]: Check<K> } = {
  command: (checker, { words }) => checker.line(words),
  print: (checker, { words }) => checker.line(words),
  async let(checker, { name, command }) {
    await checker.line(command, { isValue: true });
    checker.bind(name);
  },
  assign(checker, { name, words }) {
    checker.words(...words);
    checker.bind(name);
  },
  expect: test,
  "expect-session": test,
  "expect-several": test,
  "expect-screen": test,
  async "expect-cases"(checker, statement) {
    checker.terminal(statement.session, statement);
    for (const { on, body } of statement.cases) {
      if (typeof on !== "string") patterns(checker, on);
      checker.bind("match", "matched", "before");
      await checker.perhaps(body);
    }
  },
  http(checker, { words }) {
    checker.words(...words);
    checker.request(words);
  },
  async "logs-until"(checker, { words, patterns: wanted, timeout }) {
    await checker.line(words);
    checker.literal(timeout, isDuration, duration("until"));
    patterns(checker, wanted);
  },
  interact: (checker, statement) => checker.terminal(statement.session, statement),
  async assert(checker, { test: asked, message }) {
    await test(checker, asked);
    checker.words(...message);
  },
  async if(checker, { test: asked, body, otherwise }) {
    await test(checker, asked);
    await checker.perhaps(body);
    await checker.perhaps(otherwise);
  },
  while: (checker, { test: asked, body }) => checker.loop(body, () => test(checker, asked)),
  async for(checker, { name, body, ...from }) {
    await items(checker, from);
    checker.bind(name);
    await checker.loop(body);
  },
  async repeat(checker, { count: times, body }) {
    checker.literal(times, isCount, count("repeat"));
    await checker.loop(body);
  },
  async try(checker, { body, name, otherwise }) {
    await checker.all(body);
    if (name !== undefined) checker.bind(name);
    await checker.perhaps(otherwise);
  },
  defer: (checker, { body }) => checker.afterwards(body),
  async timeout(checker, { duration: time, body }) {
    checker.literal(time, isDuration, duration("timeout"));
    await checker.all(body);
  },
  async retry(checker, { count: times, body }) {
    checker.literal(times, isCount, count("retry"));
    await checker.loop(body);
  },
  async parallel(checker, { most, each, body }) {
    checker.literal(
      most,
      (text) => /^[1-9]\d*$/.test(text),
      (text) => `parallel needs a number of branches at a time, not "${text}"`,
    );
    if (!each) return checker.all(body);
    await items(checker, each);
    checker.bind(each.name);
    await checker.perhaps(body);
  },
  func() {}, // with its source
  return: (checker, from) => items(checker, from),
  wait(checker, { container, condition, timeout }) {
    checker.words(container, condition);
    checker.literal(timeout, isDuration, duration("wait"));
  },
  break() {},
  continue() {},
  vars() {},
  set() {},
  async spawn(checker, { session, command }) {
    await checker.line(command);
    checker.spawned(session);
  },
  send(checker, statement) {
    checker.terminal(statement.session, statement);
    checker.words(...statement.words);
  },
  resize(checker, statement) {
    checker.terminal(statement.session, statement);
    checker.literal(
      statement.size,
      (text) => /^\d+x\d+$/.test(text),
      (text) => `"${text}" is not a size such as 120x40`,
    );
  },
  screen: (checker, statement) => checker.terminal(statement.session, statement),
  close: (checker, statement) => checker.terminal(statement.session, statement),
  sleep: (checker, { duration: time }) => checker.literal(time, isDuration, duration("sleep")),
  source: (checker, statement) => checker.file(statement),
  record: (checker, { path }) => checker.words(path),
  use: (checker, { host }) => checker.words(host),
  async on(checker, { host, body }) {
    checker.words(host);
    await checker.all(body);
  },
  cd: (checker, { directory }) => checker.changeDirectory(directory),
  exit: (checker, { status }) =>
    checker.literal(
      status,
      (text) => /^-?\d+$/.test(text),
      (text) => `exit needs a status such as 3, not "${text}"`,
    ),
};

export async function checkStatement<K extends Kind>(checker: Checker, statement: Of<K> & Parsed): Promise<void> {
  await (checks[statement.kind as K] as Check<K>)(checker, statement);
}

async function items(checker: Checker, { words, rows }: Items): Promise<void> {
  checker.words(...words);
  if (rows) await checker.line(rows, { isValue: true });
}

async function test(checker: Checker, asked: Test): Promise<void> {
  if (asked.kind === "expect-several") {
    for (const each of asked.tests) await test(checker, each);
    return;
  }
  if (asked.kind === "expect-screen") {
    checker.terminal(asked.session, asked);
    checker.literal(asked.row, isCount, (text) => `a row is a number from 1, not "${text}"`);
    checker.regex(asked.wanted, asked.operator === "matches" ? literal(asked.wanted) : undefined);
    return;
  }
  if (asked.kind === "expect-session") {
    checker.terminal(asked.session, asked);
    checker.literal(asked.status, isCount, statusNumber);
    if (!asked.closed) patterns(checker, asked.patterns);
    return;
  }
  const { check, command } = asked;
  const isComparedValue = check.kind === "value" && command.length === 1 && command[0]!.parts.some(({ kind }) => kind !== "text");
  if (isComparedValue) checker.words(...command);
  else await checker.line(command, { mayFail: check.kind === "fails" || check.kind === "status" });
  if (check.kind === "status") checker.literal(check.wanted, isCount, statusNumber);
  if (check.kind === "fails") checker.words(check.text);
  if (check.kind === "value") checker.regex(check.wanted, check.operator === "matches" ? literal(check.wanted) : undefined);
}

function patterns(checker: Checker, words: readonly Word[]): void {
  for (const word of words) checker.regex(word, regexOf(word));
  checker.bind("match", "matched", "before", ...words.flatMap(groupsOf));
}

const statusNumber = (text: string) => `a status is a number such as 3, not "${text}"`;
