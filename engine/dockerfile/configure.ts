/**
 * What the instructions that only change an image's configuration do to it: in a build's stage, and by `--change` of commit and
 * import. Pure; what they leave in the history is the builder's business.
 */
import type { ContainerConfig, HealthcheckConfig } from "../docker.ts";
import { EngineError } from "../errors.ts";
import { parsePorts } from "./ports.ts";
import type { CommandForm, HealthcheckInstruction, Instruction } from "./types.ts";

/** What is configured. */
export interface Configured {
  config: Omit<ContainerConfig, "Image">;
  /** What word expansion sees. */
  environment: Map<string, string>;
  /** A CMD was among the instructions: ENTRYPOINT resets an inherited one only. */
  cmdSet: boolean;
  author?: string;
}

/** The instructions of this file. */
export type Configuring = Exclude<Instruction, { kind: "run" | "copy" | "add" | "workdir" | "arg" }>;
type Kind = Configuring["kind"];
type Apply<K extends Kind> = (to: Configured, instruction: Extract<Configuring, { kind: K }>) => void;

/** The shell that wraps the shell form: SHELL's, else /bin/sh -c. */
export function shellOf({ config }: Pick<Configured, "config">): string[] {
  return config.Shell?.length ? config.Shell : ["/bin/sh", "-c"];
}

function commandWords(to: Configured, command: CommandForm): string[] {
  return command.form === "exec" ? command.argv : [...shellOf(to), command.script];
}

/** Key and value of a "KEY=value" entry. */
export function splitVariable(entry: string): [key: string, value: string] {
  const at = entry.indexOf("=");
  return at < 0 ? [entry, ""] : [entry.slice(0, at), entry.slice(at + 1)];
}

/** Sets a variable of the image: replaces in place, else appends, as docker does. */
export function setEnv(env: string[], key: string, value: string): string[] {
  const at = env.findIndex((entry) => splitVariable(entry)[0] === key);
  return at < 0 ? [...env, `${key}=${value}`] : env.with(at, `${key}=${value}`);
}

const table: { [K in Kind]: Apply<K> } = {
  env(to, { variables }) {
    for (const { key, value } of variables) {
      to.config.Env = setEnv(to.config.Env ?? [], key, value);
      to.environment.set(key, value);
    }
  },
  label({ config }, { labels }) {
    config.Labels = { ...config.Labels, ...Object.fromEntries(labels.map(({ key, value }) => [key, value])) };
  },
  cmd(to, { command }) {
    to.config.Cmd = commandWords(to, command);
    to.config.ArgsEscaped = true;
    to.cmdSet = true;
  },
  entrypoint(to, { command }) {
    to.config.Entrypoint = commandWords(to, command);
    if (!to.cmdSet) to.config.Cmd = null;
  },
  expose({ config }, { ports }) {
    config.ExposedPorts = { ...config.ExposedPorts, ...Object.fromEntries(parsePorts(ports).map((port) => [port, {}])) };
  },
  user({ config }, { user }) {
    config.User = user;
  },
  volume({ config }, { volumes }) {
    if (volumes.includes("")) throw new EngineError("dockerfile", "VOLUME specified can not be an empty string");
    config.Volumes = { ...config.Volumes, ...Object.fromEntries(volumes.map((path) => [path, {}])) };
  },
  stopsignal({ config }, { signal }) {
    config.StopSignal = signal;
  },
  healthcheck({ config }, instruction) {
    config.Healthcheck = healthcheckOf(instruction);
  },
  shell({ config }, { shell }) {
    config.Shell = shell;
  },
  onbuild({ config }, { expression }) {
    config.OnBuild = [...(config.OnBuild ?? []), expression];
  },
  maintainer(to, { maintainer }) {
    to.author = maintainer;
  },
};

function healthcheckOf({ test, interval, timeout, startPeriod, startInterval, retries }: HealthcheckInstruction): HealthcheckConfig {
  return {
    Test: test,
    ...(interval ? { Interval: interval } : {}),
    ...(timeout ? { Timeout: timeout } : {}),
    ...(startPeriod ? { StartPeriod: startPeriod } : {}),
    ...(startInterval ? { StartInterval: startInterval } : {}),
    ...(retries ? { Retries: retries } : {}),
  };
}

/** True for the instructions of this file. */
export function isConfiguring(instruction: Instruction): instruction is Configuring {
  return Object.hasOwn(table, instruction.kind);
}

/** Applies one instruction, its words already expanded, in place. */
export function configure(to: Configured, instruction: Configuring): void {
  (table[instruction.kind] as Apply<Kind>)(to, instruction as never);
}

/** The directory a WORKDIR leads to, clean: relative ones start at the one before. */
export function joinWorkdir(current: string | undefined, path: string): string {
  const parts: string[] = [];
  for (const part of `${path.startsWith("/") ? "" : (current ?? "/")}/${path}`.split("/")) {
    if (part === "" || part === ".") continue;
    if (part === "..") parts.pop();
    else parts.push(part);
  }
  return `/${parts.join("/")}`;
}

/** What WORKDIR writes into the configuration: an absolute path as it is written, slashes and dots included. */
export function writtenWorkdir(current: string | undefined, path: string): string {
  return path.startsWith("/") ? path : joinWorkdir(current, path);
}
