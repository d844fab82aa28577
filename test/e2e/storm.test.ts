/**
 * kill -9 of berth, of monitors, runtimes and containers at random moments, over and over in one state directory: every
 * next command answers, and once all is removed nothing is left. BERTH_TEST_KILLS makes the storm longer.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import { launcher } from "../support/driver.ts";
import { eventually } from "../support/eventually.ts";
import { footprint, nothing } from "../support/leaks.ts";
import { startOwnRegistry } from "../support/own-registry.ts";
import { freePort } from "../support/ports.ts";
import { chance, testSeed } from "../support/random.ts";
import { residue } from "../support/residue.ts";
import { busyboxTar } from "../support/rootfs.ts";
import { Program } from "./program.ts";
import { type Action, archive, drawAction, filled, type Scene, targets } from "./storm-actions.ts";

const kills = Number(process.env["BERTH_TEST_KILLS"] ?? 80);
/** How many kills a state directory sees before everything in it is removed and counted. */
const batch = 40;

/** Milliseconds before which berth has done nothing yet but load itself. */
const shortest = 8;

interface Death {
  action: Action;
  victim: string;
  /** Milliseconds after its start. */
  after: number;
  /** False when what was to be killed was not there, or no more. */
  hit: boolean;
  /** What another berth did at the same time, killed too. */
  companion?: Action;
}

/** Starts an action and kills berth, or one of the processes that work for it, somewhere in the middle. */
async function strike(program: Program, scene: Scene): Promise<Death> {
  const action = drawAction(scene);
  const after = Math.round(shortest + scene.chance.next() * (action.length - shortest));
  const env = { ...process.env, ...program.env };
  const child = spawn(launcher, action.args, { env, cwd: "/", stdio: "ignore" });
  const ended = once(child, "exit");
  const companion = scene.chance.below(4) === 0 ? drawAction(scene) : undefined;
  const accompanied = companion && accompany(program, scene, companion);
  const victim = scene.chance.below(4) > 0 ? "berth" : scene.chance.pick(["monitor", "runtime", "init"] as const);
  // The moment of death is the test's input, not something it waits for. A runtime lives too shortly to be met by chance.
  await Promise.race([victim === "runtime" ? runtimeSeen(program.root, ended) : delay(after), ended]);
  const others = victim === "berth" ? [] : targets(program.root)[victim];
  const hit = others.length > 0 ? shoot(scene.chance.pick(others)) : child.exitCode === null && child.kill("SIGKILL");
  // What berth does about the death of another is its own business first.
  await Promise.all([ended, accompanied]);
  return { action, victim: others.length > 0 ? victim : "berth", after, hit, companion };
}

async function accompany(program: Program, scene: Scene, { args, length }: Action): Promise<void> {
  const child = spawn(launcher, args, { env: { ...process.env, ...program.env }, cwd: "/", stdio: "ignore" });
  const ended = once(child, "exit");
  await Promise.race([delay(Math.round(shortest + scene.chance.next() * (length - shortest))), ended]);
  child.kill("SIGKILL");
  await ended;
}

async function runtimeSeen(root: string, ended: Promise<unknown>): Promise<void> {
  let over = false;
  void ended.then(() => (over = true));
  while (!over && targets(root).runtime.length === 0) await delay(1);
}

function shoot(pid: number): boolean {
  try {
    return process.kill(pid, "SIGKILL");
  } catch (error) {
    expect((error as NodeJS.ErrnoException).code).toBe("ESRCH"); // it ended meanwhile
    return false;
  }
}

/** The next command answers, and what it says is true. */
async function answers(program: Program, death: Death): Promise<void> {
  const list = ["ps", "-a", "--no-trunc", "--format", "{{.ID}} {{.State}}"];
  const { status, stdout, stderr } = await program.run(list);
  const why = `${death.action.args.join(" ")}: ${death.victim} killed after ${death.after} ms, seed ${testSeed}`;
  expect({ status, stderr }, why).toEqual({ status: 0, stderr: "" });
  expect(
    passing(stdout).filter((state) => state !== "removing"),
    why,
  ).toEqual([]);
  // The exit command of a monitor may be removing one just now.
  if (stdout.includes("removing")) await eventually(async () => expect(passing(await program.ok(list)), why).toEqual([]));
}

const lasting = ["created", "running", "paused", "exited", "restarting"];

/** The states that do not last, of a list with an id and a state in each line. */
const passing = (list: string) =>
  list
    .split("\n")
    .filter(Boolean)
    .map((line) => line.split(" ")[1]!)
    .filter((state) => !lasting.includes(state));

/** Removes everything, by commands only; they all must succeed. */
async function removeAll(program: Program): Promise<void> {
  const list = async (...args: string[]) => (await program.ok(args)).split("\n").filter(Boolean);
  const containers = await list("ps", "-aq");
  if (containers.length > 0) await program.ok(["rm", "-f", "-v", ...containers]);
  await program.ok(["network", "prune", "-f"]);
  const images = await list("images", "-aq", "--no-trunc");
  if (images.length > 0) await program.ok(["rmi", "-f", ...new Set(images)]);
  await program.ok(["builder", "prune", "-af"]);
  await program.ok(["volume", "prune", "-af"]);
}

/** What a volume was given of the image is all of it, or is given now. */
async function volumesAreWhole(program: Program): Promise<void> {
  const count = ["busybox", "sh", "-c", "ls /bin | wc -l"];
  const whole = await program.ok(["run", "--rm", "--network", "none", ...count]);
  for (const name of (await program.ok(["volume", "ls", "-q", "-f", `name=${filled}`])).split("\n").filter(Boolean))
    expect([name, await program.ok(["run", "--rm", "--network", "none", "-v", `${name}:/bin`, ...count])]).toEqual([name, whole]);
}

async function prepare(program: Program, scene: Scene): Promise<void> {
  await program.ok(["import", busyboxTar(), "busybox"]);
  await program.ok(["create", "--name", "seed", "busybox", "sh"]);
  await program.ok(["cp", import.meta.filename, "seed:/extra"]);
  await program.ok(["commit", "seed", "loaded"]);
  await program.ok(["save", "-o", archive(scene.work), "loaded"]);
  await program.ok(["rmi", "loaded"]);
  await program.ok(["rm", "seed"]);
  for (const tag of ["0", "1"]) {
    await program.ok(["tag", "busybox", `${scene.registry}/wind:${tag}`]);
    await program.ok(["push", `${scene.registry}/wind:${tag}`]);
  }
}

const batches = Math.ceil(kills / batch);

test.each(Array.from({ length: batches }, (_, at) => at))("storm %i", { timeout: 60_000 + batch * 10_000 }, async (at) => {
  await using registry = await startOwnRegistry();
  await using program = new Program();
  const work = mkdtempSync(join(tmpdir(), "berth-storm-"));
  try {
    const ports = await Promise.all([freePort(), freePort(), freePort()]);
    const scene: Scene = { root: program.root, work, ports, registry: registry.host, chance: chance(testSeed + at), turn: 0 };
    await prepare(program, scene);
    const ids = new Set<string>();
    const deaths: string[] = [];
    for (let hits = 0; hits < batch; scene.turn++) {
      const death = await strike(program, scene);
      hits += Number(death.hit);
      deaths.push(
        `${death.hit ? "" : "(missed) "}${death.victim} ${death.after} ms: ${death.action.args.join(" ")}${death.companion ? ` & ${death.companion.args.join(" ")}` : ""}`,
      );
      await answers(program, death);
      for (const id of (await program.ok(["ps", "-aq", "--no-trunc"])).split("\n").filter(Boolean)) ids.add(id);
    }
    // Exit commands of monitors run on their own.
    const story = deaths.join("\n");
    await eventually(async () => {
      await program.ok(["ps"]);
      expect(residue(program.root), story).toEqual([]);
    });
    await volumesAreWhole(program);
    await removeAll(program);
    await eventually(() => expect(residue(program.root, { expectEmpty: true }), story).toEqual([]));
    await eventually(() => expect(footprint(program.root, [...ids]), story).toEqual(nothing));
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
});
