/** The rows: networks, endpoints, addresses given out, the networks that are always there. */

export { allocateEndpoint } from "./allocate.ts";
export { networksOf, type PublishedPort, readAttachments } from "./attachments.ts";
export { inOrder, orderedPlaces, type Place } from "./places.ts";
export { blankSpec, ensurePredefined, moveDefaultSubnet, newId, poolStartOf } from "./predefined.ts";
export {
  allNetworks,
  type EndpointRecord,
  endpointsOf,
  endpointsOn,
  existsNetwork,
  familiesOf,
  findNetwork,
  hasPredefined,
  insertNetwork,
  isNetwork,
  type NetworkRecord,
  type NetworkSpec,
  networkById,
  type PortRecord,
  portsOf,
  predefinedNames,
  subnetsOf,
  tableOf,
} from "./records.ts";
