/**
 * The Dockerfile language: text in, typed instructions out. Pure: no file is read here. Rooms above use
 * `parseDockerfile`, `expandInstruction` and the .dockerignore matcher; `--check` uses the linter in lint/.
 */
export { parseSize } from "./directives.ts";
export { type Expansion, expand } from "./expand.ts";
export { displayText, type Expanded, type ExpandInstructionOptions, expandInstruction } from "./expand-instruction.ts";
export { heredocBody } from "./heredoc.ts";
export { describe } from "./instructions/arg.ts";
export { type RunProgram, runProgram } from "./instructions/run.ts";
export { findInstruction, instructions, keywords, specOf } from "./instructions/table.ts";
export { applyFileMode, isFileMode } from "./mode.ts";
export { type ParseOptions, parseDockerfile, parseInstructions, parseTolerantly, parseTrigger } from "./parse.ts";
export { parsePorts } from "./ports.ts";
export type * from "./types.ts";
