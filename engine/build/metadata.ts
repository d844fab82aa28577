/**
 * The instructions that only change the image's configuration: no layer, no cache key, only a history entry. One table
 * entry per instruction; each writes the very `created_by` text that BuildKit writes.
 */
import type { HealthcheckConfig } from "../container/types.ts";
import { parsePorts } from "../dockerfile/index.ts";
import type { CommandForm, Instruction } from "../dockerfile/types.ts";
import { EngineError } from "../errors.ts";
import { quoteGo, quoteGoList } from "./go-format.ts";
import { record, type StageState, setEnv } from "./stage-state.ts";

type Metadata = Exclude<Instruction, { kind: "run" | "copy" | "add" | "workdir" | "arg" }>;
type Kind = Metadata["kind"];
type Apply<K extends Kind> = (state: StageState, instruction: Extract<Metadata, { kind: K }>) => void;

/** The shell that wraps the shell form: the stage's SHELL, else /bin/sh -c. */
export function shellOf(state: StageState): string[] {
  return state.config.Shell?.length ? state.config.Shell : ["/bin/sh", "-c"];
}

/** The argument list of a command in either form. */
export function commandWords(state: StageState, command: CommandForm): string[] {
  return command.form === "exec" ? command.argv : [...shellOf(state), command.script];
}

const table: { [K in Kind]: Apply<K> } = {
  env(state, { variables }) {
    for (const { key, value } of variables) {
      state.config.Env = setEnv(state.config.Env ?? [], key, value);
      state.environment.set(key, value);
    }
    record(state, `ENV ${variables.map(({ key, value }) => `${key}=${value}`).join(" ")}`);
  },
  label(state, { labels }) {
    state.config.Labels = { ...state.config.Labels, ...Object.fromEntries(labels.map(({ key, value }) => [key, value])) };
    record(state, `LABEL ${labels.map(({ key, value }) => `${key}=${value}`).join(" ")}`);
  },
  cmd(state, { command }) {
    const words = commandWords(state, command);
    state.config.Cmd = words;
    state.config.ArgsEscaped = true;
    state.cmdSet = true;
    record(state, `CMD ${quoteGoList(words)}`);
  },
  entrypoint(state, { command }) {
    const words = commandWords(state, command);
    state.config.Entrypoint = words;
    if (!state.cmdSet) state.config.Cmd = null;
    record(state, `ENTRYPOINT ${quoteGoList(words)}`);
  },
  expose(state, { ports }) {
    const parsed = parsePorts(ports);
    state.config.ExposedPorts = { ...state.config.ExposedPorts, ...Object.fromEntries(parsed.map((port) => [port, {}])) };
    record(
      state,
      `EXPOSE map[${[...parsed]
        .sort()
        .map((port) => `${port}:{}`)
        .join(" ")}]`,
    );
  },
  user(state, { user }) {
    state.config.User = user;
    record(state, `USER ${user}`);
  },
  volume(state, { volumes }) {
    if (volumes.includes("")) throw new EngineError("dockerfile", "VOLUME specified can not be an empty string");
    state.config.Volumes = { ...state.config.Volumes, ...Object.fromEntries(volumes.map((path) => [path, {}])) };
    record(state, `VOLUME [${volumes.join(" ")}]`);
  },
  stopsignal(state, { signal }) {
    state.config.StopSignal = signal;
    record(state, `STOPSIGNAL ${signal}`);
  },
  healthcheck(state, instruction) {
    const { test, interval, timeout, startPeriod, startInterval, retries } = instruction;
    const check: HealthcheckConfig = { Test: test };
    if (interval) check.Interval = interval;
    if (timeout) check.Timeout = timeout;
    if (startPeriod) check.StartPeriod = startPeriod;
    if (startInterval) check.StartInterval = startInterval;
    if (retries) check.Retries = retries;
    state.config.Healthcheck = check;
    record(state, `HEALTHCHECK ${describeHealthcheck(check)}`);
  },
  shell(state, { shell }) {
    state.config.Shell = shell;
    record(state, `SHELL [${shell.join(" ")}]`);
  },
  onbuild(state, { expression }) {
    state.config.OnBuild = [...(state.config.OnBuild ?? []), expression];
  },
  maintainer(state, { maintainer }) {
    state.author = maintainer;
    record(state, `MAINTAINER ${maintainer}`);
  },
};

/** True for the instructions of this file. */
export function isMetadata(instruction: Instruction): instruction is Metadata {
  return Object.hasOwn(table, instruction.kind);
}

/** Applies one instruction, its words already expanded, to the state in place. */
export function applyMetadata(state: StageState, instruction: Metadata): void {
  (table[instruction.kind] as Apply<Kind>)(state, instruction as never);
}

/** Go's %q of docker's HealthcheckConfig: durations as text, the retries as a character literal. */
function describeHealthcheck(check: HealthcheckConfig): string {
  const durations = [check.Interval, check.Timeout, check.StartPeriod, check.StartInterval].map((each) => `"${goDuration(each ?? 0)}"`);
  return `&{${quoteGoList(check.Test ?? [])} ${durations.join(" ")} ${goCharacter(check.Retries ?? 0)}}`;
}

function goCharacter(code: number): string {
  const quoted = quoteGo(String.fromCodePoint(code)).slice(1, -1);
  return quoted === "'" ? "'\\''" : quoted === '\\"' ? "'\"'" : `'${quoted}'`;
}

/** Go's time.Duration.String(): 90e9 → "1m30s". @param nanoseconds not negative */
export function goDuration(nanoseconds: number): string {
  if (nanoseconds === 0) return "0s";
  if (nanoseconds < 1e3) return `${nanoseconds}ns`;
  if (nanoseconds < 1e6) return `${nanoseconds / 1e3}µs`;
  if (nanoseconds < 1e9) return `${nanoseconds / 1e6}ms`;
  const seconds = nanoseconds / 1e9;
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  const rest = Number((seconds % 60).toFixed(9));
  return `${hours ? `${hours}h` : ""}${hours || minutes ? `${minutes}m` : ""}${rest}s`;
}
