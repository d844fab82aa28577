/**
 * What the instructions that only change the image's configuration leave in its history: no layer, no cache key, only the very
 * `created_by` text that BuildKit writes.
 */
import type { HealthcheckConfig } from "../docker.ts";
import { type Configuring, configure } from "../dockerfile/configure.ts";
import { parsePorts } from "../dockerfile/index.ts";
import { quoteGo, quoteGoList } from "./go-format.ts";
import { record, type StageState } from "./stage-state.ts";

type Kind = Configuring["kind"];
/** The text; undefined where BuildKit writes no entry. */
type Describe<K extends Kind> = (
  instruction: Extract<Configuring, { kind: K }>,
  /** With the instruction applied. */
  config: StageState["config"],
) => string | undefined;

const pairs = (all: readonly { key: string; value: string }[]) => all.map(({ key, value }) => `${key}=${value}`).join(" ");

const table: { [K in Kind]: Describe<K> } = {
  env: ({ variables }) => `ENV ${pairs(variables)}`,
  label: ({ labels }) => `LABEL ${pairs(labels)}`,
  cmd: (_, { Cmd }) => `CMD ${quoteGoList(Cmd ?? [])}`,
  entrypoint: (_, { Entrypoint }) => `ENTRYPOINT ${quoteGoList(Entrypoint ?? [])}`,
  expose: ({ ports }) => {
    const all = parsePorts(ports).sort();
    return `EXPOSE map[${all.map((port) => `${port}:{}`).join(" ")}]`;
  },
  user: ({ user }) => `USER ${user}`,
  volume: ({ volumes }) => `VOLUME [${volumes.join(" ")}]`,
  stopsignal: ({ signal }) => `STOPSIGNAL ${signal}`,
  healthcheck: (_, { Healthcheck }) => `HEALTHCHECK ${describeHealthcheck(Healthcheck ?? {})}`,
  shell: ({ shell }) => `SHELL [${shell.join(" ")}]`,
  onbuild: () => undefined,
  maintainer: ({ maintainer }) => `MAINTAINER ${maintainer}`,
};

/** Applies one instruction, its words already expanded, to the state in place, and records it. */
export function applyMetadata(state: StageState, instruction: Configuring): void {
  configure(state, instruction);
  const text = (table[instruction.kind] as Describe<Kind>)(instruction as never, state.config);
  if (text !== undefined) record(state, text);
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
