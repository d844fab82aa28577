/** What a table entry says about an instruction in a build, beyond what its own record (engine/dockerfile/instructions/) does. */
import type { InstructionKind, InstructionOf } from "../../dockerfile/types.ts";
import type { StageState } from "../plan/index.ts";
import type { BuildScope, PreparedStep, StageScope } from "./scope.ts";

/** One that changes what the stage sees, and no files. */
export interface Declaration<K extends InstructionKind> {
  kind: K;
  /** Changes the state and records it. */
  declare(scope: BuildScope, state: StageState, instruction: InstructionOf<K>): void;
}

/** One that progress shows and numbers, and that may make a layer. */
export interface Step<K extends InstructionKind> {
  kind: K;
  /** What progress calls it; absent: its text with the stage's variables filled in. */
  title?(scope: BuildScope, state: StageState, instruction: InstructionOf<K>): string;
  /** Makes it ready without running it; undefined when there is nothing to make. */
  prepare(scope: StageScope, state: StageState, instruction: InstructionOf<K>): PreparedStep | undefined | Promise<PreparedStep>;
}

/** Identity with inference: `export default step({ kind: "run", … })`. */
export function step<K extends InstructionKind, S extends Step<K> | Declaration<K>>(entry: S & { kind: K }): S {
  return entry;
}
