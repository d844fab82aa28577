/** Flags about the container's life: pull policy, restart, health, logs, stopping, removal. */
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { EngineError } from "../../../../engine/errors.ts";
import type { ContainerCreate, HealthcheckConfig, HostConfig } from "../../../../engine/index.ts";
import { parseBytes } from "../../../format/size.ts";
import type { Input } from "../../command.ts";
import { choiceOf, isSet, listOf, numberOf, pairsOf, textOf } from "../../flag-values.ts";
import { badFlag, type FlagGroup } from "./draft.ts";

export const lifecycle: FlagGroup = {
  flags: [
    { name: "rm", type: "boolean", help: "Remove the container and its anonymous volumes when it exits" },
    {
      name: "restart",
      type: "string",
      placeholder: "POLICY",
      suggestions: ["no", "on-failure", "always", "unless-stopped"],
      help: "Restart policy: no, on-failure[:MAX], always, unless-stopped",
    },
    { name: "no-verify", type: "boolean", help: "Skip what this host's policies ask of the image, if they permit that" },
    {
      name: "pull",
      type: "string",
      default: "missing",
      choices: ["always", "missing", "never"],
      help: "When to pull the image: always, missing or never",
    },
    { name: "platform", type: "string", placeholder: "OS/ARCH", help: "Platform, when the image has several" },
    { name: "quiet", short: "q", type: "boolean", help: "Print no pull progress" },
    { name: "cidfile", type: "string", placeholder: "FILE", subject: "file", help: "Write the container's id to a file" },
    { name: "init", type: "boolean", help: "Run an init inside the container that forwards signals and reaps processes" },
    { name: "stop-signal", type: "string", placeholder: "SIGNAL", subject: "signal", help: "Signal to stop the container" },
    { name: "stop-timeout", type: "number", placeholder: "SECONDS", help: "Time to stop the container before it is killed" },
    {
      name: "log-driver",
      type: "string",
      placeholder: "DRIVER",
      help: "Logging driver: k8s-file, json-file (kept as k8s-file), local (rotated) or none",
    },
    { name: "log-opt", type: "list", placeholder: "NAME=VALUE", help: "Log options: max-size, max-file; labels, env for logs --details" },
    { name: "health-cmd", type: "string", placeholder: "COMMAND", help: "Command to run to check health" },
    { name: "health-interval", type: "duration", placeholder: "DURATION", help: "Time between health checks" },
    { name: "health-timeout", type: "duration", placeholder: "DURATION", help: "Maximum time for one check" },
    { name: "health-start-period", type: "duration", placeholder: "DURATION", help: "Time to start before failures count" },
    { name: "health-start-interval", type: "duration", placeholder: "DURATION", help: "Time between checks during the start period" },
    { name: "health-retries", type: "number", placeholder: "NUMBER", help: "Failures in a row that mean unhealthy" },
    { name: "no-healthcheck", type: "boolean", help: "Disable the image's HEALTHCHECK" },
    { name: "runtime", type: "string", placeholder: "NAME|PATH", help: "OCI runtime for this container" },
  ],
  apply(input, { create, host, cwd }) {
    host.AutoRemove = isSet(input, "rm");
    host.RestartPolicy = parseRestart(textOf(input, "restart") ?? "no");
    if (host.AutoRemove && host.RestartPolicy.Name !== "no")
      throw new EngineError("usage", "conflicting options: cannot specify both --restart and --rm");
    create.Pull = textOf(input, "pull") as ContainerCreate["Pull"];
    if (isSet(input, "no-verify")) create.NoVerify = true;
    create.Platform = textOf(input, "platform");
    host.Init = choiceOf(input, "init");
    host.Runtime = textOf(input, "runtime");
    create.StopSignal = textOf(input, "stop-signal");
    create.StopTimeout = numberOf(input, "stop-timeout");
    create.Healthcheck = parseHealth(input);
    const logging = parseLogging(input);
    if (logging) host.LogConfig = logging;
    const cidfile = textOf(input, "cidfile");
    if (cidfile === undefined) return;
    create.IdFile = host.ContainerIDFile = resolve(cwd, cidfile);
    if (existsSync(create.IdFile)) {
      throw new EngineError("usage", `container ID file found, make sure the other container isn't running or delete "${cidfile}"`, {
        hint: "remove the file, or name another",
      });
    }
  },
};

/** "on-failure:3" */
export function parseRestart(text: string): NonNullable<HostConfig["RestartPolicy"]> {
  const [, name = "", count] = /^([^:]*)(?::(.*))?$/.exec(text) ?? [];
  const known = ["no", "on-failure", "always", "unless-stopped"] as const;
  const Name = known.find((each) => each === (name || "no"));
  if (!Name) throw badFlag("restart", text, `unknown policy '${name}'; use one of '${known.join("', '")}'`);
  if (count !== undefined && /^-\d+$/.test(count)) throw badFlag("restart", text, "maximum retry count cannot be negative");
  if (count !== undefined && !/^\d+$/.test(count)) throw badFlag("restart", text, "maximum retry count must be an integer");
  if (count !== undefined && Name !== "on-failure")
    throw badFlag("restart", text, "maximum retry count can only be used with 'on-failure'");
  return { Name, MaximumRetryCount: Number(count ?? 0) };
}

/** Milliseconds of the flag as the API's nanoseconds. */
function nanoseconds(input: Input, name: string): number | undefined {
  const value = numberOf(input, name);
  if (value !== undefined && value < 0) throw badFlag(name, `${value}ms`, "cannot be negative");
  return value === undefined ? undefined : Math.round(value * 1e6);
}

function notNegative(input: Input, name: string): number | undefined {
  const value = numberOf(input, name);
  if (value !== undefined && value < 0) throw badFlag(name, String(value), "cannot be negative");
  return value;
}

function parseHealth(input: Input): HealthcheckConfig | undefined {
  const command = textOf(input, "health-cmd");
  const check: HealthcheckConfig = {
    Test: command === undefined ? undefined : command === "" ? [] : ["CMD-SHELL", command],
    Interval: nanoseconds(input, "health-interval"),
    Timeout: nanoseconds(input, "health-timeout"),
    StartPeriod: nanoseconds(input, "health-start-period"),
    StartInterval: nanoseconds(input, "health-start-interval"),
    Retries: notNegative(input, "health-retries"),
  };
  const given = Object.fromEntries(Object.entries(check).filter(([, value]) => value !== undefined));
  const isGiven = Object.keys(given).length > 0;
  if (!isSet(input, "no-healthcheck")) return isGiven ? given : undefined;
  if (isGiven) throw new EngineError("usage", "--no-healthcheck conflicts with --health-* options");
  return { Test: ["NONE"] };
}

function parseLogging(input: Input): HostConfig["LogConfig"] {
  const driver = textOf(input, "log-driver");
  const options = pairsOf(listOf(input, "log-opt"));
  const size = options["max-size"];
  if (size !== undefined && size !== "-1" && parseBytes(size) === undefined)
    throw badFlag("log-opt", `max-size=${size}`, `invalid size: '${size}'`);
  if (driver === undefined && Object.keys(options).length === 0) return undefined;
  return { Type: driver ?? "", Config: options };
}
