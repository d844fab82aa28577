/** Statements that hold statements: conditions, loops, functions, and what is done about failures and time. Pure. */
import { parseMilliseconds } from "../../format/duration.ts";
import type { Body, Parser } from "./parse.ts";
import { bare, type Case, type Kind } from "./statement.ts";
import type { Word } from "./words.ts";

type Form = (parser: Parser, first: Word, rest: Word[]) => Body<Kind> | undefined;

/** By keyword. */
const forms: Readonly<Record<string, Form>> = {
  if: parseIf,
  while(parser, first, rest) {
    const { header, body } = parser.braced(first, rest, true);
    return { kind: "while", test: parser.source.test(first, header), body };
  },
  for(parser, first, rest) {
    const { header, body } = parser.braced(first, rest, true);
    return { kind: "for", ...loopHeader(parser, first, header), body };
  },
  repeat: parseRepeat,
  watch(parser, first, rest) {
    const every = /^\d/.test(bare(rest[0])) ? parseMilliseconds(bare(rest[0])) : undefined;
    const body = parser.body(first, every === undefined ? rest : rest.slice(1), "a statement", true);
    return { kind: "repeat", count: undefined, every: every ?? 2000, body };
  },
  try(parser, first, rest) {
    const { body } = plainBlock(parser, first, rest);
    const after = parser.follows("catch");
    if (!after) throw parser.source.fail("try needs a catch { … } after its }", first.start, undefined, parser.isAtEnd);
    const [word, ...words] = after;
    const { header, body: otherwise } = parser.braced(word, words);
    const name = header[0] && parser.identifier(header[0], "catch", word);
    if (header[1]) throw parser.source.fail('expected "{" after the name of the error', header[1].start);
    return { kind: "try", body, name, otherwise };
  },
  defer: (parser, first, rest) => ({ kind: "defer", body: parser.apart(false, () => parser.body(first, rest, "a statement")) }),
  timeout(parser, first, rest) {
    const [duration, ...words] = parser.source.some(rest, first, "a duration and a statement") as [Word, ...Word[]];
    return { kind: "timeout", duration, body: parser.body(first, words, "a statement after its duration") };
  },
  retry(parser, first, rest) {
    const [count, ...words] = parser.source.some(rest, first, "a number and a statement") as [Word, ...Word[]];
    const { every = 0, words: left } = pace(parser, words);
    return { kind: "retry", count, every, body: parser.body(first, left, "a number and a statement") };
  },
  on(parser, first, rest) {
    const [host, ...words] = parser.source.some(rest, first, "a host and a statement") as [Word, ...Word[]];
    return { kind: "on", host, body: parser.body(first, words, "a statement after its host") };
  },
  expect: parseCases,
  parallel: parseParallel,
  func: parseFunction,
};

/** The statement that begins with a keyword of these; undefined for any other. */
export function parseBlock(parser: Parser, words: readonly Word[]): Body<Kind> | undefined {
  const keyword = bare(words[0]);
  return Object.hasOwn(forms, keyword) ? forms[keyword]!(parser, words[0]!, words.slice(1)) : undefined;
}

function plainBlock(parser: Parser, first: Word, rest: Word[]) {
  const block = parser.braced(first, rest);
  if (block.header[0]) throw parser.source.fail(`expected "{" after ${bare(first)}`, block.header[0].start);
  return block;
}

function parseIf(parser: Parser, first: Word, rest: Word[]): Body<"if"> {
  const { header, body } = parser.braced(first, rest);
  const test = parser.source.test(first, header);
  const next = parser.follows("else");
  if (!next) return { kind: "if", test, body, otherwise: [] };
  const [word, ...after] = next;
  if (bare(after[0]) === "if") return { kind: "if", test, body, otherwise: [parser.statement(after)] };
  const { header: extra, body: otherwise } = parser.braced(word, after);
  if (extra.length > 0) throw parser.source.fail('expected "{" or "if" after else', extra[0]!.start);
  return { kind: "if", test, body, otherwise };
}

/** `NAME in WORD…`, `NAME in (COMMAND…)`. */
function loopHeader(parser: Parser, first: Word, header: Word[]) {
  const [name, sign, ...words] = header;
  if (!/^[A-Za-z_]\w*$/.test(bare(name)) || bare(sign) !== "in")
    throw parser.source.fail('for needs "NAME in WORDS… { … }"', name?.start ?? first.end, "for name in a b c { … }");
  return { name: bare(name), ...parser.source.items(words) };
}

function parseRepeat(parser: Parser, first: Word, rest: Word[]): Body<"repeat"> {
  const [count, ...words] = parser.source.some(rest, first, "a number and a statement") as [Word, ...Word[]];
  const { every, words: left } = pace(parser, words);
  const what = every === undefined ? "a number and a statement" : "a statement";
  return { kind: "repeat", count, every, body: parser.body(first, left, what, true) };
}

/** `every TIME` in front of a statement. */
function pace(parser: Parser, words: Word[]): { every?: number; words: Word[] } {
  if (bare(words[0]) !== "every") return { words };
  return { every: parser.duration(words[1], "every", words[0]!), words: words.slice(2) };
}

/** `parallel [N] { STATEMENTS }`, `parallel [N] for NAME in WORD… { … }`. */
function parseParallel(parser: Parser, first: Word, rest: Word[]): Body<"parallel"> {
  const isCounted = rest[0] !== undefined && bare(rest[0]) !== "{" && bare(rest[0]) !== "for";
  const most = isCounted ? rest[0] : undefined;
  const words = isCounted ? rest.slice(1) : rest;
  if (bare(words[0]) !== "for")
    return { kind: "parallel", most, each: undefined, body: parser.apart(false, () => plainBlock(parser, first, words)).body };
  const loop = words[0]!;
  const { header, body } = parser.apart(false, () => parser.braced(loop, words.slice(1)));
  return { kind: "parallel", most, each: loopHeader(parser, loop, header), body };
}

/** `expect [TIMEOUT] @NAME { PATTERN [or PATTERN]… { … } eof { … } timeout { … } }`; undefined for any other expectation. */
function parseCases(parser: Parser, first: Word, rest: Word[]): Body<"expect-cases"> | undefined {
  const { source } = parser;
  const isTimed = /^\d/.test(bare(rest[0]));
  const [name, brace] = isTimed ? rest.slice(1) : rest;
  if (!bare(name).startsWith("@") || bare(brace) !== "{") return undefined;
  const timeout = isTimed ? parser.duration(rest[0], "expect", first) : undefined;
  const session = source.session(name, first);
  const cases: Case[] = [];
  for (const words of parser.within(rest)) {
    const { header, body } = parser.braced(words[0], words);
    const what = bare(header[0]);
    if (header.length === 1 && (what === "eof" || what === "timeout")) cases.push({ on: what, body });
    else cases.push({ on: source.patterns(header, words[0]), body });
  }
  if (cases.length === 0) throw source.fail("expect needs a case: PATTERN { … }", brace!.end);
  return { kind: "expect-cases", session, timeout, cases };
}

/** `func NAME(A, B) { … }`. */
function parseFunction(parser: Parser, first: Word, rest: Word[]): Body<"func"> {
  const { source } = parser;
  if (!parser.isOutside) throw source.fail("a function stands outside of blocks", first.start);
  const { header, body } = parser.apart(true, () => parser.braced(first, rest));
  const start = header[0]?.start ?? first.end;
  const written = source.text.slice(start, header.at(-1)?.end ?? start);
  const [, name, inner] = /^([A-Za-z_][\w-]*)\s*\(([^()]*)\)$/.exec(written) ?? [];
  if (name === undefined) throw source.fail("func needs NAME(PARAMETERS)", start, "func deploy(image, port) { … }");
  const parameters = inner!.split(",").map((each) => each.trim());
  if (parameters.length === 1 && parameters[0] === "") parameters.pop();
  const wrong = parameters.find((each, at) => !/^[A-Za-z_]\w*$/.test(each) || parameters.indexOf(each) !== at);
  if (wrong !== undefined) throw source.fail(`"${wrong}" is no name for a parameter, or there twice`, start + written.indexOf("("));
  return { kind: "func", name, parameters, body };
}
