/** IPv6 ports of containers that have only IPv4: the forwarder, with real sockets and namespaces. */
import { closeSync, existsSync, readdirSync, readFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ip, leaveHostNetwork, openScene, type Scene, until } from "../scene.ts";

leaveHostNetwork();

const ports = (HostIp: string, HostPort: string) => ({
  "80/tcp": [{ HostIp, HostPort }],
  "80/udp": [{ HostIp, HostPort }],
});

/** Processes that serve an owner's ports. */
function forwarders(owner: string): string[] {
  return readdirSync("/proc").filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, "latin1").split("\0")[1] === owner;
    } catch {
      return false; // it ended meanwhile
    }
  });
}

const recordOf = (scene: Scene, owner: string) => join(scene.house.paths.network, "forward", owner);

/** What comes back over one connection for what was sent; the sender closes its side first. */
function exchange(port: number, sent: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: "::1", port, allowHalfOpen: true });
    const chunks: Buffer[] = [];
    socket.on("data", (chunk) => chunks.push(chunk));
    socket.on("end", () => resolve(Buffer.concat(chunks)));
    socket.on("error", reject);
    socket.end(sent);
  });
}

test("a port without an address, and one on [::1], lead to an IPv4 container over TCP and UDP", async () => {
  await using scene = openScene();
  const everywhere = await scene.attach("everywhere", { ports: ports("", "18600") });
  const loopback = await scene.attach("loopback", { ports: ports("::1", "18601") });
  await scene.serve(everywhere.netns, 80, "everywhere");
  await scene.serve(loopback.netns, 80, "loopback");
  expect(loopback.ports["80/tcp"]).toEqual([{ HostIp: "::1", HostPort: "18601" }]);
  expect(loopback.reserved).toEqual([]); // the forwarder alone holds them
  for (const pid of [...forwarders("everywhere"), ...forwarders("loopback")])
    await until("it has no rights", () =>
      /^Uid:(\t65534){4}\nGid:(\t65534){4}\n.*^CapEff:\t0+\n.*^NoNewPrivs:\t1$/ms.test(readFileSync(`/proc/${pid}/status`, "latin1")),
    );
  for (const protocol of ["tcp", "udp"] as const) {
    expect(scene.ask(undefined, "::1", 18600, protocol)).toMatch(/^everywhere /);
    expect(scene.ask(undefined, "127.0.0.1", 18600, protocol)).toMatch(/^everywhere /);
    expect(scene.ask(undefined, "::1", 18601, protocol)).toMatch(/^loopback /);
    expect(scene.ask(undefined, "127.0.0.1", 18601, protocol)).toBe("");
  }
  await scene.detach("everywhere");
  for (const fd of everywhere.reserved) closeSync(fd);
  expect(forwarders("everywhere")).toEqual([]);
  expect(existsSync(recordOf(scene, "everywhere"))).toBe(false);
  // Its ports are free at once, on both families.
  await scene.attach("next", { ports: ports("", "18600") });
  expect(forwarders("next")).toHaveLength(1);
});

test("carries megabytes both ways and keeps a side open that is not closed yet", async () => {
  await using scene = openScene();
  const server = await scene.attach("copier", { ports: { "80/tcp": [{ HostIp: "", HostPort: "18602" }] } });
  await scene.serveCopies(server.netns as string, 80);
  const sent = Buffer.alloc(3 << 20, "0123456789abcdef");
  const answers = await Promise.all(Array.from({ length: 8 }, () => exchange(18602, sent)));
  expect(answers.map((answer) => answer.equals(sent))).toEqual(answers.map(() => true));
  // A connection's two processes end with it.
  await until("only the forwarder is left", () => forwarders("copier").length === 1);
});

test("takes one number for both families when the host chooses, and none when one of them is taken", async () => {
  await using scene = openScene();
  const chosen = await scene.attach("chosen", { ports: { "80/tcp": [{ HostIp: "", HostPort: "" }] } });
  const [first, second] = chosen.ports["80/tcp"] ?? [];
  expect([first?.HostIp, second?.HostIp]).toEqual(["0.0.0.0", "::"]);
  expect(first?.HostPort).toBe(second?.HostPort);

  await scene.attach("six", { ports: { "80/tcp": [{ HostIp: "::", HostPort: "18603" }] } });
  await expect(scene.attach("both", { ports: { "80/tcp": [{ HostIp: "", HostPort: "18603" }] } })).rejects.toThrow(
    "Bind for [::]:18603 failed: port is already allocated",
  );
  await scene.attach("four", { ports: { "80/tcp": [{ HostIp: "0.0.0.0", HostPort: "18603" }] } });
  const range = await scene.attach("range", { ports: { "80/tcp": [{ HostIp: "", HostPort: "18603-18604" }] } });
  expect(range.ports["80/tcp"]).toEqual(["0.0.0.0", "::"].map((HostIp) => ({ HostIp, HostPort: "18604" })));
});

test("follows a container to another network, and refuses where there is none", async () => {
  await using scene = openScene();
  await scene.network({ Name: "first" });
  await scene.network({ Name: "second" });
  scene.insertContainer("mover", "mover", { NetworkMode: "first" });
  const mover = await scene.attach("mover", { mode: "first", ports: ports("::1", "18605") });
  await scene.serve(mover.netns, 80, "mover");
  expect(scene.ask(undefined, "::1", 18605)).toMatch(/^mover /);
  await scene.connect("second", "mover");
  await scene.disconnect("first", "mover");
  expect(scene.ask(undefined, "::1", 18605)).toMatch(/^mover /);
  await scene.disconnect("second", "mover");
  expect(scene.ask(undefined, "::1", 18605)).toBe("");
});

test("a forwarder that was killed leaves nothing in the way", async () => {
  await using scene = openScene();
  await scene.attach("killed", { ports: ports("::1", "18606") });
  for (const pid of forwarders("killed")) process.kill(Number(pid), "SIGKILL");
  await until("it is gone", () => forwarders("killed").length === 0);
  await scene.detach("killed");
  expect(existsSync(recordOf(scene, "killed"))).toBe(false);
  await scene.attach("next", { ports: ports("::1", "18606") });
});

test("a host without IPv6 publishes by IPv4 alone", async () => {
  await using scene = openScene();
  ip("-6", "address", "flush", "dev", "lo");
  try {
    const plain = await scene.attach("plain", { ports: { "80/tcp": [{ HostIp: "", HostPort: "18607" }] } });
    expect(plain.ports["80/tcp"]).toEqual([{ HostIp: "0.0.0.0", HostPort: "18607" }]);
    await expect(scene.attach("six", { ports: ports("::1", "18608") })).rejects.toThrow("the network has no IPv6 subnet");
  } finally {
    ip("-6", "address", "add", "::1/128", "dev", "lo");
  }
});
