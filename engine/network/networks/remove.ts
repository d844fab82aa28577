/** Removes user networks that nothing is connected to, with their bridge and rules. */

import type { Filters } from "../../docker.ts";
import { EngineError } from "../../errors.ts";
import { parseMoment } from "../../instant.ts";
import { emit, emitPrune } from "../../state/events.ts";
import type { Ground } from "../../state/ground.ts";
import { lock } from "../../state/locks.ts";
import { lowerBridge } from "../attach/index.ts";
import { endpointsOn, ensurePredefined, findNetwork, type NetworkRecord, predefinedNames } from "../records/index.ts";
import { listNetworks } from "./inspect.ts";

/** @throws EngineError `not-found`, `ambiguous`, `in-use`, `conflict` (predefined) */
export async function removeNetwork(ground: Ground, ref: string): Promise<void> {
  ensurePredefined(ground);
  const network = findNetwork(ground, ref);
  const { Name, Id } = network.spec;
  if (predefinedNames.includes(Name)) throw new EngineError("conflict", `${Name} is a pre-defined network and cannot be removed`);
  using _ = await lock(ground, "network");
  const endpoints = endpointsOn(ground, Id);
  if (endpoints.length > 0) {
    const names = ground.lent.containers.namesOf(endpoints.map(({ owner }) => owner));
    const users = endpoints.map(({ owner, settings }) => ({
      name: names.get(owner) ?? owner,
      id: (settings.EndpointID ?? "").slice(0, 12),
    }));
    const active = users.map(({ name, id }) => `name:"${name}" id:"${id}"`).join(", ");
    throw new EngineError("in-use", `error while removing network: network ${Name} has active endpoints (${active})`, {
      hint: `disconnect or stop ${users.map(({ name }) => `"${name}"`).join(", ")} first`,
    });
  }
  await deleteNetwork(ground, network);
}

/** The row goes last: a crash in between leaves a network that can be removed again. */
async function deleteNetwork(ground: Ground, network: NetworkRecord): Promise<void> {
  await lowerBridge(ground, network);
  ground.db.run("DELETE FROM networks WHERE id = ?", network.spec.Id);
  emit(ground, "network", "destroy", network.spec.Id, { name: network.spec.Name, type: network.spec.Driver });
}

/**
 * Removes all user networks that nothing is connected to.
 * @throws EngineError `invalid` for other filters than `until`, `label` and `label!`
 */
export async function pruneNetworks(ground: Ground, filters: Filters = {}): Promise<{ NetworksDeleted: string[] }> {
  const unknown = Object.keys(filters).find((key) => !["until", "label", "label!"].includes(key));
  if (unknown) throw new EngineError("invalid", `invalid filter '${unknown}'`, { hint: "known filters: until, label, label!" });
  for (const text of filters["until"] ?? []) parseMoment(text);
  const doomed = await listNetworks(ground, { ...filters, dangling: ["true"] });
  using _ = await lock(ground, "network");
  const deleted: string[] = [];
  for (const { Id, Name } of doomed) {
    const isUsed = ground.db.get("SELECT 1 FROM endpoints WHERE network = ? LIMIT 1", Id); // meanwhile, by another process
    const network = isUsed ? undefined : findNetwork(ground, Id);
    if (!network) continue;
    await deleteNetwork(ground, network);
    deleted.push(Name);
  }
  if (deleted.length > 0) emitPrune(ground, "network", 0);
  return { NetworksDeleted: deleted };
}
