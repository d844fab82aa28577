/**
 * What docker's client takes from its configuration file (`--config DIRECTORY`, $DOCKER_CONFIG, ~/.docker/config.json) for flags
 * that are not given: formats of lists, what `prune` spares, the keys that detach, proxies for what runs in containers, and the context
 * in use. Credentials are the registry room's.
 */
import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import type { Command, Input } from "./commands/command.ts";

/** The context that `context use` has written down; "default" for none. */
export const currentContext = (): string => text("currentContext") ?? "default";

/** Members of the file that are a list's --format. */
const formats: Record<string, string> = {
  "container ls": "psFormat",
  "container stats": "statsFormat",
  "image ls": "imagesFormat",
  "network ls": "networksFormat",
  "volume ls": "volumesFormat",
};

/** Fills in what the command line leaves out. */
export function applyClientConfig({ name, flags: known }: Command, { flags }: Input): void {
  const format = formats[name];
  if (format && flags["format"] === undefined && flags["quiet"] !== true) flags["format"] = text(format);
  if (flags["detach-keys"] === undefined && known.some((flag) => flag.name === "detach-keys")) flags["detach-keys"] = text("detachKeys");
  if (name.endsWith(" prune") && Array.isArray(flags["filter"])) flags["filter"].push(...pruneFilters(flags["filter"]));
}

/** Added to those of the command line, but for what contradicts them: `label=x` there takes `label!=x` away. */
function pruneFilters(given: readonly string[]): string[] {
  const filters = read("pruneFilters");
  if (!Array.isArray(filters)) return [];
  const opposite = (filter: string) => filter.replace(/^label(!?)=/, (_, not: string) => (not ? "label=" : "label!="));
  const isLabel = (filter: string) => /^label!?=/.test(filter);
  return filters.filter((each) => typeof each === "string" && each.includes("=") && !(isLabel(each) && given.includes(opposite(each))));
}

const proxyMembers = ["httpProxy", "httpsProxy", "ftpProxy", "noProxy", "allProxy"];

/** `proxies.default`: variables, in both spellings, that docker gives containers and builds which do not set them. */
export function clientProxies(): Record<string, string> {
  const { default: given } = (read("proxies") ?? {}) as { default?: Record<string, unknown> };
  return Object.fromEntries(
    proxyMembers.flatMap((member) => {
      const value = given?.[member];
      const name = member.replace("Proxy", "_proxy");
      return typeof value === "string" && value !== "" ? [name.toUpperCase(), name].map((each) => [each, value]) : [];
    }),
  );
}

function text(member: string): string | undefined {
  const value = read(member);
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** A file that is not there, or damaged, sets nothing; `login` says what is wrong with it. */
function read(member: string): unknown {
  try {
    const file = join(process.env["DOCKER_CONFIG"] || join(homedir(), ".docker"), "config.json");
    return (JSON.parse(readFileSync(file, "utf8")) as Record<string, unknown>)[member];
  } catch {
    return undefined;
  }
}
