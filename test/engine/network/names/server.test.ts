/** The name server's life beside containers: who else answers, and what remains of earlier servers. */
import { type ChildProcess, spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { chmodSync, existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { at, directoryOf, readRecord, recordOf } from "../../../../engine/network/names/server.ts";
import { startOf } from "../../../../engine/sys/owner.ts";
import { leaveHostNetwork, openScene, type Scene, until } from "../scene.ts";
import { askUdp, code, type } from "./client.ts";

beforeAll(leaveHostNetwork);

const pid = (scene: Scene) => readRecord(scene.house, at.pid);

test("who starts a container does not meet the reading of names", async () => {
  await using scene = openScene();
  await scene.network({ Name: "front" });
  const first = await scene.attach("first", { mode: "front" });
  const gateway = first.endpoints["front"]?.Gateway as string;
  const server = pid(scene);
  for (let round = 0; round < 12; round++) {
    const late = await scene.attach(`late${round}`, { mode: "front" });
    expect(await askUdp(gateway, gateway, `late${round}`)).toMatchObject({ answers: [late.endpoints["front"]?.IPAddress] });
    await scene.detach(`late${round}`);
    expect(await askUdp(gateway, gateway, `late${round}`)).toMatchObject({ code: code.SERVFAIL }); // and there is no outside
  }
  expect(pid(scene)).toBe(server);
});

test("a network with IPv6 is answered on at both gateways, and its addresses have names", async () => {
  await using scene = openScene();
  await scene.network({ Name: "dual", EnableIPv6: true });
  const web = await scene.attach("web", { mode: "dual" });
  const { Gateway = "", IPv6Gateway = "", IPAddress = "", GlobalIPv6Address = "" } = web.endpoints["dual"] ?? {};
  expect(await askUdp(IPv6Gateway, IPv6Gateway, "web")).toMatchObject({ answers: [IPAddress] });
  expect(await askUdp(Gateway, Gateway, "web", type.AAAA)).toMatchObject({ answers: [GlobalIPv6Address] });
  const reverse = `${IPAddress.split(".").toReversed().join(".")}.in-addr.arpa`;
  expect(await askUdp(Gateway, Gateway, reverse, type.PTR)).toMatchObject({ answers: ["web.dual"] });
});

test("a server that was killed is started again by the next command", async () => {
  await using scene = openScene();
  await scene.network({ Name: "front" });
  const one = await scene.attach("one", { mode: "front" });
  const killed = pid(scene);
  process.kill(killed, "SIGKILL");
  const two = await scene.attach("two", { mode: "front" });
  expect(pid(scene)).not.toBe(killed);
  expect(scene.resolve(two, "one")).toBe(one.endpoints["front"]?.IPAddress);
});

test("a server whose directory is deleted beneath it ends, and its connections with it", async () => {
  await using scene = openScene();
  await scene.network({ Name: "front" });
  const first = await scene.attach("first", { mode: "front" });
  const gateway = first.endpoints["front"]?.Gateway as string;
  const server = pid(scene);
  const client = connect(53, gateway);
  await once(client, "connect");
  const closed = once(client, "close");
  client.resume().on("error", () => {});
  chmodSync(recordOf(scene.house), 0o600); // a change that leaves the record where it is ends nobody
  expect(await askUdp(gateway, gateway, "first")).toMatchObject({ answers: [first.endpoints["front"]?.IPAddress] });
  expect(startOf(server)).not.toBe("");
  rmSync(directoryOf(scene.house), { recursive: true });
  await until("the server ends", () => startOf(server) === "");
  await closed;
  mkdirSync(directoryOf(scene.house));
  const second = await scene.attach("second", { mode: "front" });
  expect(scene.resolve(second, "second")).toBe(second.endpoints["front"]?.IPAddress);
});

/** A process with the command line that aardvark-dns had, and its file. */
async function startEarlier(scene: Scene): Promise<ChildProcess> {
  const directory = directoryOf(scene.house);
  const earlier = spawn("/bin/sh", ["-c", "echo; read _", "aardvark-dns", "--config", directory, "run"], {
    stdio: ["pipe", "pipe", "ignore"],
  });
  await once(earlier.stdout as NodeJS.ReadableStream, "data");
  writeFileSync(join(directory, "aardvark.pid"), String(earlier.pid));
  return earlier;
}

test("aardvark-dns of an earlier version of berth makes room, and the names that it served stay", async () => {
  await using scene = openScene();
  for (const Name of ["front", "back"]) await scene.network({ Name });
  const one = await scene.attach("one", { mode: "front" });
  process.kill(pid(scene), "SIGKILL");
  const earlier = await startEarlier(scene);
  const ended = once(earlier, "exit");
  await scene.attach("two", { mode: "back" });
  expect(await ended).toEqual([null, "SIGKILL"]);
  expect(existsSync(join(directoryOf(scene.house), "aardvark.pid"))).toBe(false);
  expect(scene.resolve(one, "one")).toBe(one.endpoints["front"]?.IPAddress);
});

test("another name server on port 53 of every address is said to be in the way", async () => {
  await using scene = openScene();
  await scene.network({ Name: "front" });
  const other = createSocket("udp4");
  other.bind(53, "0.0.0.0");
  await once(other, "listening");
  try {
    await expect(scene.attach("one", { mode: "front" })).rejects.toThrow(
      "cannot listen on the gateways of user networks for names: EADDRINUSE",
    );
    expect(pid(scene)).toBe(0);
  } finally {
    other.close();
    await once(other, "close");
  }
  await scene.attach("one", { mode: "front" });
});
