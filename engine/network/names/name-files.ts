/** The name files of a running container, brought up to date in place, as they are bind mounted. */
import { join } from "node:path";
import type { Ground } from "../../state/ground.ts";
import type { Place } from "../records/index.ts";
import type { NetworkRequest } from "../types.ts";
import { containerFiles } from "./files.ts";
import { editFile, replaceLines } from "./links.ts";

/**
 * Brings /etc/hosts and /etc/resolv.conf up to date with a change of networks. Lines of others stay; a resolv.conf that
 * the container's user changed is left alone, as docker does.
 */
export function rewriteFiles(ground: Ground, request: NetworkRequest, before: readonly Place[], after: readonly Place[]): void {
  const names = { ...request, extraHosts: [] };
  const [old, now] = [containerFiles(names, before, {}), containerFiles(names, after, {})];
  const directory = join(ground.paths.containers, request.owner);
  editFile(join(directory, "hosts"), (text) => replaceLines(text, old.hosts, now.hosts));
  editFile(join(directory, "resolv.conf"), (text) => (text === old.resolvConf ? now.resolvConf : text));
}
