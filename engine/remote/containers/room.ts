/** The containers of a host. */
import type {
  AttachOptions,
  ContainerInspect,
  ContainerSummary,
  Containers,
  ProcessTable,
  Streams,
  UpdateConfig,
} from "../../container/index.ts";
import type { EndpointSettings } from "../../docker.ts";
import { EngineError } from "../../errors.ts";
import { type Link, segment } from "../link/link.ts";
import { createContainer } from "./create.ts";
import type { RemoteExecs } from "./execs.ts";
import { changes, commit, copyFrom, copyTo, exportTree, statPath } from "./files.ts";
import { readLogs } from "./logs.ts";
import { attach, run, startAttached, startContainer } from "./sessions.ts";
import { inspectContainer, summary } from "./shapes.ts";
import { readStats } from "./stats.ts";
import { waitFor } from "./wait.ts";

interface StopOptions {
  timeout?: number;
  signal?: string;
}

export function remoteContainers(link: Link, execs: RemoteExecs): Containers {
  const at = (ref: string) => `/containers/${segment(ref)}`;
  const post = async (ref: string, verb: string, query = {}, also: number[] = []) =>
    void (await link.tell("POST", `${at(ref)}/${verb}`, { query, also }));
  const stop = async (ref: string, verb: "stop" | "restart", { timeout, signal }: StopOptions = {}) => {
    if (signal !== undefined) await link.needs(142, "signal");
    await post(ref, verb, { t: timeout, signal }, [304]);
  };
  return {
    create: (spec, signal) => createContainer(link, spec, signal),
    run: (spec, streams, options) => run(link, spec, streams, options),
    async start(ref: string, streams?: Streams, options?: AttachOptions) {
      if (streams) return startAttached(link, ref, streams, options);
      await startContainer(link, ref);
      return undefined;
    },
    stop: (ref, options) => stop(ref, "stop", options),
    restart: (ref, options) => stop(ref, "restart", options),
    async kill(ref, signal, { process } = {}) {
      if (process === undefined) return post(ref, "kill", { signal });
      throw new EngineError("unsupported", "cannot signal one process: docker's API reaches the first of a container alone", {
        hint: `use kill(1) in it: berth exec ${ref} kill …`,
      });
    },
    pause: (ref) => post(ref, "pause"),
    unpause: (ref) => post(ref, "unpause"),
    async remove(ref, { force, volumes, link: isLink } = {}) {
      await link.tell("DELETE", at(ref), { query: { force, v: volumes, link: isLink } });
    },
    rename: (ref, name) => post(ref, "rename", { name }),
    async connect(ref: string, network: string, settings?: EndpointSettings) {
      // dockerd takes any name for a container that does not run, which then does not start.
      await link.tell("GET", `/networks/${segment(network)}`);
      await link.tell("POST", `/networks/${segment(network)}/connect`, { value: { Container: ref, EndpointConfig: settings ?? {} } });
    },
    async disconnect(ref, network, { force = false } = {}) {
      await link.tell("POST", `/networks/${segment(network)}/disconnect`, { value: { Container: ref, Force: force } });
    },
    update: (ref, config) => update(link, ref, config),
    wait: (ref, condition, signal, onWaiting) => waitFor(link, ref, condition, signal, onWaiting),
    async list({ all, last, size, filters } = {}) {
      const query = { all, limit: last, size, ...(filters && { filters }) };
      return (await link.json("GET", "/containers/json", [summary], { query })) as ContainerSummary[];
    },
    inspect: async (ref, { size } = {}) => (await inspectContainer(link, ref, size)) as unknown as ContainerInspect,
    logs: (ref, options) => readLogs(link, ref, options),
    attach: (ref, streams, options) => attach(link, ref, streams, options),
    resize: (ref, { columns: w, rows: h }) => post(ref, "resize", { w, h }),
    exec: (ref, config, streams, signal) => execs.exec(ref, config, streams, signal),
    top: (ref, psArgs) => top(link, ref, psArgs),
    stats: (refs, options) => readStats(link, refs, options),
    changes: (ref) => changes(link, ref),
    export: (ref) => exportTree(link, ref),
    commit: (ref, options) => commit(link, ref, options),
    statPath: (ref, path) => statPath(link, ref, path),
    copyFrom: (ref, path, options) => copyFrom(link, ref, path, options),
    copyTo: (ref, path, tar, options) => copyTo(link, ref, path, tar, options),
    prune: (filters) =>
      link.json("POST", "/containers/prune", { ContainersDeleted: [""], SpaceReclaimed: 0 }, { query: { ...(filters && { filters }) } }),
  };
}

async function update(link: Link, ref: string, config: UpdateConfig): Promise<{ Warnings: string[] }> {
  return link.json("POST", `/containers/${segment(ref)}/update`, { Warnings: [""] }, { value: config });
}

async function top(link: Link, ref: string, psArgs?: string[]): Promise<ProcessTable> {
  try {
    const query = { ps_args: psArgs?.join(" ") };
    return await link.json("GET", `/containers/${segment(ref)}/top`, { Titles: [""], Processes: [[""]] }, { query });
  } catch (error) {
    // podman has its own words, and a status of its own, for a container that does not run.
    if (error instanceof EngineError && /can only be used on running|not running/i.test(error.message))
      throw new EngineError("not-running", error.message, { cause: error });
    throw error;
  }
}
