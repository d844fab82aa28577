/** ADD as a step: remote sources each are a place of their own; all others come from the build context. */
import { isRemoteSource } from "../../dockerfile/remote-source.ts";
import type { InstructionOf } from "../../dockerfile/types.ts";
import type { SelectOptions } from "../context/index.ts";
import { readInputs } from "./inputs.ts";
import type { StageScope } from "./scope.ts";
import { step } from "./step.ts";
import { type Group, prepareTransfer } from "./transfer.ts";

export default step({
  kind: "add",
  prepare: (scope, state, instruction) =>
    prepareTransfer(scope, state, {
      keyword: "ADD",
      instruction,
      parents: false,
      groups: (select) => groupsOf(scope, instruction, select),
    }),
});

async function groupsOf(scope: StageScope, instruction: InstructionOf<"add">, select: SelectOptions): Promise<Group[]> {
  const { sources, unpack } = instruction;
  const local = async (paths: readonly string[]): Promise<Group> => {
    return { inputs: await readInputs(scope, paths, undefined, instruction, select), sources: paths, unpack: unpack ?? true };
  };
  if (!sources.some(isRemoteSource)) return [await local(sources)];
  scope.making.begin();
  const { readRemote } = await import("./remote-inputs.ts");
  const groups: Group[] = [];
  for (const source of sources) {
    if (!isRemoteSource(source)) groups.push(await local([source]));
    else {
      const inputs = await readRemote(scope, source, instruction);
      groups.push({ inputs, sources: inputs.sources, unpack: unpack ?? false });
    }
  }
  return groups;
}
