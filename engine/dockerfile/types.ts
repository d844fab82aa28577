/**
 * What a parsed Dockerfile is: plain data, every flag typed, a location on everything. Values are as written (quotes kept
 * where the instruction expands words); `expandInstruction` in expand-instruction.ts turns them into what the builder
 * executes. What an instruction is stands with it in instructions/.
 */
import type { SourceLocation } from "../errors.ts";
import type { BerthDirectives } from "./berth-directives.ts";
import type { Directives } from "./directives.ts";
import type { ArgInstruction } from "./instructions/arg.ts";
import type { FromInstruction } from "./instructions/from.ts";
import type { Instruction } from "./instructions/table.ts";

export type { BerthDirective, BerthDirectives, SecurityDefaults } from "./berth-directives.ts";
export type { Directive, Directives } from "./directives.ts";
export type { Variables } from "./expand.ts";
export type { Heredoc } from "./heredoc.ts";
export type { BindMount, CacheMount, RunMount, SecretMount, SshMount, TmpfsMount } from "./instructions/mount.ts";
export type { AnyInstruction, Instruction, InstructionKind, InstructionOf } from "./instructions/table.ts";
export type { InlineFile } from "./instructions/transfer.ts";
export type { InstructionBase } from "./statement.ts";

/** A whole Dockerfile. */
export interface Dockerfile {
  /** As given by the caller; only used in locations. */
  file: string;
  source: string;
  directives: Directives;
  /** ARG instructions before the first FROM: visible to FROM lines only, unless a stage redeclares them. */
  metaArgs: ArgInstruction[];
  /** At least one. */
  stages: Stage[];
  /** What the parser itself found odd (BuildKit reports these on every build). */
  warnings: ParserWarning[];
  /** `# berth:…` comment directives; docker ignores them. */
  berth: BerthDirectives;
}

export interface ParserWarning {
  /** Lint rule of the same meaning: NoEmptyContinuation. */
  rule: string;
  message: string;
  url: string;
  location: SourceLocation;
}

/** One build stage: a FROM and what follows it. */
export interface Stage {
  /** Lower-cased name after AS; undefined when the stage has none. */
  name?: string;
  /** Position in the file, from 0; `COPY --from=0` refers to it. */
  index: number;
  from: FromInstruction;
  instructions: Instruction[];
  /** From FROM to the last line of the last instruction. */
  location: SourceLocation;
}
