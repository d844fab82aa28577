/** What a server does while nobody asks: it gives memory back. */
import { leaveFreed, leaveProgramPages } from "../sys/program-pages.ts";

let collect: ((options: object) => void) | undefined;

/** V8 leaves what it does not need any more where it is, as long as nothing happens. */
export function rest(): void {
  if (!collect) {
    process.getBuiltinModule("node:v8").setFlagsFromString("--expose-gc");
    collect = process.getBuiltinModule("node:vm").runInNewContext("gc") as (options: object) => void;
  }
  collect({ type: "major", execution: "sync", flavor: "last-resort" });
  leaveFreed();
  leaveProgramPages();
}
