/**
 * The beginning of a container's network: the namespace that a runtime is given. The rest (connect.ts) is loaded, and done, while that
 * makes the container.
 */
import { join } from "node:path";
import { EngineError } from "../../errors.ts";
import type { Ground } from "../../state/ground.ts";
import { makeNamespace, removeNamespace } from "../kernel/index.ts";
import { hasPredefined } from "../records/index.ts";
import type { BegunAttachment, NetworkRequest } from "../types.ts";
import { hasTraces } from "./traces.ts";
import { namespaceSettings, needsIpv6, wantedNetworks } from "./wanted.ts";

const connecting = () => import("./connect.ts");

/** See attachment.ts. The namespace comes first: what is set in it must be there before any interface, or a runtime, comes in. */
export async function begin(ground: Ground, request: NetworkRequest): Promise<BegunAttachment> {
  if (!/^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$/.test(request.owner))
    throw new EngineError("internal", `not an owner's id: ${JSON.stringify(request.owner)}`);
  if (request.mode.startsWith("container:")) return joinNamespace(ground, request);
  if (!hasPredefined(ground)) (await import("../records/predefined.ts")).ensurePredefined(ground);
  const networks = wantedNetworks(ground, request);
  const first = networks[0]?.network.spec;
  if (first?.Driver === "host") return { connect: async () => (await connecting()).shareHost(ground, request, first.Id) };
  if (hasTraces(ground, request.owner)) await (await import("./detach.ts")).detach(ground, request.owner); // an earlier life of the container left them
  const netns = join(ground.paths.netns, request.owner);
  try {
    makeNamespace(netns, namespaceSettings(networks.some(needsIpv6)));
  } catch (error) {
    removeNamespace(netns);
    throw error;
  }
  return { netns, connect: async () => (await connecting()).connect(ground, request, netns) };
}

/** "container:ID": the other's namespace and its files. */
function joinNamespace(ground: Ground, request: NetworkRequest): BegunAttachment {
  const netns = request.containerNetns?.path;
  if (!netns) throw new EngineError("internal", `no network namespace was given for mode "${request.mode}"`);
  return { netns, connect: async () => (await connecting()).sharedWith(ground, request, netns) };
}
