/** The runtime of a container that named none. */

import { defaultRuntimeName } from "../../runtime/select.ts";
import type { Ground } from "../../state/ground.ts";
import type { ContainerRecord } from "../record/index.ts";

/**
 * A container that named no runtime stays with the one that starts it: later commands, its exit command and the supervisor
 * may have another default, which would know nothing of it.
 */
export function keepRuntime(ground: Ground, { id, host }: ContainerRecord): void {
  if (host.Runtime) return;
  host.Runtime = defaultRuntimeName(ground);
  ground.db.run("UPDATE containers SET host_config = json_set(host_config, '$.Runtime', ?) WHERE id = ?", host.Runtime, id);
}
