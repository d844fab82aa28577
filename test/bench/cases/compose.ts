/** Reads a project of 50 services, beside docker compose (the plug-in, or the program by itself) and podman-compose. */
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { findProgram } from "../../../engine/process/spawn.ts";
import type { Case } from "../case.ts";
import type { Contender } from "../contender.ts";
import { type Command, timeOf } from "../measure.ts";

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
  const found = plugins.find(existsSync) ?? findProgram("docker-compose");
  return found ? [found] : undefined;
}

export const composeConfig: Case = {
  id: "compose/config",
  title: "compose config of 50 services",
  aim: "≤ 0.5 of docker",
  runs: 20,
  prepare(contender) {
    const services = Array.from({ length: 50 }, (_, index) => service(index)).join("");
    mkdirSync(directoryOf(contender), { recursive: true });
    const text = `name: bench\nservices:\n${services}volumes:\n${names("v", 10)}networks:\n${names("n", 4)}`;
    writeFileSync(join(directoryOf(contender), "compose.yaml"), text);
  },
  finish: (contender) => rmSync(directoryOf(contender), { recursive: true }),
  sample(contender) {
    const compose = composeOf(contender);
    return compose && timeOf([...compose, "-f", join(directoryOf(contender), "compose.yaml"), "config"]);
  },
};
