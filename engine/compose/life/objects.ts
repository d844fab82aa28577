/** Networks of a project: made where they are missing, made anew where the project says otherwise; and how networks and volumes are taken away. */
import { EngineError } from "../../errors.ts";
import type { NetworkCreate, NetworkInspect } from "../../network/index.ts";
import { label, objectLabels } from "../labels.ts";
import { networkHash } from "../print/hash.ts";
import type { Network } from "../project.ts";
import type { Observed } from "./observe.ts";
import { doing, found, type Scene } from "./scene.ts";

/** Networks that every host has by itself. */
const builtIn = new Set(["host", "none", "bridge", "default"]);

/** What is to be done for a network; "foreign": it is there, and not the project's. Pure. */
export function networkStep(
  project: string,
  network: Network,
  there: NetworkInspect | undefined,
): "keep" | "create" | "recreate" | "foreign" | "missing" {
  if (!there) return network.external ? "missing" : "create";
  if (network.external) return "keep";
  if (there.Labels[label.project] !== project) return "foreign";
  const hash = there.Labels[label.hash];
  return hash === undefined || hash === networkHash(network) ? "keep" : "recreate";
}

/** Those of the project that are the engine's business, with what is there under their names. */
export async function lookAtNetworks(
  { engine, project }: Pick<Scene, "engine" | "project">,
  observed: Observed,
): Promise<{ key: string; network: Network; there: NetworkInspect | undefined }[]> {
  const own = Object.entries(project.model.networks ?? {}).filter(([, { name }]) => !builtIn.has(name));
  return Promise.all(
    own.map(async ([key, network]) => {
      const there = observed.networks.find(({ Name }) => Name === network.name) ?? (await found(engine.networks.inspect(network.name)));
      return { key, network, there };
    }),
  );
}

export async function ensureNetworks(scene: Scene, observed: Observed): Promise<void> {
  for (const { key, network, there } of await lookAtNetworks(scene, observed)) {
    const step = networkStep(scene.project.model.name, network, there);
    if (step === "missing") throw missing("network", network.name, `berth network create ${network.name}`);
    if (step === "create") await createNetwork(scene, key, network);
    if (step === "foreign") tellForeign(scene, network, there!);
    if (there && !network.external) requireKey(there, key);
    if (step === "recreate") await recreateNetwork(scene, observed, key, network);
  }
}

export function missing(kind: string, name: string, command: string): EngineError {
  return new EngineError("not-found", `${kind} ${name} declared as external, but could not be found`, { hint: `make it: ${command}` });
}

async function createNetwork(scene: Scene, key: string, network: Network): Promise<void> {
  const { engine, project } = scene;
  await doing(scene, "Network", network.name, ["Creating", "Created"], () =>
    engine.networks.create(networkOf(project.model.name, key, network)),
  );
}

export function networkOf(project: string, key: string, network: Network): NetworkCreate {
  if (network.enable_ipv4 === false) throw new EngineError("unsupported", `network "${key}": a network without IPv4 is not supported`);
  const pools = network.ipam?.config?.map(({ subnet, gateway, ip_range, aux_addresses }) => ({
    ...(subnet !== undefined && { Subnet: subnet }),
    ...(gateway !== undefined && { Gateway: gateway }),
    ...(ip_range !== undefined && { IPRange: ip_range }),
    ...(aux_addresses !== undefined && { AuxiliaryAddresses: aux_addresses }),
  }));
  return {
    Name: network.name,
    Labels: { ...network.labels, ...objectLabels(project, "network", key), [label.hash]: networkHash(network) },
    ...(network.driver && { Driver: network.driver }),
    ...(network.internal && { Internal: true }),
    ...(network.attachable && { Attachable: true }),
    ...(network.enable_ipv6 && { EnableIPv6: true }),
    ...(network.driver_opts && { Options: network.driver_opts }),
    ...(network.ipam && { IPAM: { ...(network.ipam.driver && { Driver: network.ipam.driver }), ...(pools && { Config: pools }) } }),
  };
}

function tellForeign({ report }: Scene, network: Network, there: NetworkInspect): void {
  const owner = there.Labels[label.project];
  const whose = owner === undefined ? "was not created by compose" : `was created for project "${owner}"`;
  report({
    type: "warning",
    text: `a network with name ${network.name} exists but ${whose}. Set \`external: true\` to use an existing network`,
  });
}

/** Another project's of the same key is taken, with the warning; what was made for something else is not, as with docker compose. */
function requireKey({ Name, Labels }: NetworkInspect, key: string): void {
  const has = Labels[label.network] ?? "";
  if (has === key) return;
  throw new EngineError(
    "conflict",
    `network ${Name} was found but has incorrect label ${label.network} set to "${has}" (expected: "${key}")`,
    {
      hint: "set `external: true` to use it, or give the project's another name",
    },
  );
}

/** Its containers of the project leave it before. */
async function recreateNetwork(scene: Scene, observed: Observed, key: string, network: Network): Promise<void> {
  const { engine } = scene;
  for (const { id, name } of observed.containers.filter(({ networks }) => networks.includes(network.name))) {
    await doing(scene, "Container", name, ["Stopping", "Stopped"], () => engine.containers.stop(id));
    if (!scene.dryRun) await engine.containers.disconnect(id, network.name, { force: true });
  }
  if (!scene.dryRun)
    observed.containers = observed.containers.map((each) => ({ ...each, networks: each.networks.filter((name) => name !== network.name) }));
  await removeNetwork(scene, network.name);
  await createNetwork(scene, key, network);
}

/** One that others use stays, and it is said who they are. */
export async function removeNetwork(scene: Scene, name: string): Promise<void> {
  const { engine, report } = scene;
  const there = await found(engine.networks.inspect(name));
  if (!there) return;
  const users = Object.values(there.Containers).map(({ Name }) => Name);
  if (users.length > 0 && !scene.dryRun) {
    report({
      type: "resource",
      kind: "Network",
      name,
      status: "Resource is still in use",
      state: "warning",
      text: `by ${users.join(", ")}`,
    });
    return;
  }
  await doing(scene, "Network", name, ["Removing", "Removed"], () => engine.networks.remove(name));
}

export async function removeVolume(scene: Scene, name: string): Promise<void> {
  const { engine, report } = scene;
  if (!(await found(engine.volumes.inspect(name)))) return;
  await doing(scene, "Volume", name, ["Removing", "Removed"], async () => {
    await engine.volumes.remove(name).catch((error: unknown) => {
      if (!(error instanceof EngineError) || error.code !== "in-use") throw error;
      report({ type: "resource", kind: "Volume", name, status: "Resource is still in use", state: "warning", text: error.message });
    });
  });
}
