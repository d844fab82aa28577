/** What this machine cannot do, by verb, before it is tried; the rooms' own messages say the same when it is. */
import { noProcessStatus } from "../container/view/index.ts";
import { findProgram } from "../process/spawn.ts";
import { noConmon } from "../runtime/conmon.ts";
import { whyNoFreezer } from "../runtime/freezer.ts";

/** What the answer depends on. */
export interface Machine {
  freezer: string | undefined;
  hasProgram(name: string): boolean;
}

const thisMachine = (): Machine => ({ freezer: whyNoFreezer(), hasProgram: (name) => findProgram(name) !== undefined });

/** The verbs that do not work, with the reason. */
export function hostLimits({ freezer, hasProgram }: Machine = thisMachine()) {
  return {
    ...(freezer && { "containers.pause": freezer, "containers.unpause": freezer }),
    ...(!hasProgram("ps") && { "containers.top": noProcessStatus }),
    // `run` in the foreground needs no monitor.
    ...(!hasProgram("conmon") && { "containers.start": noConmon, "containers.restart": noConmon }),
  };
}
