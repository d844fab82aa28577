/** kill -9 of berth at any moment leaves nothing that the next command does not clean up or adopt. BERTH_TEST_KILLS makes it more. */
import { once } from "node:events";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import { openHouse } from "../../../../engine/house.ts";
import { importBusybox, openTestEngine } from "../../../support/engine.ts";
import { chance, testSeed } from "../../../support/random.ts";
import { startSource } from "../../../support/source-process.ts";
import { findLeftovers } from "../leftovers.ts";

const launcher = new URL("../../../../bin/berth", import.meta.url).pathname;
const child = new URL("./crash-child.ts", import.meta.url).pathname;
const kills = Number(process.env["BERTH_TEST_KILLS"] ?? 8);
/** Milliseconds: longer than a whole cycle of the child's work. */
const longestLife = 500;

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
  ["direct", "none"],
  ["direct", "bridge"],
  ["attached", "none"],
  ["detached", "bridge"],
])("killed while it works on containers (%s, network %s)", { timeout: 600_000 }, async (work, network) => {
  await using made = openTestEngine();
  await importBusybox(made.engine);
  const random = chance(testSeed + work.length);
  for (let kill = 0; kill < kills; kill++) {
    const kill9 = await startVictim(made.root, work, network);
    const life = Math.round(random.next() * longestLife);
    await delay(life); // the moment of the crash is the test's input, not something it waits for
    await kill9();
    expect(await leftoversSettle(made.root), `kill ${kill} after ${life} ms, seed ${testSeed}`).toEqual([]);
  }
});
