/** A Dockerfile's text to stages of typed instructions: the order in which the layers of the language are applied. */
import { EngineError, type SourceLocation } from "../errors.ts";
import { readBerthDirective } from "./berth-directives.ts";
import { readDirectives } from "./directives.ts";
import { parseFlags } from "./flags.ts";
import { findHeredocs, type Heredoc } from "./heredoc.ts";
import type { InstructionSpec } from "./instructions/instruction.ts";
import type { OnbuildInstruction } from "./instructions/onbuild.ts";
import { findInstruction } from "./instructions/table.ts";
import { type LineReader, type LogicalLine, locateOffset, readLines } from "./lines.ts";
import { fail, locate, readSource, type Source } from "./source.ts";
import { trimSpace } from "./space.ts";
import { parseStatement, type Statement, type StatementContext } from "./statement.ts";
import type { AnyInstruction, Directives, Dockerfile, Instruction, Stage } from "./types.ts";
import { suggestInstruction } from "./unknown-instruction.ts";
import { splitKeyword } from "./words.ts";

export interface ParseOptions {
  /** Name used in locations. */
  file: string;
}

/**
 * Parses a whole Dockerfile.
 * @throws EngineError "dockerfile", located, for everything that BuildKit rejects before a build begins
 */
export function parseDockerfile(source: string, options: ParseOptions): Dockerfile {
  const { dockerfile, error } = parseTolerantly(source, options);
  if (error) throw error;
  return dockerfile;
}

/** As `parseDockerfile`, but gives what was read before the first error beside the error: linting goes that far. */
export function parseTolerantly(text: string, { file }: ParseOptions): { dockerfile: Dockerfile; error?: EngineError } {
  const dockerfile: Dockerfile = { file, source: text, directives: { escape: "\\" }, metaArgs: [], stages: [], warnings: [], berth: {} };
  try {
    readAll(dockerfile);
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    return { dockerfile, error };
  }
  return { dockerfile };
}

function readAll(dockerfile: Dockerfile): void {
  const source = readSource(dockerfile.source, dockerfile.file);
  if (dockerfile.source === "") fail("the Dockerfile cannot be empty", locate(source, 1));
  const { directives, lines } = readDirectives(source);
  dockerfile.directives = directives;
  const reader = readLines(source, {
    escape: directives.escape,
    directiveLines: lines,
    onComment: (comment) => readBerthDirective(source, comment, dockerfile.berth),
  });
  let any = false;
  for (let line = reader.next(); line; line = reader.next()) {
    any = true;
    warnEmptyContinuation(dockerfile, source, line);
    place(dockerfile, readInstruction(source, reader, line, directives.escape));
  }
  if (!any) fail("file with no instructions", locate(source, Math.max(1, reader.line)), { hint: "begin with FROM" });
  if (dockerfile.stages.length === 0) {
    fail("dockerfile contains no stages to build", dockerfile.metaArgs.at(-1)!.location, { hint: "add a FROM" });
  }
}

/**
 * Instructions without stages around them, as `--change` of commit and import has them.
 * @throws EngineError "dockerfile", located
 */
export function parseInstructions(text: string, { file }: ParseOptions): { instructions: AnyInstruction[]; escape: Directives["escape"] } {
  const source = readSource(text, file);
  const { directives, lines } = readDirectives(source);
  const reader = readLines(source, { escape: directives.escape, directiveLines: lines });
  const instructions: AnyInstruction[] = [];
  for (let line = reader.next(); line; line = reader.next()) instructions.push(readInstruction(source, reader, line, directives.escape));
  return { instructions, escape: directives.escape };
}

function warnEmptyContinuation(dockerfile: Dockerfile, source: Source, line: LogicalLine): void {
  if (!line.hasEmptyContinuation) return;
  dockerfile.warnings.push({
    rule: "NoEmptyContinuation",
    message: "Empty continuation line",
    url: "https://docs.docker.com/go/dockerfile/rule/no-empty-continuation/",
    // BuildKit names the line on which the instruction ends.
    location: locate(source, line.endLine),
  });
}

/** Puts an instruction where it belongs: before the stages, into the last one, or as a new one. */
function place(dockerfile: Dockerfile, instruction: AnyInstruction): void {
  const { stages, metaArgs } = dockerfile;
  if (instruction.kind === "from") {
    stages.push({ name: instruction.as, index: stages.length, from: instruction, instructions: [], location: instruction.location });
    return;
  }
  const stage = stages.at(-1);
  if (stage) {
    append(stage, instruction);
    return;
  }
  if (instruction.kind === "arg") {
    metaArgs.push(instruction);
    return;
  }
  const keyword = instruction.keyword.toUpperCase();
  fail(`no build stage in current context: ${keyword} needs a FROM before it`, instruction.location, {
    hint: "begin with FROM; only ARG may stand before it",
  });
}

function append(stage: Stage, instruction: Instruction): void {
  stage.instructions.push(instruction);
  stage.location = { ...stage.location, endLine: instruction.location.endLine ?? instruction.location.line };
}

function readInstruction(source: Source, reader: LineReader, line: LogicalLine, escapeToken: string): AnyInstruction {
  refuseNul(source, line);
  const context: StatementContext = { source, line, escape: escapeToken, specOf: findInstruction };
  const statement = parseStatement({ text: line.text, offset: 0 }, context);
  const spec = findInstruction(statement.keyword.text);
  if (spec && spec.heredocs !== "files") refuseStrayBytes(line.text, (at) => locateOffset(source, line, at));
  if (spec?.heredocs) readHeredocs(reader, line, context, statement, spec);
  if (!spec) return failUnknown(statement, source);
  const instruction = spec.parse(
    statement,
    parseFlags(spec.ignoresFlags?.(statement) ? { ...statement, flags: [] } : statement, spec.flags),
  ) as AnyInstruction;
  if (instruction.kind === "onbuild") readTrigger(instruction, statement, context);
  return instruction;
}

/** No path, variable or argument can hold one; the commonest cause is a file that is not UTF-8. */
function refuseNul(source: Source, line: LogicalLine): void {
  const at = line.text.indexOf("\0");
  if (at < 0) return;
  fail("an instruction cannot have a NUL character in it", locateOffset(source, line, at), {
    hint: "save the Dockerfile as UTF-8 without NUL characters",
  });
}

/**
 * Bytes that are not UTF-8 are lone surrogates here (image/tar/names.ts), and names and contents of copied files keep them.
 * What an image's config or a runtime is told is JSON, which has no such bytes; BuildKit fails on them, too.
 */
function refuseStrayBytes(text: string, locationOf: (at: number) => SourceLocation): void {
  if (text.isWellFormed()) return;
  fail(
    "only names and contents of files that COPY and ADD bring may have bytes that are not UTF-8",
    locationOf(text.search(loneSurrogate)),
    {
      hint: "save the Dockerfile as UTF-8",
    },
  );
}

const loneSurrogate = /\p{Surrogate}/u;

function failUnknown(statement: Statement, source: Source): never {
  const { keyword, base } = statement;
  const suggestion = suggestInstruction(keyword.text, trimSpace(base.original.slice(keyword.text.length)));
  const before = source.lines[base.location.line - 2]?.text ?? "";
  // The commonest way to an unknown instruction that looks like none: a command that goes on without a continuation.
  const goesOn = /(?:&&|[|;,])$/.test(before.trimEnd()) || (suggestion === undefined && base.location.column > 1);
  const hint = goesOn ? "if this line goes on with the one before it, end that one with the escape character" : undefined;
  return statement.fail(`unknown instruction ${JSON.stringify(keyword.text)}`, keyword, { suggestion, hint });
}

/** Reads the bodies that the line opens and extends the instruction over them. JSON arguments open none. */
function readHeredocs(reader: LineReader, line: LogicalLine, context: StatementContext, statement: Statement, spec: InstructionSpec): void {
  if (!line.text.includes("<<")) return;
  const carrier = spec.heredocs === "of-trigger" ? parseStatement(statement.rest, context) : statement;
  const kind = findInstruction(carrier.keyword.text)?.heredocs;
  if (carrier.json || !kind) return;
  for (const word of findHeredocs(line.text)) {
    const { content, location } = reader.readHeredoc(word.name, word.chomp, statement.base.location);
    if (kind === "commands" && content.includes("\0")) fail("a command cannot have a NUL character in it", location);
    if (kind === "commands") refuseStrayBytes(content, () => location);
    statement.heredocs.push({ ...word, content, location } satisfies Heredoc);
  }
  const endLine = reader.line;
  if (endLine > line.endLine) statement.base.location = { ...statement.base.location, endLine };
}

/**
 * Parses what follows ONBUILD. BuildKit keeps the text and parses it when it runs, so a bad trigger is no error here;
 * its syntax at the level of words, which it does look at, is.
 */
function readTrigger(onbuild: OnbuildInstruction, statement: Statement, context: StatementContext): void {
  // Only for its errors: the trigger is read from the text that images keep.
  parseStatement(statement.rest, context);
  try {
    const { trigger } = parseTrigger(onbuild.expression, { file: context.source.file, escape: context.escape });
    const heredocs = trigger.kind === "run" ? { heredocs: statement.heredocs } : {};
    onbuild.trigger = { ...trigger, ...heredocs, location: onbuild.location };
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    onbuild.triggerError = error.message;
  }
}

/**
 * Parses the text of one trigger, as an image's configuration holds it.
 * @param options.file what to call the text in errors, for instance the image's name
 * @throws EngineError located in the trigger's own text
 */
export function parseTrigger(text: string, options: { file: string; escape?: string }): { trigger: Instruction } {
  const source = readSource(text, options.file);
  const escapeToken = options.escape ?? "\\";
  const reader = readLines(source, { escape: escapeToken, directiveLines: new Set() });
  const line = reader.next();
  if (!line) return fail("onbuild trigger should be a single expression", locate(source, 1));
  const { keyword } = splitKeyword({ text: line.text, offset: 0 });
  const spec = findInstruction(keyword.text);
  if (spec?.notATrigger) fail(`${spec.keyword} isn't allowed as an ONBUILD trigger`, locate(source, line.line));
  const trigger = readInstruction(source, reader, line, escapeToken) as Instruction;
  const more = reader.next();
  if (more) fail("onbuild trigger should be a single expression", locate(source, more.line));
  return { trigger };
}
