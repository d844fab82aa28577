/** A container gets another name: the networks it is on know it by the new one. */
import type { Ground } from "../../state/ground.ts";
import { lock } from "../../state/locks.ts";
import { tellNeighbours } from "../names/index.ts";
import { endpointsOf, networkById } from "../records/index.ts";
import type { NetworkRequest } from "../types.ts";

/** See attachment.ts. Aliases and the host name, equal ones too, and the short id stay. */
export async function renameOwner(ground: Ground, { owner, name, hostname }: NetworkRequest, from: string): Promise<void> {
  if (endpointsOf(ground, owner).length === 0) return;
  using _ = await lock(ground, "network");
  for (const { endpoint_id, network: id, settings } of endpointsOf(ground, owner)) {
    const kept = (settings.DNSNames ?? []).filter((each) => each !== from || each === hostname || settings.Aliases?.includes(each));
    const changed = { ...settings, DNSNames: [...new Set([name, ...kept])] };
    ground.db.update("endpoints", "endpoint_id", endpoint_id, { settings: JSON.stringify(changed) });
    const network = networkById(ground, id);
    if (network) await tellNeighbours(ground, network);
  }
}
