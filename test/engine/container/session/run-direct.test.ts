/** A run without a monitor: its network is made while the runtime works, and its record is written before its process goes. */
import { createServer } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { ContainerCreate } from "../../../../engine/index.ts";
import { finish, importBusybox, openTestEngine, type TestEngine } from "../../../support/engine.ts";
import { plainFace } from "../faces.ts";
import { findLeftovers } from "../leftovers.ts";

let made: TestEngine;
beforeAll(async () => {
  made = openTestEngine();
  await importBusybox(made.engine);
});
afterAll(() => made[Symbol.asyncDispose]());

async function run(Cmd: string[], HostConfig: ContainerCreate["HostConfig"] = {}, signal?: AbortSignal) {
  const face = plainFace();
  const spec = { Image: "busybox", Cmd, HostConfig: { AutoRemove: true, ...HostConfig } };
  const end = await finish(made.engine.containers.run(spec, face, signal ? { signal } : {}));
  return { ...end, out: face.stdout.text };
}

test("a sysctl of an interface finds it", async () => {
  const setting = "net.ipv4.conf.eth0.rp_filter";
  const { out } = await run(["cat", `/proc/sys/${setting.replaceAll(".", "/")}`], { Sysctls: { [setting]: "2" } });
  expect(out).toBe("2\n");
});

test.each(["crun", "runc"])("names and addresses are there when the process begins (%s)", async (Runtime) => {
  const { out } = await run(["sh", "-c", "hostname -i; grep -c $(hostname) /etc/hosts; ip -o -4 addr show dev eth0 | wc -l"], { Runtime });
  expect(out).toMatch(/^\d+\.\d+\.\d+\.\d+\n1\n1\n$/);
});

test("what cannot be connected ends with the runtime's work, and leaves nothing", async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "0.0.0.0", resolve));
  const { port } = server.address() as { port: number };
  try {
    const PortBindings = { "80/tcp": [{ HostIp: "", HostPort: String(port) }] };
    await expect(run(["true"], { PortBindings })).rejects.toMatchObject({ code: "port-in-use", exit: 125 });
  } finally {
    server.close();
  }
  expect(findLeftovers(made.engine)).toEqual([]);
});

test("a runtime that is ended on the way is not heard", async () => {
  const face = plainFace();
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "0.0.0.0", resolve));
  const { port } = server.address() as { port: number };
  const HostConfig = { AutoRemove: true, PortBindings: { "80/tcp": [{ HostIp: "", HostPort: String(port) }] } };
  try {
    for (let n = 0; n < 8; n++) {
      const refused = finish(made.engine.containers.run({ Image: "busybox", Cmd: ["true"], HostConfig }, face, {}));
      await expect(refused).rejects.toMatchObject({ code: "port-in-use" });
    }
  } finally {
    server.close();
  }
  expect(face.stderr.text).toBe("");
});

test("called off while it is made, it leaves nothing", async () => {
  const controller = new AbortController();
  let ended: Promise<unknown> | undefined;
  const onListening = () => void (ended = run(["sleep", "1000"], {}, controller.signal).catch((error: unknown) => error));
  for await (const event of made.engine.events({ follow: true, onListening })) {
    if (event.Action === "connect") controller.abort(); // the runtime is at work
    if (event.Action === "destroy") break;
  }
  expect(await ended).toMatchObject({ code: "cancelled" });
  expect(findLeftovers(made.engine)).toEqual([]);
});

test("its events come in docker's order", async () => {
  const since = Date.now() / 1000;
  const { Id } = await run(["true"]);
  const actions: string[] = [];
  for await (const { Actor, Action } of made.engine.events({ since }))
    if (Actor.ID === Id || Actor.Attributes["container"] === Id) actions.push(Action);
  expect(actions).toEqual(["create", "connect", "attach", "start", "disconnect", "die", "destroy"]);
});
