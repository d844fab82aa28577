/** What `up` would do is said beforehand: nothing right after it, and what an edit changes, of real containers. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Foresight, foresee, prepare, type Scene, startAll } from "../../../../engine/compose/index.ts";
import { type Files, load } from "../../../support/compose-files.ts";
import { importBusybox, openTestEngine, type TestEngine } from "../../../support/engine.ts";

let home: TestEngine;

beforeAll(async () => {
  home = openTestEngine();
  await importBusybox(home.engine);
});

afterAll(() => home[Symbol.asyncDispose]());

const wishes = {
  recreation: "diverged",
  dependenciesRecreation: "diverged",
  named: [],
  scale: {},
  renewVolumes: false,
  removeOrphans: false,
} as const;

async function up(files: Files): Promise<void> {
  const project = await load(files);
  const scene: Scene = { engine: home.engine, project, report: () => {}, signal: new AbortController().signal, dryRun: false, atOnce: 9 };
  const cast = await prepare(scene, wishes);
  await startAll(scene, cast, Object.keys(project.model.services), { wait: false });
}

const look = async (files: Files) => foresee({ engine: home.engine, project: await load(files) });

/** What of a foresight is no "stays as it is". */
function changes({ services, networks, volumes, orphans, problems }: Foresight) {
  const touched = services.map(({ name, plan, start, why, image }) => ({
    name,
    ...(image.step !== "keep" && { image: image.step }),
    ...(plan.create.length > 0 && { create: plan.create }),
    ...(plan.remove.length > 0 && { remove: plan.remove.map((seen) => seen.name) }),
    ...(plan.recreate.length > 0 && { recreate: plan.recreate.map((seen) => seen.name), why }),
    ...(start.length > 0 && { start: start.map((seen) => seen.name) }),
  }));
  return {
    services: touched.filter((service) => Object.keys(service).length > 1),
    ...(networks.length > 0 && { networks }),
    ...(volumes.length > 0 && { volumes }),
    ...(orphans.length > 0 && { orphans: orphans.map(({ name }) => name) }),
    ...(problems.length > 0 && { problems }),
  };
}

const rich = (more = "") => `
name: rich
services:
  web:
    image: busybox
    command: sleep 1000
    init: true
    restart: on-failure:3
    environment: { MODE: fast, EMPTY: "" }
    labels: { tier: front }
    ports: ["127.0.0.1::80"]
    volumes: [data:/data, /anonymous, { type: tmpfs, target: /tmp }]
    tmpfs: /run
    networks: { back: { aliases: [www] }, default: {} }
    healthcheck: { test: "true", interval: 1h }
    cap_add: [NET_ADMIN]
    cap_drop: [MKNOD]
    user: "0"
    working_dir: /data
    hostname: www
    extra_hosts: ["one:10.0.0.1"]
    dns: 10.0.0.2
    sysctls: { net.ipv4.ip_forward: "1" }
    ulimits: { nofile: { soft: 100, hard: 200 } }
    mem_limit: 64m
    cpus: 0.5
    pids_limit: 50
    shm_size: 8m
    stop_grace_period: 1s
    stop_signal: SIGKILL
    read_only: false
    tty: true
    logging: { driver: json-file, options: { max-size: 1m } }
${more}
  side:
    image: busybox
    command: sleep 1000
    stop_signal: SIGKILL
    network_mode: service:web
networks: { back: {} }
volumes: { data: {} }
`;

test("all is made before the first up; right after it there is nothing to do", async () => {
  const files = { "compose.yaml": rich() };
  expect(changes(await look(files))).toEqual({
    services: [
      { name: "side", create: [1] },
      { name: "web", create: [1] },
    ],
    networks: [
      { name: "rich_back", step: "create" },
      { name: "rich_default", step: "create" },
    ],
    volumes: [{ name: "rich_data", step: "create" }],
  });
  await up(files);
  expect(changes(await look(files))).toEqual({ services: [] });
  expect(changes(await look({ "compose.yaml": rich().replace("data: {}", "data: { labels: { a: b } }") }))).toEqual({
    services: [],
    volumes: [{ name: "rich_data", step: "diverged" }],
  });
  // Of all that the file says, only what is new makes a difference.
  const [service] = (await look({ "compose.yaml": rich('    annotations: { new: "1" }') })).services.slice(1);
  expect(service).toMatchObject({ name: "web", why: [] });
  expect(service!.plan.recreate).toHaveLength(1);
});

test("an edit is told in the file's words, and who follows; what stopped is started", async () => {
  const edited = rich("    depends_on: []")
    .replace("MODE: fast,", "MODE: slow, QUEUE: a,")
    .replace('"127.0.0.1::80"', '"127.0.0.1::81"')
    .replace("restart: on-failure:3", "restart: always")
    .replace("/anonymous, ", "")
    .replace("tmpfs: /run", "privileged: true")
    .replace(", default: {}", "")
    .replace("mem_limit: 64m", "mem_limit: 32m");
  const web = {
    name: "web",
    recreate: ["rich-web-1"],
    why: [
      "environment MODE=fast → slow +QUEUE=a",
      "ports -127.0.0.1::80 +127.0.0.1::81",
      "volumes -/anonymous -tmpfs:/run",
      "networks -rich_default",
      "restart on-failure:3 → always",
      "privileged none → true",
      "mem_limit 67108864 → 33554432",
    ],
  };
  expect(changes(await look({ "compose.yaml": edited }))).toEqual({
    services: [{ name: "side", recreate: ["rich-side-1"], why: ["shares a namespace with one that is made anew"] }, web],
  });
  await home.engine.containers.stop((await home.engine.containers.list({ filters: { name: ["rich-side-1"] } }))[0]!.Id);
  expect(changes(await look({ "compose.yaml": rich() }))).toEqual({ services: [{ name: "side", start: ["rich-side-1"] }] });
});

test("too many go, strangers are named, and what up would fail with is said", async () => {
  const services =
    "services: { web: { image: busybox, scale: 0 }, far: { image: far.example/away, pull_policy: never, scale: 0 }, later: { image: far.example/b, scale: 0 } }";
  const gone = `name: rich\n${services}\nnetworks: { theirs: { external: true } }\n`;
  expect(changes(await look({ "compose.yaml": gone.replace("scale: 0 }, far", "scale: 0, networks: [theirs] }, far") }))).toEqual({
    services: [
      { name: "far", image: "missing" },
      { name: "later", image: "pull" },
      { name: "web", remove: ["rich-web-1"] },
    ],
    orphans: ["rich-side-1"],
    problems: ["network theirs is external, and not there", "far: no image far.example/away, and its policy forbids to fetch it"],
  });
});
