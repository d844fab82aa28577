/** A host that goes away is lost within two seconds, and is there again by itself. */
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { type ConnectionState, openRemoteEngine, type RemoteEngine } from "../../../engine/remote/index.ts";
import { serveOver } from "../../support/api-client.ts";
import { container, fakeEngine } from "../../support/fake-engine.ts";
import { json, Liar } from "./scene.ts";

/** Resolves when the state is this one; gives how long it took, in ms. */
function becomes({ connection }: RemoteEngine, status: ConnectionState["status"]): Promise<number> {
  const begun = performance.now();
  return new Promise((resolve) => {
    const look = () => {
      if (connection.state.status !== status) return;
      unwatch();
      resolve(performance.now() - begun);
    };
    const unwatch = connection.watch(look);
    look();
  });
}

/** A way to a server that can be held up: bytes stay where they are, as on a network that lets nothing through. */
async function way(to: string) {
  const directory = mkdtempSync(join(tmpdir(), "berth-way-"));
  const path = join(directory, "way.sock");
  const pairs = new Set<[Socket, Socket]>();
  let isOpen = true;
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (near) => {
    const far = connect({ path: to, allowHalfOpen: true });
    for (const each of [near, far]) each.on("error", () => {});
    near.pipe(far).pipe(near);
    pairs.add([near, far]);
    if (!isOpen) for (const each of [near, far]) each.pause();
  });
  server.listen(path);
  await once(server, "listening");
  return {
    path,
    hold(held: boolean) {
      isOpen = !held;
      for (const pair of pairs) for (const each of pair) held ? each.pause() : each.resume();
    },
    async [Symbol.asyncDispose]() {
      for (const pair of pairs) for (const each of pair) each.destroy();
      server.close();
      await once(server, "close");
      rmSync(directory, { recursive: true });
    },
  };
}

test("one that stops is lost at once, and one that comes back is used again", async () => {
  const host = fakeEngine();
  host.containers.push(container("web"));
  let served = await serveOver(host.engine);
  const { socket } = served;
  await using engine = openRemoteEngine(`unix://${socket}`);
  expect(engine.connection.state).toEqual({ status: "connecting" });
  const heard: string[] = [];
  const unwatch = engine.connection.watch(({ status }) => heard.push(status));
  await becomes(engine, "connected");
  expect(engine.connection).toMatchObject({
    address: `unix://${socket}`,
    state: { peer: { kind: "berth", version: "1.51" }, latency: expect.any(Number) },
  });
  expect(await engine.containers.list()).toHaveLength(1);
  await served[Symbol.asyncDispose]();
  await becomes(engine, "lost");
  expect(engine.connection.state).toMatchObject({
    since: expect.any(Number),
    error: { code: "network", message: expect.stringContaining(socket) },
  });
  await expect(engine.containers.list()).rejects.toMatchObject({ code: "network" });
  served = await serveOver(host.engine, socket);
  await becomes(engine, "connected");
  expect(await engine.containers.list()).toHaveLength(1);
  expect(heard).toEqual(["connected", "lost", "connected"]);
  unwatch();
  await served[Symbol.asyncDispose]();
  rmSync(dirname(socket), { recursive: true });
});

test("what is called off says nothing of the host: a log, an answer that is still to come", async () => {
  const host = fakeEngine();
  host.containers.push(container("web"));
  host.log.push("said");
  await using served = await serveOver(host.engine);
  await using engine = openRemoteEngine(`unix://${served.socket}`);
  await becomes(engine, "connected");
  const heard: string[] = [];
  const unwatch = engine.connection.watch(({ status }) => heard.push(status));
  const leaving = new AbortController();
  const following = (async () => {
    for await (const entries of engine.containers.logs("web", { follow: true, signal: leaving.signal }))
      if (entries.length > 0) leaving.abort();
  })();
  await following.catch(({ code }) => expect(code).toBe("cancelled"));
  expect(leaving.signal.aborted).toBe(true);
  const late = new AbortController();
  const waiting = engine.containers.wait("web", "not-running", late.signal);
  setImmediate(() => late.abort());
  await expect(waiting).rejects.toMatchObject({ code: "cancelled" });
  expect({ heard, state: engine.connection.state.status }).toEqual({ heard: [], state: "connected" });
  unwatch();
});

test("one that is silent is lost, too, and what hangs there goes on when it is back", async () => {
  const host = fakeEngine();
  await using served = await serveOver(host.engine);
  await using between = await way(served.socket);
  await using engine = openRemoteEngine(`unix://${between.path}`);
  await becomes(engine, "connected");
  between.hold(true);
  const asked = engine.containers.list();
  await becomes(engine, "lost");
  expect(engine.connection.state).toMatchObject({ error: { message: "the host does not answer" } });
  between.hold(false);
  await becomes(engine, "connected");
  expect(await asked).toEqual([]);
});

test("a question that fails tells that it is lost, without anybody who watches", async () => {
  await using liar = await new Liar(({ socket }) => void socket.write(json("[]"))).listen();
  await using engine = liar.engine();
  await engine.containers.list();
  expect(engine.connection.state.status).toBe("connected");
  await liar.stop();
  await expect(engine.containers.list()).rejects.toMatchObject({ code: "network" });
  expect(engine.connection.state.status).toBe("lost");
  await liar.listen();
  expect(await engine.containers.list()).toEqual([]);
  expect(engine.connection.state.status).toBe("connected");
});
