/** A container gets another name: the networks it is on know it by the new one. */
import type { House } from "../house.ts";
import { lock } from "../state/locks.ts";
import type { NetworkRequest } from "./attachment.ts";
import { tellNeighbours } from "./links.ts";
import { endpointsOf, networkById } from "./records.ts";

/** See attachment.ts. Aliases and the host name, equal ones too, and the short id stay. */
export async function renameOwner(house: House, { owner, name, hostname }: NetworkRequest, from: string): Promise<void> {
  if (endpointsOf(house, owner).length === 0) return;
  using _ = await lock(house, "network");
  for (const { endpoint_id, network: id, settings } of endpointsOf(house, owner)) {
    const kept = (settings.DNSNames ?? []).filter((each) => each !== from || each === hostname || settings.Aliases?.includes(each));
    const changed = { ...settings, DNSNames: [...new Set([name, ...kept])] };
    house.db.update("endpoints", "endpoint_id", endpoint_id, { settings: JSON.stringify(changed) });
    const network = networkById(house, id);
    if (network) await tellNeighbours(house, network);
  }
}
