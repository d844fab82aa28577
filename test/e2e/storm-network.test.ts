/**
 * kill -9 of `network connect` and `network disconnect` at random moments, over and over on one running container: what
 * is recorded, what is inside it and what it asks for at its next start stay one story, and its port leads to it.
 */
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launcher } from "../support/driver.ts";
import { eventually } from "../support/eventually.ts";
import { freePort } from "../support/ports.ts";
import { chance, testSeed } from "../support/random.ts";
import { residue } from "../support/residue.ts";
import { busyboxTar } from "../support/rootfs.ts";
import { Program } from "./program.ts";

const kills = Number(process.env["BERTH_TEST_KILLS"] ?? 25);
/** Milliseconds after which the command has ended by itself, roughly. */
const longest = 160;

let program: Program;
let port: number;
beforeAll(async () => {
  program = new Program();
  port = await freePort();
  await program.ok(["import", busyboxTar(), "busybox"]);
  for (const name of ["gale", "squall"]) await program.ok(["network", "create", name]);
  const serve = "mkdir -p /www && echo ahoy >/www/index.html && exec httpd -f -p 80 -h /www";
  await program.ok(["run", "-d", "--name", "hull", "-p", `127.0.0.1:${port}:80`, "busybox", "sh", "-c", serve]);
});
afterAll(() => program[Symbol.asyncDispose]());

interface Facts {
  HostConfig: { NetworkMode: string };
  NetworkSettings: { Networks: Record<string, { IPAddress: string }>; SandboxKey: string };
}

async function inspect(): Promise<Facts> {
  return JSON.parse(await program.ok(["inspect", "hull"]))[0] as Facts;
}

/** The addresses inside, asked of the kernel and not of berth. */
async function addressesIn({ NetworkSettings: { SandboxKey } }: Facts): Promise<string[]> {
  const { stdout } = await promisify(execFile)("nsenter", [`--net=${SandboxKey}`, "ip", "-o", "-4", "addr"]);
  return [...stdout.matchAll(/inet ([\d.]+)\//g)].map(([, address = ""]) => address).filter((address) => !address.startsWith("127."));
}

async function oneStory(why: string): Promise<string[]> {
  const facts = await inspect();
  const networks = Object.entries(facts.NetworkSettings.Networks).filter(([name]) => name !== "none");
  expect((await addressesIn(facts)).sort(), why).toEqual(networks.map(([, { IPAddress }]) => IPAddress).sort());
  return networks.map(([name]) => name).sort();
}

test("storm of connections", { timeout: 30_000 + kills * 5_000 }, async () => {
  const random = chance(testSeed);
  const story: string[] = [];
  for (let kill = 0; kill < kills; kill++) {
    const args = ["network", random.pick(["connect", "disconnect"]), random.pick(["bridge", "gale", "squall"]), "hull"];
    const child = spawn(launcher, args, { env: { ...process.env, ...program.env }, cwd: "/", stdio: "ignore" });
    const ended = once(child, "exit");
    // The moment of death is the test's input, not something it waits for.
    await Promise.race([delay(Math.round(8 + random.next() * longest)), ended]);
    story.push(`${child.kill("SIGKILL") ? "killed" : "ended"}: ${args.join(" ")}`);
    await ended;
    await program.ok(["ps"]);
    const networks = await oneStory(`${story.slice(-4).join("\n")}\nseed ${testSeed}`);
    if (kill % 10 < 9) continue;
    await program.ok(["restart", "-t", "0", "hull"]);
    expect(await oneStory(story.join("\n")), story.join("\n")).toEqual(networks);
  }
  for (const name of await oneStory("")) await program.ok(["network", "disconnect", name, "hull"]);
  await program.ok(["network", "connect", "gale", "hull"]);
  expect(await oneStory(story.join("\n"))).toEqual(["gale"]);
  await eventually(async () => expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe("ahoy\n"));
  expect(residue(program.root)).toEqual([]);
  await program.ok(["rm", "-f", "hull"]);
  await program.ok(["network", "prune", "-f"]);
  await eventually(() => expect(residue(program.root)).toEqual([]));
});
