/** The state directory: there, writable, and holding a database this program understands. */
import { accessSync, constants } from "node:fs";
import { type Check, error, ok } from "../check.ts";

export const state: Check = {
  name: "state",
  run({ paths, db }) {
    try {
      accessSync(paths.root, constants.W_OK);
    } catch {
      return error(`${paths.root} is not writable`, `mount it read-write, or choose another directory with --root or BERTH_ROOT`);
    }
    const { quick_check: result } = db.get<{ quick_check: string }>("PRAGMA quick_check") ?? { quick_check: "no answer" };
    if (result !== "ok")
      return error(
        `${paths.db} is damaged: ${result}`,
        `stop all berth processes, then restore ${paths.db} from a backup or move ${paths.root} away`,
      );
    return ok(`${paths.root}, run directory ${paths.run}`);
  },
};
