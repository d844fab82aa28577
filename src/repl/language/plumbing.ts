/** What a command line is joined to: `COMMAND < FILE | FILTER | PROGRAM … > FILE`. Pure. */
import { type Filter, parseFilter } from "./filters.ts";
import { bare } from "./statement.ts";
import type { Word } from "./words.ts";

/** What stands behind a |: a filter of rows, or a program of the host. */
export type Stage = { kind: "program"; words: Word[] } | { kind: "filter"; filter: Filter };

export interface Plumbing {
  /** The first command line. */
  words: Word[];
  stages: Stage[];
  input: { kind: "file" | "text"; word: Word } | undefined;
  output: { file: Word; append: boolean } | undefined;
}

/** Makes the error of a word that lacks something, or stands where it cannot. */
export type FailAt = (message: string, word: Word, suggestion?: string) => Error;

const joints = ["|", ">", ">>", "<", "<<"];

/** A line that is joined to something is taken apart once: loops run it again and again. Of others there may be very many. */
const known = new WeakMap<readonly Word[], Plumbing>();

/** Takes a command line apart. */
export function plumb(line: Word[], fail: FailAt): Plumbing {
  if (line.every((word) => !joints.includes(bare(word)))) return { words: line, stages: [], input: undefined, output: undefined };
  const plumbing = joined(line, fail);
  known.set(line, plumbing);
  return plumbing;
}

function joined(line: readonly Word[], fail: FailAt): Plumbing {
  const plumbing: Plumbing = { words: [], stages: [], input: undefined, output: undefined };
  const programs: Word[][] = [];
  let into = plumbing.words;
  for (let at = 0; at < line.length; at++) {
    const word = line[at]!;
    const joint = bare(word);
    if (!joints.includes(joint) || (into !== plumbing.words && compares(into, joint))) {
      into.push(word);
      continue;
    }
    if (into.length === 0) throw fail(`there is no command before ${joint}`, word);
    const next = line[at + 1];
    if (!next || joints.includes(bare(next))) throw fail(`${joint} needs ${joint === "|" ? "a program" : "a file"}`, word);
    if (joint === "|") {
      if (plumbing.output) throw fail("the output goes to a file: nothing is left for a program", word);
      programs.push((into = []));
      continue;
    }
    at++;
    if (joint.startsWith(">")) plumbing.output = { file: next, append: joint === ">>" };
    else if (programs.length > 0) throw fail(`${joint} belongs before |: only the first command reads it`, word);
    else plumbing.input = { kind: joint === "<" ? "file" : "text", word: next };
  }
  plumbing.stages = programs.map((words) => stageOf(words, fail));
  return plumbing;
}

/** Behind `| where .Size`, < and > compare. */
function compares(before: readonly Word[], joint: string): boolean {
  return bare(before[0]) === "where" && (joint === "<" || joint === ">") && bare(before.at(-1)).startsWith(".");
}

function stageOf(words: Word[], fail: FailAt): Stage {
  const filter = parseFilter(words, fail);
  return filter ? { kind: "filter", filter } : { kind: "program", words };
}

/** The same for a line that parsed well. */
export function plumbed(line: Word[]): Plumbing {
  return known.get(line) ?? plumb(line, (message) => new Error(message));
}
