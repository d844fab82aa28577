/** A container's places on its networks, in the order in which they provide the way out. */
import type { Ground } from "../../state/ground.ts";
import { compareText } from "../../state/sorted.ts";
import { type EndpointRecord, endpointsOf, familiesOf, type NetworkRecord, networkById } from "./records.ts";

/** A network and the container's place on it. */
export interface Place {
  network: NetworkRecord;
  endpoint: EndpointRecord;
}

/** The greater priority, then those with a gateway, then those of both families, then by network name, as docker. */
export function inOrder<Any extends Place>(places: readonly Any[]): Any[] {
  const rank = ({ network, endpoint }: Place) => [
    -(endpoint.settings.GwPriority ?? 0),
    network.spec.Internal ? 1 : 0,
    -familiesOf(network).size,
  ];
  const compare = (a: Place, b: Place) => {
    const other = rank(b);
    const differing = rank(a)
      .map((value, at) => value - other[at]!)
      .find((difference) => difference !== 0);
    return differing ?? compareText(a.network.spec.Name, b.network.spec.Name);
  };
  return places.toSorted(compare);
}

/** Those that an owner has now; "none" and "host" are none. */
export function orderedPlaces(ground: Ground, owner: string): Place[] {
  const places = endpointsOf(ground, owner).flatMap((endpoint) => {
    const network = networkById(ground, endpoint.network);
    return network && endpoint.interface !== "" ? [{ network, endpoint }] : [];
  });
  return inOrder(places);
}
