/** What a program does that waits for a long time: it gives memory back. */
import { leaveFreed, leaveProgramPages } from "./program-pages.ts";

let collect: ((options: object) => void) | undefined;

/**
 * V8 leaves what it does not need any more where it is, as long as nothing happens.
 * @param isForLong give compiled code back, too: what is asked for next is compiled anew
 */
export function rest(isForLong = true): void {
  if (!collect) {
    process.getBuiltinModule("node:v8").setFlagsFromString("--expose-gc");
    collect = process.getBuiltinModule("node:vm").runInNewContext("gc") as (options: object) => void;
  }
  collect({ type: "major", execution: "sync", flavor: isForLong ? "last-resort" : "regular" });
  leaveFreed();
  leaveProgramPages();
}
