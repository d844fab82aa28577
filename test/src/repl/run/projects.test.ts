/** What a session has of a project: its fields, waiting for all of it, expectations. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Session } from "../../../../src/repl/session.ts";
import { openScene, type Scene } from "../../commands/scene.ts";

let scene: Scene;
const here = mkdtempSync(join(tmpdir(), "berth-session-project-"));
beforeAll(async () => {
  scene = await openScene();
  writeFileSync(
    join(here, "compose.yaml"),
    `name: shop
services:
  web: { image: busybox, command: sleep 1000, stop_grace_period: 0s, scale: 2 }
  db:
    image: busybox
    command: sh -c "sleep 0.1; touch /ready; exec sleep 1000"
    stop_grace_period: 0s
    healthcheck: { test: "test -e /ready", interval: 100ms, retries: 1000 }
  migrate: { image: busybox, command: "true" }
  bad: { image: busybox, command: sh -c "exit 3", profiles: [bad] }
`,
  );
});
afterAll(async () => {
  rmSync(here, { recursive: true });
  await scene[Symbol.asyncDispose]();
});

async function printed(source: string): Promise<string> {
  const session = new Session({ engine: scene.engine, io: { ...scene.session.io, cwd: here }, file: "script" });
  const text: string[] = [];
  session.place.output = { put: (data) => void text.push(Buffer.from(data).toString()) };
  try {
    await session.run(source, "script", () => new AbortController().signal);
  } finally {
    await session.close();
  }
  return text.join("");
}

test("a project's fields, and waiting for all of it", async () => {
  const text = await printed(`let p = compose up -d
wait p healthy 30s
wait $p healthy 1s
print $p \${p.services.web.containers[1].name} \${p.services.db.image}
let c = inspect \${p.services.db.containers[0].id}
expect \${c.State.Health.Status} == healthy
expect compose ps db .[0].Health == healthy
compose down -t 0
wait p removed 10s`);
  expect(text).toContain("shop shop-web-2 busybox\n");
}, 60_000);

test("one that fails is named", async () => {
  await expect(printed("let p = compose --profile bad up -d\nwait p healthy 30s")).rejects.toThrow(
    "container shop-bad-1 does not become healthy: it exited with status 3",
  );
  await printed("compose --profile bad down -t 0");
}, 60_000);
