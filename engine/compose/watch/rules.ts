/** The rules of `develop.watch`: which path is whose business, and what a set of changed paths asks for. Pure. */
import { posix, relative } from "node:path";
import { type Dockerignore, parseDockerignore } from "../../dockerfile/dockerignore.ts";
import type { Hook, Service, Watch } from "../service.ts";

export interface WatchRule extends Watch {
  service: string;
  /** Whether a path below the rule's own is not looked at. */
  ignores(path: string): boolean;
  /** Whether nothing below a directory can be of interest: it is not watched. */
  isClosed(directory: string): boolean;
}

/** A file of the host, and its place in a container. */
export interface Carried {
  host: string;
  container: string;
}

/** What is to be done for services after some paths changed. */
export interface Asked {
  rebuild: Set<string>;
  sync: Map<string, Carried[]>;
  restart: Set<string>;
  exec: Map<string, Hook[]>;
}

/** What editors leave for a moment, as docker compose has it: swap files, backups, probes whether a directory can be written. */
const ephemeral = ["**/.git", "**/*.swp", "**/*.swx", "**/4913", "**/*~", "**/.#*", "**/#*#", "**/___jb_tmp___", "**/___jb_old___"].join(
  "\n",
);

/** @param ignoreFile the text of the build's .dockerignore, and the directory that it is about */
export function rulesOf(name: string, { develop }: Service, ignoreFile?: { text: string; directory: string }): WatchRule[] {
  const always = parseDockerignore(ephemeral);
  const built = ignoreFile && parseDockerignore(ignoreFile.text);
  return (develop?.watch ?? []).map((watch) => {
    const own = parseDockerignore((watch.ignore ?? []).join("\n"));
    const included = watch.include?.length ? parseDockerignore(watch.include.join("\n")) : undefined;
    const lists: [Dockerignore, string][] = [
      [always, watch.path],
      [own, watch.path],
    ];
    if (built) lists.push([built, ignoreFile.directory]);
    const isIgnored = (path: string) => lists.some(([list, directory]) => matches(list, directory, path));
    return {
      ...watch,
      service: name,
      ignores: (path) => isIgnored(path) || (included !== undefined && !matches(included, watch.path, path)),
      isClosed: (path) => lists.some(([list, directory]) => !list.exceptions && matches(list, directory, path)),
    };
  });
}

function matches(list: Dockerignore, directory: string, path: string): boolean {
  const below = relative(directory, path);
  return below !== "" && !/^\.\.(\/|$)/.test(below) && list.matches(below);
}

/** True for a directory and what is in it. */
export function isIn(directory: string, path: string): boolean {
  return path === directory || path.startsWith(directory.endsWith("/") ? directory : `${directory}/`);
}

export const syncs = ({ action }: Pick<Watch, "action">) => action.startsWith("sync");

/** The place of a path in the containers of a rule's service. */
export function carriedBy({ path, target }: Watch, changed: string): Carried {
  return { host: changed, container: posix.join(target ?? "/", relative(path, changed)) };
}

export function askedBy(rules: readonly WatchRule[], paths: Iterable<string>): Asked {
  const asked: Asked = { rebuild: new Set(), sync: new Map(), restart: new Set(), exec: new Map() };
  for (const path of [...paths].sort())
    for (const rule of rules.filter((each) => isIn(each.path, path) && !each.ignores(path))) ask(asked, rule, path);
  // What is built anew has all that would be carried into it.
  for (const name of asked.rebuild) for (const part of [asked.sync, asked.restart, asked.exec]) part.delete(name);
  return asked;
}

function ask({ rebuild, sync, restart, exec }: Asked, rule: WatchRule, path: string): void {
  const { action, service } = rule;
  if (action === "rebuild") rebuild.add(service);
  if (action === "restart" || action === "sync+restart") restart.add(service);
  if (syncs(rule)) {
    const carried = carriedBy(rule, path);
    const all = sync.get(service) ?? [];
    if (!all.some(({ host, container }) => host === carried.host && container === carried.container)) sync.set(service, [...all, carried]);
  }
  const hooks = exec.get(service) ?? [];
  if (action === "sync+exec" && rule.exec && !hooks.includes(rule.exec)) exec.set(service, [...hooks, rule.exec]);
}
