/** `ps --filter`: values of one key are OR-ed, keys are AND-ed, as docker's. Pure but for the lookups handed in. */

import type { EndpointSettings, Filters } from "../../docker.ts";
import { EngineError } from "../../errors.ts";
import { hasLabel, matchesPattern } from "../../state/matching.ts";
import { parseTruth } from "../../truth.ts";
import type { ContainerRecord } from "../record/index.ts";
import type { PortSummary } from "../types.ts";

export interface FilterFacts {
  record: ContainerRecord;
  /** Its own and those that links give it, without the leading "/". */
  names: readonly string[];
  endpoints: Record<string, EndpointSettings>;
  ports: PortSummary[];
}

export interface FilterLookups {
  /** Creation time of a container by reference, in milliseconds. */
  created: (ref: string) => number;
  /** Ids of the image that a reference names, and of those made from it. */
  images: (ref: string) => ReadonlySet<string> | undefined;
  /** Names of the networks whose id begins so. */
  networks: (prefix: string) => readonly string[];
}

type Test = (facts: FilterFacts, value: string, lookups: FilterLookups) => boolean;

const tests: Record<string, Test> = {
  id: ({ record }, value) => record.id.startsWith(value) || matchesPattern(value, record.id),
  name: ({ names }, value) => names.some((name) => matchesPattern(value, name) || matchesPattern(value, `/${name}`)),
  label: ({ record }, value) => hasLabel(record.config.Labels ?? {}, value),
  "label!": ({ record }, value) => !hasLabel(record.config.Labels ?? {}, value),
  exited: ({ record }, value) => record.status === "exited" && record.exitCode === Number(value),
  status: ({ record }, value) => record.status === value,
  ancestor: ({ record }, value, { images }) => images(value)?.has(record.image) ?? false,
  before: ({ record }, value, { created }) => record.created < created(value),
  since: ({ record }, value, { created }) => record.created > created(value),
  volume: ({ record }, value) =>
    record.mounts.some(({ Name, Source, Destination }) => Name === value || Source === value || Destination === value),
  network: ({ endpoints, record }, value, { networks }) =>
    record.host.NetworkMode === value || value in endpoints || networks(value).some((name) => name in endpoints),
  publish: ({ ports }, value) =>
    portsMatch(
      value,
      ports.map(({ PublicPort, Type }) => [PublicPort, Type]),
    ),
  expose: ({ ports }, value) =>
    portsMatch(
      value,
      ports.map(({ PrivatePort, Type }) => [PrivatePort, Type]),
    ),
  health: ({ record }, value) => (record.health?.Status ?? "none") === value,
  "is-task": (_, value) => parseTruth(value) === false, // tasks are swarm's
  isolation: () => true,
};

/** "80", "8000-8010/tcp" */
function portsMatch(value: string, ports: [number | undefined, string][]): boolean {
  const [range = "", protocol = "tcp"] = value.split("/");
  const [from = 0, to = from] = range.split("-").map(Number);
  return ports.some(([port, type]) => port !== undefined && port >= from && port <= to && type === protocol);
}

/** Keys of which the values are known, and what docker calls these. */
const choices = new Map([
  ["status", { what: "state", words: ["created", "running", "paused", "restarting", "removing", "exited", "dead"] }],
  ["health", { what: "health", words: ["none", "starting", "healthy", "unhealthy"] }],
]);

/** @throws EngineError `invalid` for an unknown key or value */
export function checkFilters(filters: Filters): void {
  for (const [key, values] of Object.entries(filters)) {
    if (!(key in tests))
      throw new EngineError("invalid", `invalid filter '${key}'`, {
        hint: `known filters: ${Object.keys(tests)
          .filter((name) => name !== "is-task" && name !== "isolation")
          .join(", ")}`,
      });
    const { what = "", words = values } = choices.get(key) ?? {};
    const bad = values.find((value) => !words.includes(value));
    if (bad !== undefined)
      throw new EngineError(
        "invalid",
        `invalid filter '${key}=${bad}': invalid value for ${what} (${bad}): must be one of ${words.join(", ")}`,
      );
    const noPort = ["publish", "expose"].includes(key) ? values.find((value) => !/^\d+(-\d+)?(\/\w+)?$/.test(value)) : undefined;
    if (noPort !== undefined)
      throw new EngineError("invalid", `invalid filter '${key}=${noPort}'`, { hint: "give PORT[-PORT][/PROTOCOL]" });
    if (key === "is-task" && values.some((value) => parseTruth(value) === undefined))
      throw new EngineError("invalid", `invalid filter 'is-task=[${values.join(" ")}]'`);
    if (key === "exited" && values.some((value) => !/^\d+$/.test(value)))
      throw new EngineError("invalid", `invalid filter 'exited=${values.join(",")}'`);
  }
}

export function passes(facts: FilterFacts, filters: Filters, lookups: FilterLookups): boolean {
  return Object.entries(filters).every(([key, values]) => {
    if (values.length === 0) return true;
    // Every label must be there; of other keys one value is enough.
    const test = (value: string) => tests[key]!(facts, value, lookups);
    return key === "label" || key === "label!" ? values.every(test) : values.some(test);
  });
}

/** A filter by state looks at all of them; others, as docker's, at those that run unless -a or -n is given. */
export function wantsAll(filters: Filters): boolean {
  return (filters["status"]?.length ?? 0) > 0;
}
