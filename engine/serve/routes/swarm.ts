/** What a daemon that is no member of a swarm, and has no plugins, says to those who ask for them. */
import { type Method, ok, type Route, route } from "../route.ts";

const message =
  'This node is not a swarm manager. Use "docker swarm init" or "docker swarm join" to connect this node to swarm and try again.';

const paths: readonly `${Method} /${string}`[] = [
  "GET /swarm",
  "POST /swarm/update",
  "GET /swarm/unlockkey",
  ...(["nodes", "services", "secrets", "configs", "tasks"] as const).flatMap((things): `${Method} /${string}`[] => [
    `GET /${things}`,
    `GET /${things}/{id}`,
    `DELETE /${things}/{id}`,
    `POST /${things}/{rest...}`,
  ]),
];

export const swarmRoutes: readonly Route[] = [
  route("GET /plugins", { summary: "List plugins: there are none", handle: async () => ok([]) }),
  route("POST /swarm/leave", {
    summary: "No member of a swarm: 503",
    handle: async () => ({ status: 503, value: { message: "This node is not part of a swarm" } }),
  }),
  ...paths.map((at) => route(at, { summary: "No member of a swarm: 503", handle: async () => ({ status: 503, value: { message } }) })),
];
