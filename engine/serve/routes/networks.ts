/** Networks, and the containers on them. */
import { EngineError } from "../../errors.ts";
import type { NetworkCreate, NetworkInspect } from "../../network/index.ts";
import { predefinedNames } from "../../network/records/index.ts";
import { forbidden } from "../answers.ts";
import { endpoint } from "../container-shapes.ts";
import { filters, flag, text } from "../parameters.ts";
import { type Answer, created, noContent, ok, type Route, route } from "../route.ts";
import { anything, boolean, list, map, object, string } from "../shapes.ts";

const create = object({
  Name: string,
  CheckDuplicate: boolean,
  Driver: string,
  Scope: string,
  Internal: boolean,
  Attachable: boolean,
  Ingress: boolean,
  ConfigOnly: boolean,
  ConfigFrom: anything,
  EnableIPv4: boolean,
  EnableIPv6: boolean,
  IPAM: object({
    Driver: string,
    Config: list(object({ Subnet: string, IPRange: string, Gateway: string, AuxiliaryAddresses: map(string) })),
    Options: map(string),
  }),
  Options: map(string),
  Labels: map(string),
});

type Wish = NonNullable<ReturnType<typeof create.read>>;

/** @throws EngineError `unsupported`, `invalid` */
function toSpec({ CheckDuplicate: _check, Scope, Ingress, ConfigOnly, ConfigFrom, EnableIPv4, Name, ...rest }: Wish): NetworkCreate {
  if (!Name) throw new EngineError("invalid", "invalid name: name is empty");
  if (Scope && Scope !== "local") throw new EngineError("unsupported", `networks are of this host alone: there is no scope "${Scope}"`);
  if (Ingress || ConfigOnly || isNamed(ConfigFrom)) throw new EngineError("unsupported", "there are no networks of a swarm here");
  if (EnableIPv4 === false) throw new EngineError("unsupported", "a network without IPv4 is not to be had");
  return { ...rest, Name };
}

const isNamed = (value: unknown) => typeof value === "object" && value !== null && Boolean((value as { Network?: string }).Network);

const ofTheBridge = { "com.docker.network.bridge.host_binding_ipv4": "0.0.0.0", "com.docker.network.driver.mtu": "1500" };

/** Those that are always there, as docker tells of them. */
function toNetwork(network: NetworkInspect): object {
  const { Name, IPAM, Options } = network;
  if (!predefinedNames.includes(Name)) return network;
  const addresses = { ...IPAM, Options: null, Config: IPAM.Config.length > 0 ? IPAM.Config : null };
  return { ...network, IPAM: addresses, Options: Name === "bridge" ? { ...ofTheBridge, ...Options } : Options };
}

function checkNamed(container: string): void {
  if (container === "") throw new EngineError("invalid", 'invalid name or ID supplied: ""');
}

export const networkRoutes: readonly Route[] = [
  route("GET /networks", {
    summary: "List networks",
    query: { filters: filters("As `berth network ls --filter`") },
    // As docker's: who is on a network, inspect tells.
    handle: async ({ engine, query }) =>
      ok((await engine.networks.list({ filters: query.filters })).map((each) => toNetwork({ ...each, Containers: {} }))),
  }),
  route("GET /networks/{id}", {
    summary: "Inspect a network",
    query: { verbose: flag("Passed over"), scope: text("Another than local has none") },
    async handle({ engine, path, query }) {
      const found = await engine.networks.inspect(path["id"]!);
      if ((query.scope ?? "local") !== "local") throw new EngineError("not-found", `network ${path["id"]} not found`);
      return ok(toNetwork(found));
    },
  }),
  route("POST /networks/create", {
    summary: "Create a network",
    body: create,
    handle: async ({ engine, body }) => {
      const making = engine.networks.create(toSpec(body ?? {})).then(created);
      return predefinedNames.includes(body?.Driver ?? "") || predefinedNames.includes(body?.Name ?? "") ? forbidden(making) : making;
    },
  }),
  route("POST /networks/prune", {
    summary: "Remove networks that no container is on",
    query: { filters: filters("until, label, label!") },
    async handle({ engine, query }) {
      const { NetworksDeleted } = await engine.networks.prune(query.filters);
      return ok({ NetworksDeleted: NetworksDeleted.length > 0 ? NetworksDeleted : null });
    },
  }),
  route("POST /networks/{id}/connect", {
    summary: "Put a container on it",
    body: object({ Container: string, EndpointConfig: endpoint }),
    async handle({ engine, path, body: { Container = "", EndpointConfig = {} } = {} }) {
      checkNamed(Container);
      const done = engine.containers.connect(Container, path["id"]!, EndpointConfig).then((): Answer => ({ status: 200, text: "" }));
      return forbidden(done);
    },
  }),
  route("POST /networks/{id}/disconnect", {
    summary: "Take a container off it",
    body: object({ Container: string, Force: boolean }),
    async handle({ engine, path, body: { Container = "", Force = false } = {} }) {
      checkNamed(Container);
      await engine.containers.disconnect(Container, path["id"]!, { force: Force });
      return { status: 200, text: "" };
    },
  }),
  route("DELETE /networks/{id}", {
    summary: "Remove a network",
    async handle({ engine, path }) {
      return forbidden(engine.networks.remove(path["id"]!).then(() => noContent));
    },
  }),
];
