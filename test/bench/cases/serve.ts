/** Docker's own command line, and requests as its libraries send them, to `berth serve` and to dockerd. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { Agent, request } from "node:http";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { findProgram } from "../../../engine/process/spawn.ts";
import type { Case } from "../case.ts";
import { type Contender, image, sleeper } from "../contender.ts";
import { type Command, outputOf, timeOf } from "../measure.ts";

const creates = 100;
const loud = "bench-serve-logs";

/** A contender's socket, served for as long as a case lasts. */
class Socket {
  readonly #docker = findProgram("/usr/bin/docker") ?? findProgram("docker");
  #stop: () => Promise<void> = async () => {};

  /** Undefined for who has no such API here, and where docker's command line is not installed. */
  pathOf({ name, root }: Contender): string | undefined {
    return name === "podman" || !this.#docker ? undefined : join(root, "docker.sock");
  }

  async open(contender: Contender): Promise<void> {
    const path = this.pathOf(contender);
    if (!path || contender.name === "docker") return;
    const [program, ...words] = contender.command("serve", `unix://${path}`);
    const server = spawn(program, words, { stdio: ["ignore", "ignore", "pipe"] });
    this.#stop = async () => {
      server.kill("SIGTERM");
      await once(server, "exit");
    };
    await once(server.stderr, "data"); // it says that it listens
  }

  async close(): Promise<void> {
    await this.#stop();
    this.#stop = async () => {};
  }

  /** Docker's command line for it. */
  command(contender: Contender, ...words: string[]): Command | undefined {
    const path = this.pathOf(contender);
    return path ? [this.#docker!, "--host", `unix://${path}`, ...words] : undefined;
  }
}

const socket = new Socket();
const prepare = (contender: Contender) => socket.open(contender);
const finish = () => socket.close();

function verb(id: string, aim: string, ...words: string[]): Case {
  return {
    id: `serve/${id}`,
    title: `docker ${words.join(" ")}, by the API`,
    aim,
    runs: 20,
    prepare,
    finish,
    sample(contender) {
      const command = socket.command(contender, ...words);
      return command && timeOf(command);
    },
  };
}

const creating: Case = {
  id: "serve/create",
  title: `${creates} containers created one after the other, by the API`,
  aim: "≤ 0.7 of docker",
  runs: 5,
  prepare,
  finish,
  async sample(contender) {
    const path = socket.pathOf(contender);
    if (!path) return undefined;
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const call = async (method: string, target: string, body?: object) => {
      const headers = { "content-type": "application/json" };
      const sent = request({ socketPath: path, method, path: target, agent, headers }).end(body && JSON.stringify(body));
      const [response] = await once(sent, "response");
      const text = (await buffer(response)).toString();
      if (response.statusCode >= 400) throw new Error(`cannot measure "${method} ${target}": ${text}`);
    };
    const names = Array.from({ length: creates }, (_, at) => `bench-serve-${at}`);
    const started = performance.now();
    for (const name of names) await call("POST", `/containers/create?name=${name}`, { Image: image, Cmd: ["sleep", "1"] });
    const elapsed = performance.now() - started;
    for (const name of names) await call("DELETE", `/containers/${name}`);
    agent.destroy();
    return elapsed;
  },
};

const logsOfMuch: Case = {
  id: "serve/logs",
  title: "docker logs of 100 MB, by the API",
  aim: "below docker",
  runs: 5,
  async prepare(contender) {
    await socket.open(contender);
    const line = "x".repeat(99);
    const words = ["run", "--name", loud, image, "sh", "-c", `yes ${line} | head -c 100000000`];
    if (socket.pathOf(contender)) timeOf(["sh", "-c", '"$@" > /dev/null', "sh", ...contender.command(...words)]);
  },
  sample(contender) {
    const command = socket.command(contender, "logs", loud);
    return command && timeOf(["sh", "-c", '"$@" > /dev/null', "sh", ...command]);
  },
  async finish(contender) {
    if (socket.pathOf(contender)) outputOf(contender.command("rm", "-f", loud));
    await socket.close();
  },
};

const listed = "/v1.41/containers/json";

/** What docker's command line asks for `ps`, over a connection of its own, without the start of that program: the server's own share. */
async function askForList(path: string): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const started = performance.now();
  for (const [method, target] of [
    ["HEAD", "/_ping"],
    ["GET", listed],
  ] as const) {
    const [response] = await once(request({ socketPath: path, method, path: target, agent }).end(), "response");
    await buffer(response);
  }
  const elapsed = performance.now() - started;
  agent.destroy();
  return elapsed;
}

const many = 100;
const manyNames = Array.from({ length: many - 1 }, (_, at) => `bench-serve-many-${at}`); // beside the one that is there

/** Around a case that wants so many to run. */
const amongMany: Pick<Case, "prepare" | "finish"> = {
  async prepare(contender) {
    await socket.open(contender);
    if (!socket.pathOf(contender)) return;
    for (const name of manyNames) outputOf(contender.command("run", "-d", "--network", "none", "--name", name, image, "sleep", "86400"));
  },
  async finish(contender) {
    if (socket.pathOf(contender)) outputOf(contender.command("rm", "-f", ...manyNames));
    await socket.close();
  },
};

function rawList(count: 1 | typeof many): Case {
  return {
    id: `serve/list-${count}`,
    title: `containers/json, ${count === 1 ? "1 container" : `${count} containers`}, raw`,
    aim: "≤ 0.7 of docker",
    runs: 40,
    ...(count === 1 ? { prepare, finish } : amongMany),
    async sample(contender) {
      const path = socket.pathOf(contender);
      return path ? askForList(path) : undefined;
    },
  };
}

export const served: readonly Case[] = [
  verb("ps", "≤ 0.7 of docker", "ps"),
  rawList(1),
  rawList(many),
  { ...verb("ps-100", "≤ 0.7 of docker", "ps"), title: `docker ps of ${many} containers, by the API`, ...amongMany },
  verb("run", "≤ 0.7 of docker", "run", "--rm", image, "true"),
  verb("exec", "≤ 0.7 of docker", "exec", sleeper, "true"),
  creating,
  logsOfMuch,
];
