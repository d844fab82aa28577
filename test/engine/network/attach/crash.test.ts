import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { beforeAll, expect, test } from "vitest";
import { chance } from "../../../support/random.ts";
import { startSource } from "../../../support/source-process.ts";
import { interfaces, leaveHostNetwork, nftRules, openScene, until } from "../scene.ts";

beforeAll(leaveHostNetwork);

const kills = Number(process.env["BERTH_TEST_KILLS"] ?? 15);
const program = new URL("attacher.ts", import.meta.url).pathname;

function start(root: string, prefix: string, count = 0, network = "bridge"): ChildProcess {
  return startSource(program, [root, prefix, String(count), network], { stdio: ["ignore", "pipe", "inherit"] });
}

async function linesOf(child: ChildProcess): Promise<string[]> {
  const chunks: string[] = [];
  child.stdout?.setEncoding("utf8").on("data", (chunk: string) => chunks.push(chunk));
  const ended = await once(child, "close");
  expect(ended).toEqual([0, null]);
  return chunks.join("").trim().split("\n");
}

test("processes that attach at the same time never get the same address", async () => {
  await using scene = openScene();
  const outputs = await Promise.all(["a", "b", "c"].map((prefix) => linesOf(start(scene.root, prefix, 8))));
  const addresses = outputs.flatMap((lines) => JSON.parse(lines[1] as string) as string[]);
  expect(addresses).toHaveLength(24);
  expect(new Set(addresses).size).toBe(24);
  for (const { owner } of scene.house.db.all<{ owner: string }>("SELECT owner FROM endpoints")) await scene.detach(owner);
});

/** Owners of the forwarders that run from a state directory. */
function forwardersBelow(root: string): string[] {
  return readdirSync("/proc").flatMap((pid) => {
    try {
      const [program = "", owner = ""] = /^\d+$/.test(pid) ? readFileSync(`/proc/${pid}/cmdline`, "latin1").split("\0") : [];
      return program.startsWith(`${root}/run/network/programs/`) ? [owner] : [];
    } catch {
      return []; // it ended meanwhile
    }
  });
}

test("whatever a killed process left is taken back: namespaces, cables, rules, rows, forwarders", { timeout: 600_000 }, async () => {
  await using scene = openScene();
  const random = chance(20_240_501);
  for (let round = 0; round < kills; round++) {
    const child = start(scene.root, `round${round}x`);
    await once(child.stdout as NodeJS.ReadableStream, "data");
    await new Promise((resolve) => setTimeout(resolve, random.next() * 40)); // where in its work it is killed is the point
    expect(child.exitCode).toBeNull();
    child.kill("SIGKILL");
    await once(child, "exit");
  }
  const recorded = scene.house.db
    .all<{ owner: string }>("SELECT owner FROM endpoints UNION SELECT owner FROM ports")
    .map(({ owner }) => owner);
  const owners = new Set([...recorded, ...readdirSync(scene.house.paths.netns)]);
  expect(owners.size).toBeGreaterThan(kills / 3);
  const survivor = await scene.attach("survivor", { ports: { "80/tcp": [{ HostIp: "", HostPort: "18500" }] } });
  await scene.serve(survivor.netns, 80, "survivor");
  for (const owner of owners) await scene.detach(owner);
  expect(readdirSync(scene.house.paths.netns)).toEqual(["survivor"]);
  await until("only the survivor's IPv6 port is forwarded", () => forwardersBelow(scene.root).join() === "survivor");
  await until("the cables are gone", () => interfaces().filter((name) => name.startsWith("veth")).length === 1);
  expect(nftRules().match(/tcp \. \d+ : /g)).toEqual(["tcp . 18500 : "]);
  expect(scene.ask(undefined, "127.0.0.1", 18500)).toMatch(/^survivor /);
  await scene.detach("survivor");
  await until("the bridge is gone", () => !interfaces().some((name) => name.startsWith("berth")));
});

test("a bridge whose last user's process was killed while it gave the bridge up goes with the next one", async () => {
  await using scene = openScene();
  const child = start(scene.root, "round", 0, "dies at retirement");
  await once(child, "exit");
  expect(child.signalCode).toBe("SIGKILL");
  expect(interfaces().some((name) => name.startsWith("berth"))).toBe(true);
  await scene.detach("whoever");
  await until("the bridge is gone", () => !interfaces().some((name) => name.startsWith("berth")));
});

/** Pids of the name servers that answer from a state directory. */
function serversBelow(root: string): string[] {
  return readdirSync("/proc").filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, "latin1").includes(`\0${root}/run/network/dns\0`);
    } catch {
      return false; // it ended meanwhile
    }
  });
}

test("a name server that a killed process started, or was about to end, is found and ended", { timeout: 600_000 }, async () => {
  await using scene = openScene();
  await scene.network({ Name: "names" });
  const random = chance(20_240_502);
  for (let round = 0; round < kills; round++) {
    const child = start(scene.root, `round${round}x`, 0, "names");
    await once(child.stdout as NodeJS.ReadableStream, "data");
    await new Promise((resolve) => setTimeout(resolve, random.next() * 60)); // where in its work it is killed is the point
    child.kill("SIGKILL");
    await once(child, "exit");
    const owners = scene.house.db.all<{ owner: string }>("SELECT owner FROM endpoints").map(({ owner }) => owner);
    for (const owner of ["none", ...owners]) await scene.detach(owner);
    await until("no name server is left", () => serversBelow(scene.root).length === 0);
  }
});
