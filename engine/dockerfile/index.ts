/**
 * The Dockerfile language: text in, typed instructions out. Pure: no file is read here. Rooms above use
 * `parseDockerfile`, `expandInstruction` and the .dockerignore matcher; `--check` uses the linter in lint/.
 */

export { expand } from "./expand.ts";
export { displayText, expandInstruction } from "./expand-instruction.ts";

export { describe } from "./instructions/arg.ts";
export { runProgram } from "./instructions/run.ts";
export { findInstruction, instructions, keywords, specOf } from "./instructions/table.ts";

export { parseDockerfile, parseInstructions, parseTolerantly, parseTrigger } from "./parse.ts";

export type * from "./types.ts";
