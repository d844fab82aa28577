/**
 * Registries: `berth registry serve` beside the distribution project's (in docker's column), each in a process of its own over an empty directory.
 * The client is Node's http in a process of its own: what is compared is what the servers leave it to do.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startDockerRegistry } from "../../support/registry.ts";
import { registryProgram } from "../../support/rootfs.ts";
import type { Case } from "../case.ts";
import type { Contender } from "../contender.ts";

interface Served extends AsyncDisposable {
  origin: string;
  /** MB of resident set at its peak. */
  peak(): number;
}

async function serveBerth(contender: Contender): Promise<Served> {
  const root = mkdtempSync(join(tmpdir(), "berth-bench-registry-"));
  const [program, ...words] = contender.command("registry", "serve", "--listen", "127.0.0.1:0", join(root, "data"));
  const child = spawn(program, words, { stdio: ["ignore", "ignore", "pipe"] });
  const [line] = (await once(child.stderr!, "data")) as [Buffer];
  child.stderr!.resume();
  return {
    origin: /http:\/\/\S+/.exec(line.toString())![0],
    peak: () => peakOf(child),
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGTERM");
      await once(child, "exit");
      rmSync(root, { recursive: true, force: true });
    },
  };
}

async function serveDistribution(): Promise<Served> {
  const registry = await startDockerRegistry({ program: registryProgram(), isBare: true });
  return {
    origin: `http://${registry.host}`,
    peak: () => peakOf(registry.child),
    [Symbol.asyncDispose]: () => registry[Symbol.asyncDispose](),
  };
}

const peakOf = ({ pid }: ChildProcess) => Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "latin1"))![1]) / 1024;

const client = new URL("registry-client.ts", import.meta.url).pathname;

/** Milliseconds that the client's task took, as it says itself: its start is nobody's. */
async function run(origin: string, task: string): Promise<number> {
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", client, origin, task], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const output: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => output.push(chunk));
  const [status] = (await once(child, "exit")) as [number | null];
  if (status !== 0) throw new Error(`cannot measure "${task}": status ${status}`);
  return Number(Buffer.concat(output).toString());
}

const served = new Map<Contender["name"], Served>();

async function prepare(contender: Contender): Promise<void> {
  if (contender.name === "berth") served.set("berth", await serveBerth(contender));
  if (contender.name === "docker") served.set("docker", await serveDistribution());
}

async function finish({ name }: Contender): Promise<void> {
  await served.get(name)?.[Symbol.asyncDispose]();
  served.delete(name);
}

/** The first sample counts: a server warms up within the thousands of requests that one is, and the whole has to end in four minutes. */
function caseOf(task: string, title: string, aim: string, runs: number): Case {
  return {
    ...{ id: `registry/${task}`, title, aim, runs, isWarm: true, prepare, finish },
    async sample({ name }) {
      const registry = served.get(name);
      return registry && run(registry.origin, task);
    },
  };
}

const memory: Case = {
  ...{
    id: "registry/memory",
    title: "registry: its memory for 100 clients and 1 GB, MB (peak RSS)",
    aim: "≤ 120 MB",
    ...{ runs: 1, isWarm: true, prepare, finish },
  },
  async sample({ name }) {
    const registry = served.get(name);
    if (!registry) return undefined;
    for (const task of ["crowd", "push", "pull"]) await run(registry.origin, task);
    return registry.peak();
  },
};

export const registries: readonly Case[] = [
  caseOf("push", "registry: push of a layer of 1 GB", "≤ 1.1 of docker-registry", 3),
  caseOf("pull", "registry: pull of it", "≤ 1.1 of docker-registry", 3),
  caseOf("manifests", "registry: 10,000 manifests, 32 at a time", "≤ docker-registry", 1),
  caseOf("small", "registry: push of 1,000 small blobs, 8 at a time", "≤ docker-registry", 2),
  memory,
];
