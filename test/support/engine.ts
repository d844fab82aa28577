/** An engine over a state directory of its own, gone with all its containers, mounts and namespaces when the test ends. */
import { execFileSync } from "node:child_process";
import { createReadStream, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type House, openHouse } from "../../engine/house.ts";
import type { LocalOptions } from "../../engine/state/options.ts";
import { eventually } from "./eventually.ts";
import { processesNaming } from "./leaks.ts";
import { busyboxTar } from "./rootfs.ts";

export interface TestEngine extends AsyncDisposable {
  engine: House;
  root: string;
}

const launcher = new URL("../../bin/berth", import.meta.url).pathname;

/** Opens an engine in a fresh directory. */
export function openTestEngine(options: LocalOptions = {}): TestEngine {
  const root = mkdtempSync(join(tmpdir(), "berth-test-"));
  const engine = openHouse({ root, self: [launcher], ...options });
  return { engine, root, [Symbol.asyncDispose]: () => destroy(engine, root) };
}

/** Removes whatever is left under a test's state directory, even when the engine under test is broken. */
export async function destroy(engine: House, root: string): Promise<void> {
  try {
    for (const { Id } of await engine.containers.list({ all: true })) await engine.containers.remove(Id, { force: true, volumes: true });
    for (const network of await engine.networks.list()) {
      if (!["bridge", "host", "none"].includes(network.Name)) await engine.networks.remove(network.Id);
    }
  } finally {
    await engine.close();
    // Monitors start berth once more after the end of each container. (A bridge that retires touches no file here.)
    await eventually(() => {
      const left = processesNaming(root).find((line) => line.includes(" internal "));
      if (left) throw new Error(`still running: ${left}`);
    });
    unmountBelow(root);
    rmSync(root, { recursive: true, force: true });
  }
}

/** Lazily detaches every mount below a directory, deepest first. */
export function unmountBelow(root: string): void {
  const targets = readFileSync("/proc/self/mountinfo", "utf8")
    .split("\n")
    .map((line) => line.split(" ")[4] ?? "")
    .filter((target) => target.startsWith(`${root}/`))
    .reverse();
  for (const target of targets) execFileSync("umount", ["-l", target]);
}

/** Drains a generator of progress events; returns its result. */
export async function finish<T>(operation: AsyncGenerator<unknown, T>): Promise<T> {
  for (;;) {
    const { done, value } = await operation.next();
    if (done) return value;
  }
}

/** Imports the busybox image as `busybox:latest` and returns its id. */
export async function importBusybox(engine: House, reference = "busybox:latest"): Promise<string> {
  const { Id } = await finish(engine.images.import(createReadStream(busyboxTar()), { reference, changes: ['CMD ["sh"]'] }));
  return Id;
}
