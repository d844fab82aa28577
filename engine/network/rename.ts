/** A container gets another name: the networks it is on know it by the new one. */
import type { House } from "../house.ts";
import { lock } from "../state/locks.ts";
import { writeNames } from "./dns.ts";
import { memberByRef } from "./member.ts";
import { endpointsOf, networkById } from "./records.ts";

/** See attachment.ts. Aliases and the host name, equal ones too, and the short id stay. */
export async function renameOwner(house: House, owner: string, from: string, to: string): Promise<void> {
  if (endpointsOf(house, owner).length === 0) return;
  const { config } = memberByRef(house, owner);
  using _ = await lock(house, "network");
  for (const { endpoint_id, network: id, settings } of endpointsOf(house, owner)) {
    const kept = (settings.DNSNames ?? []).filter((name) => name !== from || name === config.Hostname || settings.Aliases?.includes(name));
    const changed = { ...settings, DNSNames: [...new Set([to, ...kept])] };
    house.db.update("endpoints", "endpoint_id", endpoint_id, { settings: JSON.stringify(changed) });
    const network = networkById(house, id);
    if (network) await writeNames(house, network);
  }
}
