/** A project in a directory of its own, with containers on the fake engine as an `up` of it would leave them. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { label, loadProject, prepare } from "../../../engine/compose/index.ts";
import type { ContainerSummary } from "../../../engine/index.ts";
import { fake } from "../tui-scene.ts";

export const shop = `name: shop
services:
  proxy:
    image: busybox
    command: sleep 1000
    ports: ["8080:80"]
    depends_on: [web]
  web:
    image: busybox
    command: sleep 1000
    scale: 2
    environment: { MODE: fast }
    depends_on:
      db: { condition: service_healthy }
      cache: { condition: service_started }
      migrate: { condition: service_completed_successfully }
  migrate:
    image: busybox
    command: sleep 1000
    depends_on:
      db: { condition: service_healthy } # waits for its first check
  db:
    image: busybox
    command: sleep 1000
    volumes: [data:/data]
  cache:
    image: busybox
    command: sleep 1000
volumes: { data: {} }
`;

export interface Shop {
  directory: string;
  file: string;
  write(text: string): void;
}

/** @param text of its file; its directory has a name of a known length */
export function makeShop(text = shop): Shop {
  const directory = mkdtempSync(join(tmpdir(), "shop-"));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const file = join(directory, "compose.yaml");
  const write = (changed: string) => writeFileSync(file, changed);
  write(text);
  return { directory, file, write };
}

/** What runs of it, and how it ended. */
const states: Record<string, Partial<ContainerSummary>> = {
  "db-1": { Status: "Up 2 hours (healthy)" },
  "migrate-1": { State: "exited", Status: "Exited (0) 2 hours ago" },
  "proxy-1": { Ports: [{ IP: "0.0.0.0", PrivatePort: 80, PublicPort: 8080, Type: "tcp" }] },
  "web-2": { State: "exited", Status: "Exited (137) 5 minutes ago" },
};

/** Its containers, made from the file as it is now, some of them ended since. */
export async function upShop({ directory }: Pick<Shop, "directory">): Promise<void> {
  const project = await loadProject({ cwd: directory, env: {} });
  const scene = { engine: fake.engine, project, report: () => {}, signal: new AbortController().signal, dryRun: false, atOnce: 1 };
  const diverged = "diverged" as const;
  const wishes = {
    recreation: diverged,
    dependenciesRecreation: diverged,
    named: [],
    scale: {},
    renewVolumes: false,
    removeOrphans: false,
  };
  await prepare(scene, wishes);
  for (const [index, row] of fake.containers.entries()) {
    const state = states[row.Names[0]!.replace("/shop-", "")];
    if (row.Labels[label.project]) fake.containers[index] = { ...row, State: "running", Status: "Up 2 hours", ...state };
  }
}
