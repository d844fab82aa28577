/**
 * Projects, beside docker compose (the plug-in, or the program by itself; BERTH_BENCH_COMPOSE names another one) and podman-compose: 50
 * services read, 10 started and taken away, 50 of which nothing changed.
 */
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { findProgram } from "../../../engine/process/spawn.ts";
import type { Case } from "../case.ts";
import { type Contender, image } from "../contender.ts";
import { type Command, outputOf, peakOf, timeOf } from "../measure.ts";

/** What services of real files have: variables, ports, mounts, dependencies, health checks, limits. */
function service(index: number): string {
  const before = index === 0 ? "" : `    depends_on:\n      s${index - 1}: {condition: service_healthy}\n`;
  return `  s${index}:
    image: registry.example.com/team/s${index}:\${TAG:-1.0}
    build:
      context: ./s${index}
      args:
        VERSION: "1.${index}"
    command: ["serve", "--port", "8080"]
    environment:
      LOG_LEVEL: info
      DB_HOST: db${index % 5}
    ports:
      - "${8000 + index}:80"
      - "${9000 + index}:90/udp"
    volumes:
      - ./data${index}:/data
      - v${index % 10}:/var/lib/x:ro
    networks:
      - n${index % 4}
    healthcheck:
      test: curl -f http://localhost/
      interval: 1m30s
    restart: unless-stopped
    deploy:
      resources:
        limits: {cpus: "0.5", memory: 128m}
${before}`;
}

const names = (letter: string, count: number) => Array.from({ length: count }, (_, index) => `  ${letter}${index}: {}\n`).join("");

const directoryOf = ({ root }: Contender) => join(root, "bench-compose");

/** Plug-ins lie beside docker, not in PATH. */
function composeOf({ command, name }: Contender): Command | undefined {
  if (name === "berth") return command("compose");
  if (name === "podman") {
    const found = findProgram("podman-compose");
    return found ? [found] : undefined;
  }
  const plugins = ["/usr/libexec/docker/cli-plugins", "/usr/lib/docker/cli-plugins"].map((directory) => join(directory, "docker-compose"));
  const found = process.env["BERTH_BENCH_COMPOSE"] ?? plugins.find(existsSync) ?? findProgram("docker-compose");
  return found ? [found] : undefined;
}

/** The contender's own daemon. */
const env = ({ root }: Contender): NodeJS.ProcessEnv => ({ ...process.env, DOCKER_HOST: `unix://${root}/docker.sock` });

function write(contender: Contender, text: string): void {
  mkdirSync(directoryOf(contender), { recursive: true });
  writeFileSync(join(directoryOf(contender), "compose.yaml"), text);
}

const remove = (contender: Contender) => rmSync(directoryOf(contender), { recursive: true });

/** A line of compose for the project. */
function line(contender: Contender, ...words: string[]): Command | undefined {
  const compose = composeOf(contender);
  return compose && [...compose, "-f", join(directoryOf(contender), "compose.yaml"), ...words];
}

function run(contender: Contender, ...words: string[]): number | undefined {
  const command = line(contender, ...words);
  return command && timeOf(command, { env: env(contender) });
}

export const composeConfig: Case = {
  id: "compose/config",
  title: "compose config of 50 services",
  aim: "≤ 0.5 of docker",
  runs: 20,
  prepare(contender) {
    const services = Array.from({ length: 50 }, (_, index) => service(index)).join("");
    write(contender, `name: bench\nservices:\n${services}volumes:\n${names("v", 10)}networks:\n${names("n", 4)}`);
  },
  finish: remove,
  sample: (contender) => run(contender, "config"),
};

/** Containers that run until they are stopped, on four networks; every fifth begins a chain. */
function running(count: number): string {
  const services = Array.from({ length: count }, (_, index) => {
    const before = index % 5 === 0 ? "" : `    depends_on: [s${index - 1}]\n`;
    return `  s${index}:\n    image: ${image}\n    command: [sleep, "86400"]\n    stop_signal: SIGKILL\n    networks: [n${index % 4}]\n${before}`;
  });
  return `name: bench\nservices:\n${services.join("")}networks:\n${names("n", 4)}`;
}

function down(contender: Contender): void {
  const command = line(contender, "down", "-t", "0");
  if (command) outputOf(command, { env: env(contender) });
}

export const composeUpDown: Case = {
  id: "compose/up-down",
  title: "compose up -d and down of 10 services",
  aim: "≤ 0.4 of docker",
  runs: 10,
  prepare: (contender) => write(contender, running(10)),
  finish(contender) {
    down(contender);
    remove(contender);
  },
  sample(contender) {
    const up = run(contender, "up", "-d");
    return up === undefined ? undefined : up + run(contender, "down")!;
  },
};

/** A project of 50 services that is up. */
const settled: Pick<Case, "prepare" | "finish"> = {
  prepare(contender) {
    write(contender, running(50));
    run(contender, "up", "-d");
  },
  finish(contender) {
    down(contender);
    remove(contender);
  },
};

export const composeNoChange: Case = {
  id: "compose/no-change",
  title: "compose up -d of 50 services that are up",
  aim: "≤ 0.3 of docker, ≤ 250 ms",
  runs: 20,
  ...settled,
  sample: (contender) => run(contender, "up", "-d"),
};

export const composeMemory: Case = {
  id: "compose/memory",
  title: "the same: MB of its process",
  aim: "below docker",
  runs: 5,
  ...settled,
  sample(contender) {
    const command = line(contender, "up", "-d");
    return command && peakOf(command, env(contender));
  },
};
