import { closeSync, existsSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { EngineError } from "../../../../engine/errors.ts";
import { programOrSkip } from "../../../support/programs.ts";
import { interfaces, ip, leaveHostNetwork, makeOutside, nftRules, openScene, until } from "../scene.ts";

beforeAll(leaveHostNetwork);

describe("the default bridge", () => {
  test("gives each container an address, a way to its neighbours and to the host", async () => {
    await using scene = openScene();
    const one = await scene.attach("one");
    const two = await scene.attach("two", { hostname: "second", domainname: "example.org" });
    const [a, b] = [one.endpoints["bridge"]?.IPAddress as string, two.endpoints["bridge"]?.IPAddress as string];
    expect(a).not.toBe(b);
    expect(one.mac).toMatch(/^02:42:/);
    expect(two.files.hosts).toContain(`${b}\tsecond.example.org second\n`);
    await scene.serve(two.netns, 80, "two");
    expect(scene.ask(one.netns, b, 80)).toBe(`two ${a}`);
    expect(scene.ask(undefined, b, 80)).toBe(`two ${one.endpoints["bridge"]?.Gateway}`);
  });

  test("publishes TCP and UDP ports on every address of the host, and to neighbours and itself through the host", async () => {
    await using scene = openScene();
    using outside = makeOutside();
    const server = await scene.attach("server", {
      ports: { "80/tcp": [{ HostIp: "", HostPort: "18080" }], "80/udp": [{ HostIp: "", HostPort: "18080" }] },
    });
    const client = await scene.attach("client");
    await scene.serve(server.netns, 80, "server");
    expect(server.ports).toEqual({
      "80/tcp": ["0.0.0.0", "::"].map((HostIp) => ({ HostIp, HostPort: "18080" })),
      "80/udp": ["0.0.0.0", "::"].map((HostIp) => ({ HostIp, HostPort: "18080" })),
    });
    for (const protocol of ["tcp", "udp"] as const) {
      expect(scene.ask(undefined, "127.0.0.1", 18080, protocol)).toMatch(/^server /);
      expect(scene.ask(undefined, "198.51.100.1", 18080, protocol)).toMatch(/^server /);
      expect(scene.ask(outside.netns, "198.51.100.1", 18080, protocol)).toBe("server 198.51.100.2");
      expect(scene.ask(client.netns, "198.51.100.1", 18080, protocol)).toMatch(/^server /);
      expect(scene.ask(server.netns, "198.51.100.1", 18080, protocol)).toMatch(/^server /);
    }
    await scene.detach("server");
    for (const fd of server.reserved) closeSync(fd);
    expect(scene.ask(undefined, "127.0.0.1", 18080)).toBe("");
  });

  test("binds a port to one host address only when asked to", async () => {
    await using scene = openScene();
    using outside = makeOutside();
    const server = await scene.attach("server", { ports: { "80/tcp": [{ HostIp: "127.0.0.1", HostPort: "18081" }] } });
    await scene.serve(server.netns, 80, "server");
    expect(scene.ask(undefined, "127.0.0.1", 18081)).toMatch(/^server /);
    expect(scene.ask(undefined, "198.51.100.1", 18081)).toBe("");
    expect(scene.ask(outside.netns, "198.51.100.1", 18081)).toBe("");
  });

  test("hides containers behind the host, and lets nobody in but through published ports", async () => {
    await using scene = openScene();
    using outside = makeOutside();
    const inner = await scene.attach("inner");
    await scene.serve(inner.netns, 80, "inner");
    await scene.serve(outside.netns, 90, "outside");
    expect(scene.ask(inner.netns, "198.51.100.2", 90)).toBe("outside 198.51.100.1");
    ip("-n", outside.netns.split("/").pop() as string, "route", "add", "10.0.0.0/8", "via", "198.51.100.1");
    expect(scene.ask(outside.netns, inner.endpoints["bridge"]?.IPAddress as string, 80)).toBe("");
  });

  test("keeps neighbours away from the host's loopback", async () => {
    await using scene = openScene();
    const inner = await scene.attach("inner");
    await scene.serve(undefined, 19090, "host");
    const gateway = inner.endpoints["bridge"]?.Gateway as string;
    scene.inside(inner.netns as string, "ip", "addr", "del", "127.0.0.1/8", "dev", "lo");
    scene.inside(inner.netns as string, "ip", "route", "add", "127.0.0.0/8", "via", gateway);
    scene.inside(inner.netns as string, "sh", "-c", "echo 1 > /proc/sys/net/ipv4/conf/all/route_localnet");
    expect(scene.ask(inner.netns, "127.0.0.1", 19090)).toBe("");
    expect(scene.ask(inner.netns, gateway, 19090)).toMatch(/^host /);
  });

  test("chooses free host ports, from a range too, and publishes all exposed ones", async () => {
    await using scene = openScene();
    const any = await scene.attach("any", {
      ports: { "80": [{ HostIp: "", HostPort: "" }] },
      publishAll: true,
      exposed: ["80/tcp", "53/udp"],
    });
    expect(Number(any.ports["80/tcp"]?.[0]?.HostPort)).toBeGreaterThan(1024);
    expect(any.ports["53/udp"]).toHaveLength(2);
    const first = await scene.attach("first", { ports: { "80/tcp": [{ HostIp: "", HostPort: "18090-18091" }] }, exposed: ["443/tcp"] });
    const second = await scene.attach("second", { ports: { "80/tcp": [{ HostIp: "", HostPort: "18090-18091" }] } });
    expect([first, second].map(({ ports }) => ports["80/tcp"]?.[0]?.HostPort)).toEqual(["18090", "18091"]);
    expect(first.ports["443/tcp"]).toBeNull();
  });

  test("refuses a port that a container publishes or another program listens on, and leaves nothing behind", async () => {
    await using scene = openScene();
    scene.insertContainer("one", "web");
    const ports = { "80/tcp": [{ HostIp: "", HostPort: "18100" }] };
    await scene.attach("one", { ports });
    const taken = await scene.attach("two", { ports }).catch((error: unknown) => error as EngineError);
    expect(taken).toBeInstanceOf(EngineError);
    expect(taken).toMatchObject({
      code: "port-in-use",
      exit: 125,
      message: expect.stringContaining("Bind for 0.0.0.0:18100 failed: port is already allocated"),
      hint: expect.stringContaining('"web"'),
    });
    const loopback = scene.attach("two", { ports: { "80/tcp": [{ HostIp: "127.0.0.1", HostPort: "18100" }] } });
    await expect(loopback).rejects.toThrow("Bind for 127.0.0.1:18100 failed: port is already allocated");
    const listener = createServer();
    await new Promise<void>((resolve) => listener.listen(18101, "0.0.0.0", resolve));
    const other = scene.attach("two", { ports: { "80/tcp": [{ HostIp: "", HostPort: "18101" }] } });
    await expect(other).rejects.toThrow("failed to bind host port for 0.0.0.0:18101/tcp: address already in use");
    listener.close();
    const foreign = scene.attach("two", { ports: { "80/tcp": [{ HostIp: "203.0.113.9", HostPort: "18102" }] } });
    await expect(foreign).rejects.toThrow("cannot assign requested address");
    expect(existsSync(join(scene.house.paths.netns, "two"))).toBe(false);
    expect(scene.house.db.all("SELECT owner FROM endpoints WHERE owner = 'two' UNION SELECT owner FROM ports WHERE owner = 'two'")).toEqual(
      [],
    );
  });

  test("leads a UDP flow that began before the port was published to the container", async () => {
    await using scene = openScene();
    const outside = makeOutside();
    try {
      expect(scene.ask(outside.netns, "198.51.100.1", 18110, "udp")).toBe("");
      const { createSocket } = await import("node:dgram");
      const client = createSocket("udp4");
      const answers: string[] = [];
      client.on("message", (message) => answers.push(String(message)));
      const timer = setInterval(() => client.send("who?", 18110, "198.51.100.1"), 50);
      const server = await scene.attach("server", { ports: { "53/udp": [{ HostIp: "", HostPort: "18110" }] } });
      await scene.serve(server.netns, 53, "server");
      await until("the flow reaches the container", () => answers.some((answer) => answer.startsWith("server")));
      clearInterval(timer);
      client.close();
    } finally {
      outside[Symbol.dispose]();
    }
  });

  test("is gone soon after its last container, rules and all", async () => {
    await using scene = openScene();
    await scene.attach("last", { ports: { "80/tcp": [{ HostIp: "", HostPort: "18120" }] } });
    const bridge = interfaces().find((name) => name.startsWith("berth")) as string;
    expect(nftRules()).toContain(bridge);
    await scene.detach("last");
    await scene.detach("last");
    await until("the bridge is gone", () => !interfaces().includes(bridge));
    expect(nftRules()).not.toContain("berth");
    expect(interfaces().filter((name) => name.startsWith("veth"))).toEqual([]);
  });

  test("stays while another container came in the meantime", async () => {
    await using scene = openScene();
    await scene.attach("first");
    await scene.detach("first");
    const next = await scene.attach("next", { ports: { "80/tcp": [{ HostIp: "", HostPort: "18121" }] } });
    await scene.serve(next.netns, 80, "next");
    // The pending removal is over when its lock is free again.
    const { lockFile } = await import("../../../../engine/state/locks.ts");
    const id = (await scene.house.networks.inspect("bridge")).Id;
    (await lockFile(join(scene.house.paths.locks, `retire-${id}`)))[Symbol.dispose]();
    expect(scene.ask(undefined, "127.0.0.1", 18121)).toMatch(/^next /);
  });

  test("mends rules that someone flushed", async () => {
    await using scene = openScene();
    const server = await scene.attach("server", { ports: { "80/tcp": [{ HostIp: "", HostPort: "18130" }] } });
    await scene.serve(server.netns, 80, "server");
    const { execFileSync } = await import("node:child_process");
    execFileSync("nft", ["flush", "ruleset"]);
    expect(scene.ask(undefined, "127.0.0.1", 18130)).toBe("");
    await scene.attach("other");
    expect(scene.ask(undefined, "127.0.0.1", 18130)).toMatch(/^server /);
  });

  test.for(["iptables-nft", "iptables-legacy"])(
    "passes a FORWARD chain whose policy is drop (%s), and tidies it up",
    async (name, context) => {
      const { execFileSync, spawnSync } = await import("node:child_process");
      const program = programOrSkip(context, name);
      if (spawnSync(program, ["-S"]).status !== 0) context.skip(`needs a kernel that answers ${name}`);
      execFileSync(program, ["-P", "FORWARD", "DROP"]);
      try {
        await using scene = openScene();
        using outside = makeOutside();
        const server = await scene.attach("server", { ports: { "80/tcp": [{ HostIp: "", HostPort: "18140" }] } });
        onTestFinished(() => server.reserved.forEach(closeSync));
        await scene.serve(server.netns, 80, "server");
        await scene.serve(outside.netns, 90, "outside");
        expect(scene.ask(outside.netns, "198.51.100.1", 18140)).toBe("server 198.51.100.2");
        expect(scene.ask(server.netns, "198.51.100.2", 90)).toBe("outside 198.51.100.1");
        await scene.attach("second");
        expect(execFileSync(program, ["-S", "FORWARD"], { encoding: "utf8" }).match(/ACCEPT/g)).toHaveLength(2);
        for (const owner of ["second", "server"]) await scene.detach(owner);
        expect(execFileSync(program, ["-S", "FORWARD"], { encoding: "utf8" }).trim()).toBe("-P FORWARD DROP");
      } finally {
        execFileSync(program, ["-P", "FORWARD", "ACCEPT"]);
      }
    },
  );
});

describe("other modes", () => {
  test("none has only a loopback, host has the host's files, container:ID the other's namespace", async () => {
    await using scene = openScene();
    const none = await scene.attach("none", { mode: "none" });
    expect(
      scene
        .inside(none.netns as string, "ip", "-br", "link")
        .output.trim()
        .split("\n"),
    ).toHaveLength(1);
    expect(scene.inside(none.netns as string, "ip", "-br", "addr").output).toContain("127.0.0.1/8");
    const host = await scene.attach("host", { mode: "host" });
    expect(host.netns).toBeUndefined();
    expect(Object.keys((await scene.house.networks.inspect("host")).Containers)).toEqual(["host"]);
    const shared = await scene.attach("shared", { mode: "container:none", containerNetns: { path: none.netns as string } });
    expect(shared.netns).toBe(none.netns);
  });
});
