/**
 * `network connect` and `network disconnect`: verbs of the container, as they change what it asks for at its next start,
 * under its lock. A start that goes on at the same time comes before or after, never in between.
 */
import { EngineError } from "../errors.ts";
import type { House } from "../house.ts";
import { type NetworkChange, plugNetwork, unplugNetwork } from "../network/attachment.ts";
import { ensurePredefined } from "../network/predefined.ts";
import { existsNetwork, isNetwork } from "../network/records.ts";
import { emit } from "../state/events.ts";
import { networkRequest } from "./network-request.ts";
import { type ContainerRecord, findById, findContainer, isRunning, keepContainer, lockContainer, refuseDamaged } from "./record.ts";
import type { EndpointSettings } from "./types.ts";

/** See index.ts. @throws EngineError `not-found`, `conflict`, `invalid`, `port-in-use` */
export async function connectVerb(house: House, ref: string, network: string, settings: EndpointSettings = {}): Promise<void> {
  const { id } = findContainer(house, ref);
  using _ = await lockContainer(house, id);
  const record = lockedRecord(house, id, ref);
  refuseDamaged(record);
  using change = await plugNetwork(house, networkRequest(house, record), network, settings);
  remember(house, record, change.network.Name, settings);
  keepContainer(house, id);
  announce(house, "connect", record, change);
}

/** See index.ts. @throws EngineError `not-found`, `conflict` */
export async function disconnectVerb(house: House, ref: string, network: string, options: { force?: boolean } = {}): Promise<void> {
  const { id } = findContainer(house, ref);
  using _ = await lockContainer(house, id);
  const record = lockedRecord(house, id, ref);
  ensurePredefined(house);
  if ((options.force || !isRunning(record)) && !existsNetwork(house, network)) return forgetRemoved(house, record, network);
  using change = await unplugNetwork(house, networkRequest(house, record), network);
  forget(house, record, change.network);
  keepContainer(house, id);
  announce(house, "disconnect", record, change);
}

/** Brings a connect or disconnect that was killed to one end: the container is off the network. Idempotent. */
export async function cleanEndpoint(house: House, subject: string): Promise<void> {
  const [id = "", network = ""] = subject.split(" ");
  using _ = await lockContainer(house, id);
  const record = findById(house, id);
  if (!record) return; // its endpoints went with it
  try {
    using change = await unplugNetwork(house, networkRequest(house, record), network);
    forget(house, record, change.network);
  } catch (error) {
    if (!(error instanceof EngineError) || error.code !== "not-found") throw error;
  }
}

function lockedRecord(house: House, id: string, ref: string): ContainerRecord {
  const record = findById(house, id);
  if (!record || record.status === "removing") throw new EngineError("not-found", `No such container: ${ref}`);
  return record;
}

function announce(house: House, action: string, { id }: ContainerRecord, { network: { Id, Name, Driver } }: NetworkChange): void {
  emit(house, "network", action, Id, { container: id, name: Name, type: Driver });
}

/** A network that was removed while the container did not run: its name stayed in what the container asks for. */
function forgetRemoved(house: House, record: ContainerRecord, ref: string): void {
  if (ref !== record.host.NetworkMode && !(ref in record.networking))
    throw new EngineError("not-found", `container ${record.id} is not connected to the network ${ref}`);
  forget(house, record, { Id: "", Name: ref });
}

/** Adds a network to what the container asks for; for one that is adrift ("none" keeps the place), it is that of its mode. */
function remember(house: House, record: ContainerRecord, network: string, settings: EndpointSettings): void {
  if (isAdrift(record)) write(house, record, { [network]: settings }, network);
  else write(house, record, { ...record.networking, [network]: settings });
}

const isAdrift = ({ host, networking }: ContainerRecord) => host.NetworkMode === "none" && "none" in networking;

/**
 * Takes a network out of what the container asks for. The network of its mode cannot simply be dropped: another one that
 * it is connected to takes its place, or "none".
 */
function forget(house: House, record: ContainerRecord, { Id, Name }: Pick<NetworkChange["network"], "Id" | "Name">): void {
  const isIt = (ref: string) => ref === Name || isNetwork(house, ref, Id);
  const rest = Object.fromEntries(Object.entries(record.networking).filter(([ref]) => !isIt(ref)));
  const [next] = Object.keys(rest);
  if (!isIt(record.host.NetworkMode || "bridge")) write(house, record, rest);
  else write(house, record, next ? rest : { none: {} }, next ?? "none");
}

function write(house: House, { id, host }: ContainerRecord, networking: Record<string, EndpointSettings>, mode?: string): void {
  const changes: Record<string, string> = { networking: JSON.stringify(networking) };
  if (mode) changes["host_config"] = JSON.stringify({ ...host, NetworkMode: mode });
  house.db.update("containers", "id", id, changes);
}
