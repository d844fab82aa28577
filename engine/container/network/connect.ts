/**
 * `network connect` and `network disconnect`: verbs of the container, as they change what it asks for at its next start,
 * under its lock. A start that goes on at the same time comes before or after, never in between.
 */

import type { EndpointSettings } from "../../docker.ts";
import { EngineError } from "../../errors.ts";
import { plugNetwork, unplugNetwork } from "../../network/attachment.ts";
import { ensurePredefined, existsNetwork, isNetwork } from "../../network/records/index.ts";
import type { NetworkChange } from "../../network/types.ts";
import { emit } from "../../state/events.ts";
import type { Ground } from "../../state/ground.ts";
import { type ContainerRecord, findById, findContainer, isRunning, keepContainer, lockContainer, refuseDamaged } from "../record/index.ts";
import { networkRequest } from "./network-request.ts";

/** See index.ts. @throws EngineError `not-found`, `conflict`, `invalid`, `port-in-use` */
export async function connectContainer(ground: Ground, ref: string, network: string, settings: EndpointSettings = {}): Promise<void> {
  const { id } = findContainer(ground, ref);
  using _ = await lockContainer(ground, id);
  const record = lockedRecord(ground, id, ref);
  refuseDamaged(record);
  using change = await plugNetwork(ground, networkRequest(ground, record), network, settings);
  remember(ground, record, change.network.Name, settings);
  keepContainer(ground, id);
  announce(ground, "connect", record, change);
}

/** See index.ts. @throws EngineError `not-found`, `conflict` */
export async function disconnectContainer(ground: Ground, ref: string, network: string, options: { force?: boolean } = {}): Promise<void> {
  const { id } = findContainer(ground, ref);
  using _ = await lockContainer(ground, id);
  const record = lockedRecord(ground, id, ref);
  ensurePredefined(ground);
  if ((options.force || !isRunning(record)) && !existsNetwork(ground, network)) return forgetRemoved(ground, record, network);
  using change = await unplugNetwork(ground, networkRequest(ground, record), network);
  forget(ground, record, change.network);
  keepContainer(ground, id);
  announce(ground, "disconnect", record, change);
}

/** Brings a connect or disconnect that was killed to one end: the container is off the network. Idempotent. */
export async function cleanEndpoint(ground: Ground, subject: string): Promise<void> {
  const [id = "", network = ""] = subject.split(" ");
  using _ = await lockContainer(ground, id);
  const record = findById(ground, id);
  if (!record) return; // its endpoints went with it
  try {
    using change = await unplugNetwork(ground, networkRequest(ground, record), network);
    forget(ground, record, change.network);
  } catch (error) {
    if (!(error instanceof EngineError) || error.code !== "not-found") throw error;
  }
}

function lockedRecord(ground: Ground, id: string, ref: string): ContainerRecord {
  const record = findById(ground, id);
  if (!record || record.status === "removing") throw new EngineError("not-found", `No such container: ${ref}`);
  return record;
}

function announce(ground: Ground, action: string, { id }: ContainerRecord, { network: { Id, Name, Driver } }: NetworkChange): void {
  emit(ground, "network", action, Id, { container: id, name: Name, type: Driver });
}

/** A network that was removed while the container did not run: its name stayed in what the container asks for. */
function forgetRemoved(ground: Ground, record: ContainerRecord, ref: string): void {
  if (ref !== record.host.NetworkMode && !(ref in record.networking))
    throw new EngineError("not-found", `container ${record.id} is not connected to the network ${ref}`);
  forget(ground, record, { Id: "", Name: ref });
}

/** Adds a network to what the container asks for; one that was taken off all its networks (see `forget`) gets it as its mode. */
function remember(ground: Ground, record: ContainerRecord, network: string, settings: EndpointSettings): void {
  if (isAdrift(record)) write(ground, record, { [network]: settings }, network);
  else write(ground, record, { ...record.networking, [network]: settings });
}

const isAdrift = ({ host, networking }: ContainerRecord) => host.NetworkMode === "none" && "none" in networking;

/**
 * Takes a network out of what the container asks for. The network of its mode cannot simply be dropped: another one that
 * it is connected to takes its place, or "none".
 */
function forget(ground: Ground, record: ContainerRecord, { Id, Name }: Pick<NetworkChange["network"], "Id" | "Name">): void {
  const isIt = (ref: string) => ref === Name || isNetwork(ground, ref, Id);
  const rest = Object.fromEntries(Object.entries(record.networking).filter(([ref]) => !isIt(ref)));
  const [next] = Object.keys(rest);
  if (!isIt(record.host.NetworkMode || "bridge")) write(ground, record, rest);
  else write(ground, record, next ? rest : { none: {} }, next ?? "none");
}

function write(ground: Ground, { id, host }: ContainerRecord, networking: Record<string, EndpointSettings>, mode?: string): void {
  const changes: Record<string, string> = { networking: JSON.stringify(networking) };
  if (mode) changes["host_config"] = JSON.stringify({ ...host, NetworkMode: mode });
  ground.db.update("containers", "id", id, changes);
}
