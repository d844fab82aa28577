/** Volumes. */
import type { VolumeInspect } from "../../volume/index.ts";
import { filters, flag, truthOf } from "../parameters.ts";
import { created, noContent, ok, type Route, route } from "../route.ts";
import { anything, map, object, string } from "../shapes.ts";

/** Sizes are told by "system df" alone. */
const toRow = ({ UsageData: _usage, ...volume }: VolumeInspect) => volume;

export const volumeRoutes: readonly Route[] = [
  route("GET /volumes", {
    summary: "List volumes",
    query: { filters: filters("As `berth volume ls --filter`") },
    handle: async ({ engine, query }) =>
      ok({ Volumes: (await engine.volumes.list({ filters: query.filters })).map(toRow), Warnings: null }),
  }),
  route("POST /volumes/create", {
    summary: "Create a volume, or find it by its name",
    body: object({ Name: string, Driver: string, DriverOpts: map(string), Labels: map(string), ClusterVolumeSpec: anything }),
    async handle({ engine, body: { ClusterVolumeSpec: _cluster, ...body } = {} }) {
      return created(toRow(await engine.volumes.create(body)));
    },
  }),
  route("POST /volumes/prune", {
    summary: "Remove volumes that no container uses",
    query: { filters: filters("all, label, label!; before 1.42 those with a name go, too") },
    async handle({ engine, query, version }) {
      const isAll = version < 142 || truthOf(query.filters, "all");
      const { all: _all, ...rest } = query.filters;
      return ok(await engine.volumes.prune({ ...(isAll && { all: isAll }), filters: rest }));
    },
  }),
  route("GET /volumes/{name}", {
    summary: "Inspect a volume",
    handle: async ({ engine, path }) => ok(toRow(await engine.volumes.inspect(path["name"]!))),
  }),
  route("DELETE /volumes/{name}", {
    summary: "Remove a volume",
    query: { force: flag("It need not be there") },
    async handle({ engine, path, query }) {
      await engine.volumes.remove(path["name"]!, { force: query.force });
      return noContent;
    },
  }),
];
