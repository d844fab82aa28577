/** The environment of a container's processes: what is there anyway, what the user asked for, and what stands for nothing. Pure. */
import type { ContainerConfig } from "../../docker.ts";
import type { ExecConfig } from "../types.ts";

const defaultPath = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
const terminalName = "TERM=xterm";
const nameOf = (entry: string) => entry.split("=", 1)[0]!;
const valueIn = (entries: readonly string[], name: string) => entries.find((entry) => nameOf(entry) === name)?.slice(name.length + 1) ?? "";

/** Later definitions of a name win, at the place of the first. */
export function mergeEnvironment(base: readonly string[], own: readonly string[]): string[] {
  const byName = new Map<string, string>();
  for (const entry of [...base, ...own]) byName.set(nameOf(entry), entry);
  return [...byName.values()];
}

/**
 * The process's environment: docker's order — PATH, HOSTNAME, TERM, those of links, then the container's, then HOME, which is the user's
 * unless it says something. A name without a value takes a variable away.
 */
export function processEnvironment(
  config: Pick<ContainerConfig, "Env" | "Tty" | "Hostname">,
  home: string,
  linked: readonly string[] = [],
): string[] {
  const base = [defaultPath, `HOSTNAME=${config.Hostname ?? ""}`, ...(config.Tty ? [terminalName] : []), ...linked];
  return withHome(mergeEnvironment(base, config.Env ?? []), home);
}

/**
 * The environment of a further process: as the container's, but for its own terminal and user.
 * @param base the container's whole environment
 * @param config of the container
 * @param exec what the user asked for
 */
export function execEnvironment(
  base: readonly string[],
  config: Pick<ContainerConfig, "Env">,
  { Tty, Env = [] }: Pick<ExecConfig, "Tty" | "Env">,
  home: string | undefined,
): string[] {
  const ownEnv = config.Env ?? [];
  const hasTerm = ownEnv.some((entry) => nameOf(entry) === "TERM");
  const added = [...(Tty && !hasTerm ? [terminalName] : []), ...(home !== undefined && !valueIn(ownEnv, "HOME") ? [`HOME=${home}`] : [])];
  const kept = base.filter((entry) => hasTerm || nameOf(entry) !== "TERM");
  return withHome(mergeEnvironment(kept, [...added, ...Env]), home ?? valueIn(base, "HOME"));
}

function withHome(entries: readonly string[], home: string): string[] {
  const set = entries.filter((entry) => entry.includes("="));
  return valueIn(set, "HOME") ? set : mergeEnvironment(set, [`HOME=${home}`]);
}
