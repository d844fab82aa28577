/**
 * What docker's client takes from its configuration file (`--config DIRECTORY`, $DOCKER_CONFIG, ~/.docker/config.json) for flags
 * that are not given: formats of lists, and the keys that detach. Credentials are the registry room's.
 */
import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import type { CommandSpec, Input } from "./commands/command.ts";

/** Members of the file that are a list's --format. */
const formats: Record<string, string> = {
  "container ls": "psFormat",
  "container stats": "statsFormat",
  "image ls": "imagesFormat",
  "network ls": "networksFormat",
  "volume ls": "volumesFormat",
};

/** Fills in what the command line leaves out. */
export function applyClientConfig({ name, flags: known }: CommandSpec<never>, { flags }: Input): void {
  const format = formats[name];
  if (format && flags["format"] === undefined && flags["quiet"] !== true) flags["format"] = read(format);
  if (flags["detach-keys"] === undefined && known.some((flag) => flag.name === "detach-keys")) flags["detach-keys"] = read("detachKeys");
}

/** A file that is not there, or damaged, sets nothing; `login` says what is wrong with it. */
function read(member: string): string | undefined {
  try {
    const file = join(process.env["DOCKER_CONFIG"] || join(homedir(), ".docker"), "config.json");
    const value = (JSON.parse(readFileSync(file, "utf8")) as Record<string, unknown>)[member];
    return typeof value === "string" && value !== "" ? value : undefined;
  } catch {
    return undefined;
  }
}
