import { expect, test } from "vitest";
import type { Service } from "../../../../engine/compose/index.ts";
import { inOrder, needsOf } from "../../../../engine/compose/life/graph.ts";

const on = (...names: string[]): Service => ({
  depends_on: Object.fromEntries(names.map((name) => [name, { condition: "service_started" as const, required: true }])),
});
const project = (services: Record<string, Service>) => ({ model: { name: "app", services } });
const diamond = project({ web: on("api", "cache"), api: on("db"), cache: on("db"), db: {} });
const all = Object.keys(diamond.model.services);

/** What happened, in order: "+db" begins, "-db" ends. */
async function visits(
  options: Parameters<typeof inOrder>[3] = {},
  fails?: string,
): Promise<{ log: string[]; most: number; error?: unknown }> {
  const log: string[] = [];
  let now = 0;
  let most = 0;
  const visit = async (name: string) => {
    log.push(`+${name}`);
    most = Math.max(most, ++now);
    await new Promise(setImmediate);
    now--;
    log.push(`-${name}`);
    if (name === fails) throw new Error(name);
  };
  const error = await inOrder(diamond, all, visit, options).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return { log, most, ...(error !== undefined && { error }) };
}

test("a service begins when all that it needs is through; what needs nothing of each other goes at once", async () => {
  expect(await visits()).toEqual({ log: ["+db", "-db", "+api", "+cache", "-api", "-cache", "+web", "-web"], most: 2 });
});

test("backwards", async () => {
  expect(await visits({ reversed: true })).toEqual({ log: ["+web", "-web", "+api", "+cache", "-api", "-cache", "+db", "-db"], most: 2 });
});

test("no more at once than may be", async () => {
  expect(await visits({ atOnce: 1 })).toEqual({ log: ["+db", "-db", "+api", "-api", "+cache", "-cache", "+web", "-web"], most: 1 });
});

test("a failure ends it when those that began are through, and nothing that needs the failed one begins", async () => {
  const { error, log } = await visits({}, "api");
  expect(log).toEqual(["+db", "-db", "+api", "+cache", "-api", "-cache"]);
  expect(error).toEqual(new Error("api"));
});

test("of some services only: the rest counts as there", async () => {
  const log: string[] = [];
  await inOrder(diamond, ["web", "db"], async (name) => void log.push(name));
  expect(log.sort()).toEqual(["db", "web"]);
});

test("what a service needs: what it waits for, links, mounts and shares", () => {
  expect(
    needsOf({
      ...on("db"),
      network_mode: "service:vpn",
      links: ["api:backend"],
      volumes_from: ["data:ro", "container:old"],
      pid: "service:db",
    }),
  ).toEqual(["db", "vpn", "api", "data"]);
});
