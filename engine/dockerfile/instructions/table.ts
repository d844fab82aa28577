/** The instructions of the language. test/engine/dockerfile/instructions.test.ts checks that each entry is complete. */
import type { InstructionKind } from "../types.ts";
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

export const instructions: { readonly [K in InstructionKind]: InstructionSpec<K> } = {
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

/** The entry for a keyword in any case; undefined when there is none. */
export function findInstruction(keyword: string): InstructionSpec | undefined {
  const kind = keyword.toLowerCase();
  return Object.hasOwn(instructions, kind) ? (instructions[kind as InstructionKind] as unknown as InstructionSpec) : undefined;
}

export const keywords: readonly string[] = Object.values(instructions).map((spec) => spec.keyword);
