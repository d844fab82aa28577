/** COPY as a step: all sources come from one place, the build context or what `--from` says. */
import { isGitSource, isRemoteSource } from "../../dockerfile/remote-source.ts";
import { EngineError } from "../../errors.ts";
import { readInputs } from "./inputs.ts";
import { step } from "./step.ts";
import { prepareTransfer } from "./transfer.ts";

export default step({
  kind: "copy",
  prepare: (scope, state, instruction) =>
    prepareTransfer(scope, state, {
      keyword: "COPY",
      instruction,
      parents: instruction.parents,
      async groups(select) {
        const { from, sources } = instruction;
        if (from === undefined) refuseRemote(sources);
        return [{ inputs: await readInputs(scope, sources, from, instruction, select), sources, unpack: false }];
      },
    }),
});

/** What only ADD can fetch. */
function refuseRemote(sources: readonly string[]): void {
  const source = sources.find(isRemoteSource);
  if (source === undefined) return;
  const kind = isGitSource(source) ? "git ref" : "URL";
  throw new EngineError("dockerfile", `source can't be a ${kind} for COPY`, { hint: "write ADD instead", details: { source } });
}
