/**
 * The instructions of the language. test/engine/dockerfile/instructions.test.ts checks that each entry is complete,
 * and that each file of an instruction is here.
 */
import add from "./add.ts";
import arg from "./arg.ts";
import cmd from "./cmd.ts";
import copy from "./copy.ts";
import entrypoint from "./entrypoint.ts";
import env from "./env.ts";
import expose from "./expose.ts";
import from from "./from.ts";
import healthcheck from "./healthcheck.ts";
import type { InstructionSpec } from "./instruction.ts";
import label from "./label.ts";
import maintainer from "./maintainer.ts";
import onbuild from "./onbuild.ts";
import run from "./run.ts";
import shell from "./shell.ts";
import stopsignal from "./stopsignal.ts";
import user from "./user.ts";
import volume from "./volume.ts";
import workdir from "./workdir.ts";

export const instructions = {
  from,
  arg,
  run,
  copy,
  add,
  env,
  workdir,
  user,
  entrypoint,
  cmd,
  expose,
  volume,
  label,
  healthcheck,
  shell,
  stopsignal,
  onbuild,
  maintainer,
};

type Table = typeof instructions;

export type InstructionKind = keyof Table;

/** The instruction of a kind. */
export type InstructionOf<K extends InstructionKind> = Table[K] extends InstructionSpec<infer I> ? I : never;

export type AnyInstruction = { [K in InstructionKind]: InstructionOf<K> }[InstructionKind];

/** What can stand inside a stage. */
export type Instruction = Exclude<AnyInstruction, { kind: "from" }>;

/** The entry of an instruction. */
export function specOf<I extends AnyInstruction>({ kind }: I): InstructionSpec<I> {
  return instructions[kind] as unknown as InstructionSpec<I>;
}

/** The entry for a keyword in any case; undefined when there is none. */
export function findInstruction(keyword: string): InstructionSpec | undefined {
  const kind = keyword.toLowerCase();
  return Object.hasOwn(instructions, kind) ? (instructions[kind as InstructionKind] as InstructionSpec) : undefined;
}

export const keywords: readonly string[] = Object.values(instructions).map((spec) => spec.keyword);
