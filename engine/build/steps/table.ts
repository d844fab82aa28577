/**
 * The instructions that need the build's rooms. All others only configure the image, which their own records do. A test
 * checks that each instruction is one or the other.
 */
import type { Instruction, InstructionKind } from "../../dockerfile/types.ts";
import add from "./add.ts";
import arg from "./arg.ts";
import copy from "./copy.ts";
import run from "./run.ts";
import type { Declaration, Step } from "./step.ts";
import workdir from "./workdir.ts";

export const steps = { arg, run, copy, add, workdir };

/** The entry of an instruction; undefined for one that only configures. */
export function stepOf({ kind }: Instruction): Step<InstructionKind> | Declaration<InstructionKind> | undefined {
  return Object.hasOwn(steps, kind) ? (steps[kind as keyof typeof steps] as Step<InstructionKind>) : undefined;
}

/** True for the instructions that progress shows and numbers. */
export function isStep(instruction: Instruction): boolean {
  const found = stepOf(instruction);
  return found !== undefined && "prepare" in found;
}
