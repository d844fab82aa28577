/**
 * `--dry-run`: what a script would do, with its values filled in, and nothing done. What only looks is done, and said so, as the
 * lines after it may depend on it; what a command would have given stands as <NAME>, and so does what cannot be looked at, as
 * a line before would have made it.
 */
import { type EngineError, toEngineError } from "../../../engine/errors.ts";
import { resolve } from "../../commands/execute.ts";
import { neutraliseLine } from "../../format/neutral.ts";
import { type Frame, type Leap, say } from "../frame/index.ts";
import {
  bare,
  Foreseen,
  hiddenWords,
  type Items,
  isValue,
  joinWords,
  type Kind,
  type Line,
  type Located,
  type Of,
  type Parsed,
  plumbed,
  type Test,
  type Word,
} from "../language/index.ts";
import { run, valueOfLine, valuesOf } from "../run/index.ts";
import type { Session } from "../session.ts";
import { reads } from "./reads.ts";
import { writtenAs } from "./written.ts";

type Step = Promise<Leap | undefined>;
type DryRunner<K extends Kind> = (session: Session, statement: Of<K>, frame: Frame) => Step | Promise<void>;

const rehearsed: { readonly [K in Kind]?: DryRunner<K> } = {
  command: (session, { words }, frame) => line(session, words, frame),
  print: (session, { words }, frame) => line(session, words, frame),
  async let(session, { name, command }, frame) {
    if (!(await isRead(session, command, frame))) await tell(frame, `let ${name} = ${await filledIn(command, frame)}`);
    frame.variables.set(name, await foreseenValue(session, name, command, frame));
  },
  assign: (session, statement, frame) => run(session, statement, frame),
  async if(session, { test, body, otherwise }, frame) {
    await tell(frame, `if ${await conditionOf(test, frame)}:`);
    await session.block(body, deeper(frame));
    if (otherwise.length > 0) await tell(frame, "else:");
    await session.block(otherwise, deeper(frame));
  },
  async while(session, { test, body }, frame) {
    await tell(frame, `while ${await conditionOf(test, frame)}:`);
    await session.block(body, deeper(frame));
  },
  async for(session, { name, body, ...items }, frame) {
    for (const value of await foreseenItems(session, name, items, frame)) {
      frame.variables.set(name, value);
      await session.block(body, frame);
    }
  },
  async repeat(session, { count, body }, frame) {
    await tell(frame, count ? `${await filledIn([count], frame)} times:` : "again and again:");
    await session.block(body, deeper(frame));
  },
  async retry(session, { count, body }, frame) {
    await tell(frame, `${await filledIn([count], frame)} times at most:`);
    await session.block(body, deeper(frame));
  },
  async timeout(session, { duration, body }, frame) {
    await tell(frame, `within ${await filledIn([duration], frame)}:`);
    await session.block(body, deeper(frame));
  },
  // What looks on another host looks there: it is asked, and nothing is done.
  async on(session, statement, frame) {
    await tell(frame, `on ${await filledIn([statement.host], frame)}:`);
    return run(session, statement, frame);
  },
  async use(session, statement, frame) {
    await tell(frame, `use ${await filledIn([statement.host], frame)}`);
    return run(session, statement, frame);
  },
  async try(session, { body, name, otherwise }, frame) {
    await session.block(body, frame);
    if (name !== undefined) frame.variables.set(name, new Foreseen(name));
    await tell(frame, "after a failure:");
    await session.block(otherwise, deeper(frame));
  },
  async parallel(session, { each, body }, frame) {
    await tell(frame, "side by side:");
    const inner = deeper(frame);
    if (!each) return void (await session.block(body, inner));
    for (const value of await foreseenItems(session, each.name, each, frame)) {
      const variables = frame.variables.inner();
      variables.set(each.name, value);
      await session.block(body, { ...inner, variables });
    }
  },
  async "expect-session"(_session, statement, frame) {
    await tell(frame, writtenAs(statement, frame.text.source));
    if (!statement.closed) for (const name of ["match", "matched", "before"]) frame.variables.set(name, new Foreseen(name));
  },
  async "expect-cases"(session, { session: name, cases }, frame) {
    await tell(frame, `expect @${name}:`);
    const inner = deeper(frame);
    for (const { on, body } of cases) {
      await tell(inner, `${typeof on === "string" ? on : on.map((word) => sourceOf(word, frame)).join(" or ")}:`);
      await session.block(body, deeper(inner));
    }
  },
  async defer(session, statement, frame) {
    await tell(frame, "at the end:");
    await session.block(statement.body, deeper(frame));
  },
  func: (session, statement, frame) => run(session, statement, frame),
  async return(session, statement, frame) {
    if (!statement.rows) return run(session, statement, frame);
    if (!(await isRead(session, statement.rows, frame))) await tell(frame, `return (${await filledIn(statement.rows, frame)})`);
    return { kind: "return", value: await foreseenValue(session, bare(statement.rows[0]), statement.rows, frame) };
  },
  set: (session, statement, frame) => run(session, statement, frame),
  async cd(session, statement, frame) {
    await tell(frame, `cd ${await filledIn([statement.directory], frame)}`);
    await looked(frame, "cd", () => run(session, statement, frame));
  },
  vars: (session, statement, frame) => run(session, statement, frame),
  source: (session, statement, frame) => run(session, statement, frame),
};

/** Tells of a statement in place of running it. */
export async function rehearse<K extends Kind>(session: Session, statement: Of<K> & Parsed, frame: Frame): Step {
  const rehearsal = rehearsed[statement.kind as K] as DryRunner<K> | undefined;
  if (rehearsal) return (await rehearsal(session, statement, frame)) ?? undefined;
  await tell(frame, writtenAs(statement, frame.text.source));
  return undefined;
}

async function line(session: Session, words: Line, frame: Frame): Step {
  const running = () => run(session, commandOf(words), frame);
  if (!(await isRead(session, words, frame))) {
    await tell(frame, await filledIn(words, frame));
    frame.variables.set("_", new Foreseen("_"));
    return undefined;
  }
  if (isOwn(session, words)) return running();
  await tell(frame, `reads: ${await filledIn(words, frame)}`);
  await looked(frame, "_", running);
  return undefined;
}

function commandOf(words: Line): Of<"command"> {
  return { kind: "command", words, start: words[0]!.start, end: words.at(-1)!.end };
}

/** What a line gives where it only looks, else what is foreseen. */
async function foreseenValue(session: Session, name: string, words: Line, frame: Frame): Promise<unknown> {
  if (!(await isRead(session, words, frame))) return new Foreseen(name);
  if (isOwn(session, words)) return valueOfLine(session, words, frame);
  await tell(frame, `reads: ${await filledIn(words, frame)}`);
  return looked(frame, name, () => valueOfLine(session, words, frame));
}

/** What a line that was not run would have made cannot be looked at: that is said, and foreseen. */
async function looked(frame: Frame, name: string, looking: () => Promise<unknown>): Promise<unknown> {
  try {
    return await looking();
  } catch (thrown) {
    const error = toEngineError(thrown);
    if (!isYetToBe(error)) throw thrown;
    await tell(frame, `  not yet: ${error.message}`);
    return new Foreseen(name);
  }
}

const isYetToBe = ({ code }: EngineError) => !["cancelled", "syntax", "usage"].includes(code);

/** The language's own, which does nothing by itself. */
function isOwn(session: Session, [first]: Line): boolean {
  return session.functionOf(first) !== undefined || ["list", "print"].includes(bare(first));
}

/** A command that only looks, whose output goes nowhere but to filters. */
async function isRead(session: Session, words: Line, frame: Frame): Promise<boolean> {
  const { output, stages, words: command } = plumbed(words);
  if (output || stages.some(({ kind }) => kind === "program")) return false;
  if (isOwn(session, command) || isValue(command)) return true;
  if (["!", "http"].includes(bare(command[0]))) return false; // whom it asks is not there yet
  const plain = await frame.variables.expand(command, frame.text, frame.place.engine);
  if (plain.some((word) => word.includes("<"))) return false; // of what is not there
  const { spec, input } = await resolve(plain);
  return reads.has(spec.name) && !spec.endless?.(input);
}

/** The turns of a loop; one where they are known only when it runs. */
async function foreseenItems(session: Session, name: string, { words, rows }: Items, frame: Frame): Promise<readonly unknown[]> {
  if (rows && !(await isRead(session, rows, frame))) {
    await tell(frame, `for each row of ${await filledIn(rows, frame)}:`);
    return [new Foreseen(name)];
  }
  const items = await looked(frame, name, () => valuesOf(session, { words, rows }, frame));
  return Array.isArray(items) ? items : [items];
}

async function filledIn(words: readonly Word[], { variables, text, place }: Frame): Promise<string> {
  const shown: string[] = [];
  for (const word of words) {
    const isJoint = !word.quoted && /^([|<>!]|>>|<<)$/.test(bare(word));
    const plain = await variables.expand([word], text, place.engine);
    shown.push(isJoint ? bare(word) : joinWords(hiddenWords([...shown.slice(-1), ...plain]).slice(shown.length > 0 ? 1 : 0)));
  }
  return shown.join(" ");
}

function sourceOf({ start, end }: Located, { text }: Frame): string {
  return text.source.slice(start, end);
}

async function conditionOf(test: Test, frame: Frame): Promise<string> {
  return sourceOf(test, frame).replace(/^(if|while|expect)\s+/, "");
}

const depths = new WeakMap<object, number>();

function deeper(frame: Frame): Frame {
  const place = { ...frame.place };
  depths.set(place, (depths.get(frame.place) ?? 0) + 1);
  return { ...frame, place };
}

function tell(frame: Frame, text: string): Promise<void> {
  return say(frame, `${"  ".repeat(depths.get(frame.place) ?? 0)}${neutraliseLine(text)}\n`);
}
