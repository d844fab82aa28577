/**
 * What the host's administrator decides for all containers: /etc/berth/config.json, or the file that $BERTH_CONFIG_FILE names,
 * with docker's names of daemon.json: {"log-driver": "json-file", "log-opts": {"max-size": "50m", "max-file": "3"}}.
 */
import { EngineError } from "../errors.ts";
import { readBounded } from "../sys/bounded.ts";

export interface Settings {
  logDriver?: string;
  logOptions: Record<string, string>;
}

const known = ["log-driver", "log-opts"];

const settingsFile = () => process.env["BERTH_CONFIG_FILE"] || "/etc/berth/config.json";

/** @throws EngineError `invalid` for a file that is not understood: a typing error must not undo a limit in silence */
export function readSettings(file: string = settingsFile()): Settings {
  let text: string;
  try {
    text = readBounded(file).toString("utf8");
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes((error as NodeJS.ErrnoException).code ?? "")) return { logOptions: {} };
    throw error;
  }
  return parseSettings(text, file);
}

/** Pure. */
export function parseSettings(text: string, file: string): Settings {
  const refuse = (why: string, cause?: unknown) =>
    new EngineError("invalid", `cannot use the configuration file "${file}": ${why}`, {
      cause,
      exit: 125,
      hint: "correct the file, or remove it",
    });
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (cause) {
    throw refuse((cause as Error).message, cause);
  }
  if (!isObject(parsed)) throw refuse("it is no JSON object");
  const unknown = Object.keys(parsed).find((name) => !known.includes(name));
  if (unknown !== undefined) throw refuse(`"${unknown}" is not known; known are ${known.join(", ")}`);
  const { "log-driver": logDriver, "log-opts": logOptions = {} } = parsed;
  if (logDriver !== undefined && typeof logDriver !== "string") throw refuse('"log-driver" must be a text');
  if (!isObject(logOptions) || Object.values(logOptions).some((value) => typeof value !== "string"))
    throw refuse('"log-opts" must be an object of texts');
  return { ...(logDriver && { logDriver }), logOptions: logOptions as Record<string, string> };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
