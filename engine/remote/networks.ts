/** The networks of a host. */
import type { NetworkInspect, Networks } from "../network/index.ts";
import { type Link, segment } from "./link/link.ts";
import { MapOf } from "./link/template.ts";

const inspected = {
  Name: "",
  Id: "",
  Created: "",
  Scope: "",
  Driver: "",
  EnableIPv6: false,
  IPAM: { Driver: "", Options: new MapOf(""), Config: [{}] },
  Internal: false,
  Attachable: false,
  Ingress: false,
  ConfigOnly: false,
  ConfigFrom: { Network: "" },
  Containers: new MapOf({ Name: "", EndpointID: "", MacAddress: "", IPv4Address: "", IPv6Address: "" }),
  Options: new MapOf(""),
  Labels: new MapOf(""),
};

/** Hosts have more drivers, and scopes, than berth: they are shown as they are. */
const toNetwork = (found: object) => ({ EnableIPv4: true, ...found }) as unknown as NetworkInspect;

export function remoteNetworks(link: Link): Networks {
  return {
    async create(spec) {
      // Hosts before 1.44 make a second one of the same name unless they are asked not to.
      return link.json("POST", "/networks/create", { Id: "", Warning: "" }, { value: { CheckDuplicate: true, ...spec } });
    },
    async list({ filters } = {}) {
      return (await link.json("GET", "/networks", [inspected], { query: { ...(filters && { filters }) } })).map(toNetwork);
    },
    inspect: async (ref) => toNetwork(await link.json("GET", `/networks/${segment(ref)}`, inspected)),
    async remove(ref) {
      await link.tell("DELETE", `/networks/${segment(ref)}`);
    },
    prune: (filters) => link.json("POST", "/networks/prune", { NetworksDeleted: [""] }, { query: { ...(filters && { filters }) } }),
  };
}
