/** The one table of routes. */
import type { Route } from "./route.ts";
import { archiveRoutes } from "./routes/archive.ts";
import { containerStreamRoutes } from "./routes/container-streams.ts";
import { containerRoutes } from "./routes/containers.ts";
import { execRoutes } from "./routes/exec.ts";
import { systemRoutes } from "./routes/system.ts";

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
];

export const routes: readonly Route[] = groups.flatMap(({ routes }) => routes);
