/** `--log-driver` and `--log-opt`: docker's names and rules, and what they mean for a log file. Pure. */

import type { HostConfig } from "../../docker.ts";
import { EngineError } from "../../errors.ts";
import type { Settings } from "../../state/settings.ts";
import { parseTruth } from "../../truth.ts";

type LogConfig = NonNullable<HostConfig["LogConfig"]>;

export interface LogLimit {
  /** Bytes after which a file is full. */
  maxSize: number;
  /** Files that are kept, the one written to among them. */
  maxFile: number;
}

/** All are kept in one format. */
const drivers = ["k8s-file", "json-file", "local", "none"];
/** Where nothing else is said: 100 MB a container. docker does so for "local" alone, and lets the others fill the disk. */
const defaults = { "max-size": "20m", "max-file": "5" };
const names = ["max-size", "max-file", "compress", "labels", "labels-regex", "env", "env-regex", "tag"];
const units: Record<string, number> = { "": 1, k: 1e3, m: 1e6, g: 1e9, t: 1e12, p: 1e15 };

const refusal = (text: string) => new EngineError("invalid", text, { exit: 125 });

/**
 * What a container is created with: the administrator's driver where the user names none, and his options where the driver is his
 * (docker: mergeAndVerifyLogConfig). Pure.
 */
export function withLogSettings(given: LogConfig | undefined, { logDriver = "k8s-file", logOptions }: Settings): LogConfig {
  const Type = given?.Type || logDriver;
  return { Type, Config: Type === logDriver ? { ...logOptions, ...given?.Config } : { ...given?.Config } };
}

/** @throws EngineError `invalid`: what docker refuses */
export function checkLogConfig(config: LogConfig): void {
  if (!drivers.includes(config.Type))
    throw new EngineError("invalid", `error looking up logging plugin ${config.Type}: plugin "${config.Type}" not found`, {
      exit: 125,
      hint: `use one of ${drivers.join(", ")}`,
    });
  if (config.Type === "none" && Object.keys(config.Config).length > 0) throw refusal("invalid logging opts for driver none");
  const unknown = Object.keys(config.Config).find((name) => !names.includes(name));
  if (unknown !== undefined)
    throw new EngineError("invalid", `unknown log opt '${unknown}' for ${config.Type} log driver`, {
      exit: 125,
      hint: `known are ${names.join(", ")}`,
    });
  if (parseTruth(config.Config["compress"] ?? ""))
    throw new EngineError("unsupported", "cannot compress rotated logs", { exit: 125, hint: "leave out --log-opt compress" });
  limitOf(config);
}

/**
 * How large a log may become; undefined when without limit (docker: a max-size of -1). Who says how large says how often too, as
 * with docker: one file, or the five of "local". @throws EngineError `invalid`
 */
export function limitOf({ Type, Config }: LogConfig = { Type: "k8s-file", Config: {} }): LogLimit | undefined {
  if (Type === "none") return undefined;
  const given: Record<string, string> = Type === "local" || Config["max-size"] === undefined ? { ...defaults, ...Config } : Config;
  const files = given["max-file"] ?? "1";
  if (!/^[+-]?\d+$/.test(files)) throw refusal(`invalid max-file "${files}": it must be a number`);
  if (Number(files) < 1) throw refusal("max-file cannot be less than 1");
  const size = given["max-size"] ?? "";
  if (size === "-1") return undefined;
  const [, number, unit = ""] = /^(-?\d+(?:\.\d+)?) ?([kmgtp]?)(?:i?b)?$/i.exec(size) ?? [];
  if (number === undefined) throw refusal(`invalid max-size: '${size}'`);
  const maxSize = Math.floor(Number(number) * units[unit.toLowerCase()]!);
  if (maxSize <= 0) throw refusal("max-size must be a positive number");
  return { maxSize, maxFile: Number(files) };
}
