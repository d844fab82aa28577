/** The one table of routes. */
import type { Route } from "./route.ts";
import { archiveRoutes } from "./routes/archive.ts";
import { buildRoutes } from "./routes/build.ts";
import { buildkitRoutes } from "./routes/buildkit.ts";
import { containerStreamRoutes } from "./routes/container-streams.ts";
import { containerRoutes } from "./routes/containers.ts";
import { execRoutes } from "./routes/exec.ts";
import { imageRoutes } from "./routes/images.ts";
import { networkRoutes } from "./routes/networks.ts";
import { swarmRoutes } from "./routes/swarm.ts";
import { systemRoutes } from "./routes/system.ts";
import { volumeRoutes } from "./routes/volumes.ts";

export interface RouteGroup {
  title: string;
  routes: readonly Route[];
}

/** In the order of the documentation. */
export const groups: readonly RouteGroup[] = [
  { title: "System", routes: systemRoutes },
  { title: "Containers", routes: containerRoutes },
  { title: "Streams of containers", routes: containerStreamRoutes },
  { title: "Files of containers", routes: archiveRoutes },
  { title: "Processes in containers", routes: execRoutes },
  { title: "Images", routes: imageRoutes },
  { title: "Builds", routes: buildRoutes },
  { title: "BuildKit", routes: buildkitRoutes },
  { title: "Networks", routes: networkRoutes },
  { title: "Volumes", routes: volumeRoutes },
  { title: "Swarm and plugins", routes: swarmRoutes },
];

export const routes: readonly Route[] = groups.flatMap(({ routes }) => routes);
