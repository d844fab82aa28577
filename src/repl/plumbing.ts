/** What a command line is joined to: `COMMAND < FILE | PROGRAM … > FILE`. Pure. */
import { bare } from "./statement.ts";
import type { Word } from "./words.ts";

export interface Plumbing {
  /** The first command line. */
  words: Word[];
  /** Programs of the host that read what the one before writes. */
  programs: Word[][];
  input: { kind: "file" | "text"; word: Word } | undefined;
  output: { file: Word; append: boolean } | undefined;
}

const joints = ["|", ">", ">>", "<", "<<"];

/** Is it joined to anything, or a program of the host? Else the command has the terminal to itself. */
export function isPlumbed({ words, programs, input, output }: Plumbing): boolean {
  return programs.length > 0 || input !== undefined || output !== undefined || bare(words[0]) === "!";
}

/**
 * Takes a command line apart.
 * @param fail makes the error of a joint that lacks something, or that stands where it cannot
 */
export function plumb(line: readonly Word[], fail: (message: string, word: Word) => Error): Plumbing {
  const plumbing: Plumbing = {
    words: [],
    programs: [],
    input: undefined,
    output: undefined,
  };
  let into = plumbing.words;
  for (let at = 0; at < line.length; at++) {
    const word = line[at]!;
    const joint = bare(word);
    if (!joints.includes(joint)) {
      into.push(word);
      continue;
    }
    if (into.length === 0) throw fail(`there is no command before ${joint}`, word);
    const next = line[at + 1];
    if (!next || joints.includes(bare(next))) throw fail(`${joint} needs ${joint === "|" ? "a program" : "a file"}`, word);
    if (joint === "|") {
      if (plumbing.output) throw fail("the output goes to a file: nothing is left for a program", word);
      plumbing.programs.push((into = []));
      continue;
    }
    at++;
    if (joint.startsWith(">")) plumbing.output = { file: next, append: joint === ">>" };
    else if (plumbing.programs.length > 0) throw fail(`${joint} belongs before |: only the first command reads it`, word);
    else plumbing.input = { kind: joint === "<" ? "file" : "text", word: next };
  }
  return plumbing;
}
