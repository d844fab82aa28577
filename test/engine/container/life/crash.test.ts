/** kill -9 of berth at any moment leaves nothing that the next command does not clean up or adopt. */
import { once } from "node:events";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import { openHouse } from "../../../../engine/house.ts";
import { importBusybox, openTestEngine } from "../../../support/engine.ts";
import { startSource } from "../../../support/source-process.ts";
import { findLeftovers } from "../leftovers.ts";

const launcher = new URL("../../../../bin/berth", import.meta.url).pathname;
const child = new URL("./crash-child.ts", import.meta.url).pathname;
const seed = Number(process.env["BERTH_TEST_SEED"] ?? 20_261_123);
/** Milliseconds: longer than a whole cycle of the child's work. */
const longestLife = 500;

/** mulberry32: a small repeatable generator, so that a failure can be run again. */
function random(state: number): () => number {
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Starts the victim and waits until it works; the result kills it and waits for its end. */
async function startVictim(root: string, work: string, network: string): Promise<() => Promise<void>> {
  const victim = startSource(child, [root, work, launcher, network], { stdio: ["ignore", "pipe", "inherit"] });
  const ended = once(victim, "exit");
  const lines = createInterface(victim.stdout!);
  const [line] = (await Promise.race([once(lines, "line"), ended])) as [string];
  expect(line).toBe("ready");
  return async () => {
    victim.kill("SIGKILL");
    // A status instead of the signal: it failed by itself before it could be killed.
    expect(await ended).toEqual([null, "SIGKILL"]);
  };
}

/** Waits until the monitors' exit commands, which run on their own, have ended too. */
async function leftoversSettle(root: string): Promise<string[]> {
  for (const until = Date.now() + 60_000; ; ) {
    await using house = openHouse({ root, self: [launcher] });
    await house.containers.list({ all: true });
    const found = findLeftovers(house);
    if (found.length === 0 || Date.now() > until) return found;
    await delay(50);
  }
}

test.each([
  ["direct", "none", 12],
  ["direct", "bridge", 10],
  ["attached", "none", 12],
  ["detached", "bridge", 14],
])("killed while it works on containers (%s, network %s)", { timeout: 600_000 }, async (work, network, kills) => {
  await using made = openTestEngine();
  await importBusybox(made.engine);
  const next = random(seed + kills);
  for (let kill = 0; kill < kills; kill++) {
    const kill9 = await startVictim(made.root, work, network);
    const life = Math.round(next() * longestLife);
    await delay(life); // the moment of the crash is the test's input, not something it waits for
    await kill9();
    expect(await leftoversSettle(made.root), `kill ${kill} after ${life} ms, seed ${seed}`).toEqual([]);
  }
});
