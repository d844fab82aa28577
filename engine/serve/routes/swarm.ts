/** What a daemon that is no member of a swarm, and has no plugins, says to those who ask for them. */
import { EngineError } from "../../errors.ts";
import { type Method, ok, type Route, route } from "../route.ts";

const message =
  'This node is not a swarm manager. Use "docker swarm init" or "docker swarm join" to connect this node to swarm and try again.';

const paths: readonly `${Method} /${string}`[] = [
  "GET /swarm",
  "POST /swarm/update",
  "GET /swarm/unlockkey",
  "POST /swarm/unlock",
  "GET /services/{id}/logs",
  "GET /tasks/{id}/logs",
  ...(["nodes", "services", "secrets", "configs", "tasks"] as const).flatMap((things): `${Method} /${string}`[] => [
    `GET /${things}`,
    `GET /${things}/{id}`,
    `DELETE /${things}/{id}`,
    `POST /${things}/{rest...}`,
  ]),
];

const ofOnePlugin: readonly `${Method} /${string}`[] = [
  "GET /plugins/{name...}/json",
  "DELETE /plugins/{name...}",
  ...["enable", "disable", "push", "set", "upgrade"].map((verb): `${Method} /${string}` => `POST /plugins/{name...}/${verb}`),
];

/** What would make berth what it is not. */
const beyond: readonly `${Method} /${string}`[] = [
  "POST /swarm/init",
  "POST /swarm/join",
  "GET /plugins/privileges",
  "POST /plugins/pull",
  "POST /plugins/create",
];

export const swarmRoutes: readonly Route[] = [
  route("GET /plugins", { summary: "List plugins: there are none", handle: async () => ok([]) }),
  route("POST /swarm/leave", {
    summary: "No member of a swarm: 503",
    handle: async () => ({ status: 503, value: { message: "This node is not part of a swarm" } }),
  }),
  route("PUT /volumes/{name}", {
    summary: "Update a volume of a cluster: 503",
    handle: async () => ({ status: 503, value: { message: "volume update only valid for cluster volumes, but swarm is unavailable" } }),
  }),
  ...beyond.map((at) =>
    route(at, {
      summary: "Not there: 501",
      async handle() {
        throw new EngineError(
          "unsupported",
          at.includes("swarm") ? "berth is no member of a swarm, and cannot become one" : "berth has no plugins, and installs none",
        );
      },
    }),
  ),
  ...ofOnePlugin.map((at) =>
    route(at, {
      summary: "There are no plugins: 404",
      async handle({ path }) {
        throw new EngineError("not-found", `plugin "${path["name"]}" not found`);
      },
    }),
  ),
  ...paths.map((at) => route(at, { summary: "No member of a swarm: 503", handle: async () => ({ status: 503, value: { message } }) })),
];
