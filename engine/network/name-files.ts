/** The name files of a running container, brought up to date in place, as they are bind mounted. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { House } from "../house.ts";
import type { NetworkRequest } from "./attachment.ts";
import { containerFiles } from "./files.ts";
import type { Place } from "./places.ts";

/**
 * Brings /etc/hosts and /etc/resolv.conf up to date with a change of networks. Lines of others stay; a resolv.conf that
 * the container's user changed is left alone, as docker does.
 */
export function rewriteFiles(house: House, request: NetworkRequest, before: readonly Place[], after: readonly Place[]): void {
  const names = { ...request, extraHosts: [] };
  const [old, now] = [containerFiles(names, before, {}), containerFiles(names, after, {})];
  const directory = join(house.paths.containers, request.owner);
  edit(join(directory, "hosts"), (text) => replaceLines(text, old.hosts, now.hosts));
  edit(join(directory, "resolv.conf"), (text) => (text === old.resolvConf ? now.resolvConf : text));
}

function edit(file: string, change: (text: string) => string): void {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    return; // the container has no such file: nothing shows it
  }
  const changed = change(text);
  if (changed !== text) writeFileSync(file, changed);
}

/** Takes out the lines that only `old` has and adds those that only `now` has. Pure. */
export function replaceLines(text: string, old: string, now: string): string {
  const [oldLines, nowLines] = [new Set(old.split("\n")), new Set(now.split("\n"))];
  const kept = text.split("\n").filter((line) => line !== "" && !(oldLines.has(line) && !nowLines.has(line)));
  const added = [...nowLines].filter((line) => line !== "" && !kept.includes(line));
  return `${[...kept, ...added].join("\n")}\n`;
}
