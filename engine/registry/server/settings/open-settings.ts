/** The files that a registry is set up with. */
import { readFileSync } from "node:fs";
import { EngineError } from "../../../errors.ts";
import { parseRules, parseSettings, type Settings } from "./settings.ts";

/**
 * @param config the configuration file
 * @param rules a file of rules alone
 * @throws EngineError `invalid` with the place of what is wrong, and for files that cannot be read; `usage` when both have rules
 */
export async function openSettings(config: string | undefined, rules: string | undefined): Promise<Settings> {
  const textOf = (file: string) => readNamed(file, () => readFileSync(file, "utf8"));
  const settings = config === undefined ? {} : await parseSettings(textOf(config), config);
  if (rules === undefined) return settings;
  if (settings.rules) throw new EngineError("usage", `--rules is given, and "${config}" has rules, too`);
  return { ...settings, rules: await parseRules(textOf(rules), rules) };
}

/** @throws EngineError `invalid` with the file's name for what is the system's */
export function readNamed<T>(file: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (cause instanceof EngineError) throw cause;
    throw new EngineError("invalid", `cannot read "${file}": ${(cause as Error).message}`, { cause, hint: "name a file that can be read" });
  }
}
