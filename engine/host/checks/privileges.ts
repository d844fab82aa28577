/** Mounts, namespaces and firewall tables need root; rootless operation is not there yet. */
import { type Check, error, ok } from "../check.ts";

export const privileges: Check = {
  name: "privileges",
  run() {
    const uid = process.getuid?.() ?? 0;
    return uid === 0 ? ok("running as root") : error(`running as user ${uid}: containers need root`, "run berth with sudo");
  },
};
