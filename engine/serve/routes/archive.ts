/** Files of a container, in and out, as tar archives; what a path is stands in a header. */
import { pipeline } from "node:stream/promises";
import type { PathStat } from "../../container/index.ts";
import { goMode } from "../go-mode.ts";
import { flag, required } from "../parameters.ts";
import { type Call, type Route, route } from "../route.ts";

function statHeader({ name, size, mode, mtime, linkTarget }: PathStat): Record<string, string> {
  const stat = JSON.stringify({ name, size, mode: goMode(mode), mtime: goTime(mtime), linkTarget });
  return { "X-Docker-Container-Path-Stat": Buffer.from(stat).toString("base64") };
}

/** Go writes no zeros behind a fraction. */
const goTime = (time: string) => time.replace(/\.(\d*?)0*Z$/, (_, digits: string) => (digits ? `.${digits}Z` : "Z"));

const path = required("The path inside the container", "path");

async function statOf({ engine, path: { id }, query }: Call<{ path: string }>): Promise<Record<string, string>> {
  return statHeader(await engine.containers.statPath(id!, query.path));
}

export const archiveRoutes: readonly Route[] = [
  route("HEAD /containers/{id}/archive", {
    summary: "Tell what a path inside it is",
    query: { path },
    handle: async (call) => ({ status: 200, headers: await statOf(call) }),
  }),
  route("GET /containers/{id}/archive", {
    summary: "Read a path inside it as a tar archive",
    query: { path },
    async handle(call) {
      const headers = await statOf(call);
      const tar = await call.engine.containers.copyFrom(call.path["id"]!, call.query.path);
      await pipeline(tar, call.stream("application/x-tar", headers), { signal: call.signal });
      return undefined;
    },
  }),
  route("PUT /containers/{id}/archive", {
    summary: "Unpack a tar archive, compressed or not, into a directory inside it",
    query: {
      path,
      noOverwriteDirNonDir: flag("A directory and what is none never take each other's place"),
      copyUIDGID: flag("Everything belongs to the container's user"),
    },
    async handle({ engine, path: { id }, query, exchange }) {
      await engine.containers.copyTo(id!, query.path, exchange.upload(), {
        archive: query.copyUIDGID,
        replace: !query.noOverwriteDirNonDir,
      });
      return { status: 200, text: "" };
    },
  }),
  route("GET /containers/{id}/export", {
    summary: "Read its whole file system as a tar archive",
    async handle({ engine, path: { id }, stream, signal }) {
      await pipeline(await engine.containers.export(id!), stream("application/octet-stream"), { signal });
      return undefined;
    },
  }),
];
