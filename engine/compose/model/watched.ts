/** Watched paths are those of the files themselves: the first link on the way to one is resolved, as docker compose does. */
import { dirname } from "node:path";
import type { Project, Reader } from "../project.ts";

/** Changes the project. */
export async function resolveWatched({ model }: Project, reader: Reader): Promise<void> {
  const watches = Object.values(model.services).flatMap(({ develop }) => develop?.watch ?? []);
  for (const watch of watches) watch.path = await withoutLink(watch.path, reader);
}

async function withoutLink(path: string, reader: Reader): Promise<string> {
  const ways = [path];
  for (let way = path; dirname(way) !== way; way = dirname(way)) ways.unshift(dirname(way));
  for (const way of ways) {
    const real = await reader.real(way);
    if (real !== way) return real + path.slice(way.length);
  }
  return path;
}
