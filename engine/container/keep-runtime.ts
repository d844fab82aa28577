/** The runtime of a container that named none. */
import type { House } from "../house.ts";
import { defaultRuntimeName } from "../runtime/select.ts";
import type { ContainerRecord } from "./record.ts";

/**
 * A container that named no runtime stays with the one that starts it: later commands, its exit command and the supervisor
 * may have another default, which would know nothing of it.
 */
export function keepRuntime(house: House, { id, host }: ContainerRecord): void {
  if (host.Runtime) return;
  host.Runtime = defaultRuntimeName(house);
  house.db.run("UPDATE containers SET host_config = json_set(host_config, '$.Runtime', ?) WHERE id = ?", host.Runtime, id);
}
