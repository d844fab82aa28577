import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { renameContainer } from "../../../../engine/container/life/rename.ts";
import type { NetworkAttachment } from "../../../../engine/network/types.ts";
import { startOf } from "../../../../engine/sys/owner.ts";
import { interfaces, ip, leaveHostNetwork, openScene, type Scene, until } from "../scene.ts";

beforeAll(leaveHostNetwork);

/** The server reads new names on a signal, and binds its addresses anew: for some milliseconds nobody answers. */
const resolves = (scene: Scene, from: NetworkAttachment, name: string, address: string) =>
  until(`${name} is ${address}`, () => scene.resolve(from, name) === address);

const addressOn = (attachment: NetworkAttachment, network: string) => attachment.endpoints[network]?.IPAddress as string;

describe("names", () => {
  test("containers find each other by name, alias, short id and host name, with the network's name too, on their own network only", async () => {
    await using scene = openScene();
    await scene.network({ Name: "front" });
    await scene.network({ Name: "back" });
    const id = "0123456789abcdef".repeat(4);
    const web = await scene.attach(id, {
      name: "web",
      hostname: "shop.example.org",
      mode: "front",
      endpoints: { front: { Aliases: ["www"] } },
    });
    const client = await scene.attach("client", { mode: "front" });
    const db = await scene.attach("db", { mode: "back" });
    expect(client.files.resolvConf).toContain("nameserver 127.0.0.11\n");
    for (const name of ["web", "www", "0123456789ab", "shop.example.org", "web.front", "www.front"])
      await resolves(scene, client, name, addressOn(web, "front"));
    expect(scene.resolve(client, "db")).toBe("");
    expect(scene.resolve(client, "db.back")).toBe("");
    expect(scene.resolve(db, "web")).toBe("");
    await resolves(scene, db, "db", addressOn(db, "back"));
    const late = await scene.attach("late", { mode: "front" });
    await resolves(scene, client, "late", addressOn(late, "front"));
    await scene.detach(id);
    await until("the old name is gone", () => scene.resolve(client, "web") === "");
  });

  test("a container on two networks resolves the names of both", async () => {
    await using scene = openScene();
    await scene.network({ Name: "front" });
    await scene.network({ Name: "back" });
    const web = await scene.attach("web", { mode: "front" });
    const db = await scene.attach("db", { mode: "back" });
    const both = await scene.attach("both", { mode: "front", endpoints: { back: {} } });
    await resolves(scene, both, "web", addressOn(web, "front"));
    await resolves(scene, both, "db", addressOn(db, "back"));
  });

  test("what is no container's name goes to the servers of --dns, else to the host's; a new name replaces the old", async () => {
    await using scene = openScene();
    for (const address of ["10.9.9.1", "10.9.9.2"]) ip("addr", "add", `${address}/32`, "dev", "lo");
    await scene.serveNames("10.9.9.1", "192.0.2.1");
    await scene.serveNames("10.9.9.2", "192.0.2.2");
    await scene.network({ Name: "front" });
    scene.insertContainer("aa", "one", { Dns: ["10.9.9.1"] });
    scene.insertContainer("bb", "two", { Dns: ["10.9.9.2"] }, "zwei");
    const attach = (owner: string, name: string, Aliases: string[]) =>
      scene.attach(owner, { name, hostname: owner === "bb" ? "zwei" : name, mode: "front", endpoints: { front: { Aliases } } });
    const [one, two] = [await attach("aa", "one", []), await attach("bb", "two", ["deux"])];
    await resolves(scene, one, "outside.example", "192.0.2.1");
    await resolves(scene, two, "outside.example", "192.0.2.2");
    await resolves(scene, one, "two", addressOn(two, "front"));
    await renameContainer(scene.house, "two", "second");
    for (const name of ["second", "deux", "bb", "zwei"]) await resolves(scene, one, name, addressOn(two, "front"));
    await resolves(scene, one, "two", "192.0.2.1"); // nobody is called that here any more
  });

  test("a container's loopback is out of its neighbours' reach", async () => {
    await using scene = openScene();
    await scene.network({ Name: "front" });
    const one = await scene.attach("one", { mode: "front" });
    const two = await scene.attach("two", { mode: "front" });
    await scene.serve(one.netns, 80, "one");
    expect(scene.ask(one.netns, "127.0.0.1", 80)).toMatch(/^one /);
    // A host that filters what its bridges pass on would stop it too.
    const filter = "/proc/sys/net/bridge/bridge-nf-call-iptables";
    if (existsSync(filter)) writeFileSync(filter, "0");
    const asRoot = (...words: string[]) => expect(scene.inside(two.netns as string, "ip", ...words)).toEqual({ status: 0, output: "" });
    asRoot("route", "add", "127.0.0.9", "via", addressOn(one, "front"), "table", "7");
    asRoot("rule", "add", "to", "127.0.0.9", "lookup", "7", "pref", "0");
    asRoot("rule", "add", "lookup", "local", "pref", "1");
    asRoot("rule", "del", "pref", "0", "lookup", "local");
    expect(scene.ask(two.netns, "127.0.0.9", 80)).toBe("");
  });

  test("a name that comes while the server is starting is served", async () => {
    for (let round = 0; round < 4; round++) {
      await using scene = openScene();
      await scene.network({ Name: "quick" });
      const first = await scene.attach("first", { mode: "quick" });
      await resolves(scene, first, "second", addressOn(await scene.attach("second", { mode: "quick" }), "quick"));
    }
  });

  test("the server is there only while a name is", async () => {
    await using scene = openScene();
    await scene.network({ Name: "only" });
    const pidNow = () => readFileSync(join(scene.house.paths.network, "dns", ".record")).readInt32LE(0);
    await scene.attach("one", { mode: "only" });
    const pid = pidNow();
    expect(readFileSync(`/proc/${pid}/cmdline`, "utf8")).toContain("programs/nameserver-");
    process.kill(pid, "SIGKILL");
    await until("the server is gone", () => startOf(pid) === "");
    const second = await scene.attach("two", { mode: "only" });
    await until("the restarted server answers", () => scene.resolve(second, "one") !== "");
    const restarted = pidNow();
    await scene.detach("one");
    expect(startOf(restarted)).not.toBe("");
    await scene.detach("two");
    expect(startOf(restarted)).toBe("");
  });
});

describe("isolation", () => {
  test("networks do not reach each other but through published ports; an internal one does not reach out", async () => {
    await using scene = openScene();
    await scene.network({ Name: "front" });
    await scene.network({ Name: "vault", Internal: true });
    const web = await scene.attach("web", { mode: "front", ports: { "80/tcp": [{ HostIp: "", HostPort: "18200" }] } });
    const plain = await scene.attach("plain");
    const hidden = await scene.attach("hidden", { mode: "vault" });
    const friend = await scene.attach("friend", { mode: "vault" });
    for (const [attachment, name] of [
      [web, "web"],
      [hidden, "hidden"],
    ] as const)
      await scene.serve(attachment.netns, 80, name);
    expect(scene.ask(plain.netns, addressOn(web, "front"), 80)).toBe("");
    expect(scene.ask(plain.netns, plain.endpoints["bridge"]?.Gateway as string, 18200)).toMatch(/^web /);
    expect(scene.ask(friend.netns, addressOn(hidden, "vault"), 80)).toMatch(/^hidden /);
    expect(scene.ask(web.netns, addressOn(hidden, "vault"), 80)).toBe("");
    expect(scene.ask(hidden.netns, addressOn(web, "front"), 80)).toBe("");
    expect(scene.inside(hidden.netns as string, "ip", "route").output).not.toContain("default");
  });

  test("enable_icc=false keeps neighbours apart", async () => {
    await using scene = openScene();
    await scene.network({ Name: "apart", Options: { "com.docker.network.bridge.enable_icc": "false" } });
    const one = await scene.attach("one", { mode: "apart" });
    const two = await scene.attach("two", { mode: "apart" });
    await scene.serve(one.netns, 80, "one");
    expect(scene.ask(undefined, addressOn(one, "apart"), 80)).toMatch(/^one /);
    expect(scene.ask(two.netns, addressOn(one, "apart"), 80)).toBe("");
  });
});

describe("addresses", () => {
  test("come from the range, skip the set-aside ones, and are given as asked", async () => {
    await using scene = openScene();
    await scene.network({
      Name: "lab",
      IPAM: {
        Config: [
          { Subnet: "10.77.0.0/24", IPRange: "10.77.0.128/30", Gateway: "10.77.0.254", AuxiliaryAddresses: { router: "10.77.0.129" } },
        ],
      },
    });
    const given = [];
    for (const owner of ["a", "b"]) given.push(addressOn(await scene.attach(owner, { mode: "lab" }), "lab"));
    expect(given).toEqual(["10.77.0.128", "10.77.0.130"]);
    const fixed = await scene.attach("fixed", {
      mode: "lab",
      endpoints: { lab: { IPAMConfig: { IPv4Address: "10.77.0.9" }, MacAddress: "02:00:00:00:00:09" } },
    });
    expect(scene.inside(fixed.netns as string, "ip", "addr").output).toMatch(/02:00:00:00:00:09[\s\S]*10\.77\.0\.9\/24/);
    const lab = (address: string) => scene.attach("next", { mode: "lab", endpoints: { lab: { IPAMConfig: { IPv4Address: address } } } });
    await expect(lab("10.77.0.9")).rejects.toMatchObject({ code: "conflict" });
    await expect(lab("10.78.0.9")).rejects.toThrow("no configured subnet or ip-range contain the IP address 10.78.0.9");
    await scene.network({ Name: "any", EnableIPv6: true, IPAM: { Config: [{ Subnet: "fd00:7::/64" }] } });
    const subnets = (await scene.house.networks.inspect("any")).IPAM.Config.map(({ Subnet }) => Subnet);
    expect(subnets, "IPv4 first, whatever was asked for first").toEqual([expect.stringContaining("."), "fd00:7::/64"]);
    const any = (IPAMConfig: object) => scene.attach("next", { mode: "any", endpoints: { any: { IPAMConfig } } });
    await any({ IPv6Address: "fd00:7::9" });
    const chosen = subnets[0]?.replace(/0\/\d+$/, "9") as string;
    for (const IPv4Address of [chosen, "10.78.0.9"])
      await expect(any({ IPv4Address })).rejects.toThrow("supported only when connecting to networks with user configured subnets");
    await scene.attach("c", { mode: "lab" });
    await expect(scene.attach("d", { mode: "lab" })).rejects.toThrow("no available IPv4 addresses on this network's address pools: lab");
    await expect(scene.attach("e", { endpoints: { bridge: { IPAMConfig: { IPv4Address: "10.0.0.9" } } } })).rejects.toThrow(
      "user defined networks only",
    );
  });
});

describe("connect and disconnect", () => {
  test("a running container joins and leaves; routes, names, files and ports follow", async () => {
    await using scene = openScene();
    await scene.network({ Name: "front" });
    await scene.network({ Name: "back" });
    scene.insertContainer("cafe01", "web");
    const web = await scene.attach("cafe01", { name: "web", hostname: "web", ports: { "80/tcp": [{ HostIp: "", HostPort: "18300" }] } });
    await scene.serve(web.netns, 80, "web");
    const directory = join(scene.house.paths.containers, "cafe01");
    mkdirSync(directory, { recursive: true });
    writeFileSync(join(directory, "hosts"), `${web.files.hosts}10.0.0.99\tmine\n`);
    writeFileSync(join(directory, "resolv.conf"), web.files.resolvConf);
    const peer = await scene.attach("peer", { mode: "back" });
    await scene.connect("back", "web", { Aliases: ["www"] });
    const shown = (await scene.house.networks.inspect("back")).Containers["cafe01"];
    expect(shown?.Name).toBe("web");
    const address = shown?.IPv4Address.split("/")[0] as string;
    await until("its alias is served", () => scene.resolve(peer, "www") === address);
    expect(scene.ask(peer.netns, address, 80)).toMatch(/^web /);
    expect(readFileSync(join(directory, "hosts"), "utf8")).toMatch(new RegExp(`10.0.0.99\tmine\n(.*\n)*${address}\tweb\n`));
    expect(readFileSync(join(directory, "resolv.conf"), "utf8")).toContain("nameserver 127.0.0.11\n");
    await until("the peer is found", () => scene.resolve({ ...web, files: peer.files }, "peer") === addressOn(peer, "back"));
    await expect(scene.connect("back", "web")).rejects.toThrow("endpoint with name web already exists in network back");
    await expect(scene.house.networks.remove("back")).rejects.toMatchObject({
      code: "in-use",
      message: expect.stringContaining("has active endpoints"),
    });
    // Leaving the network that published the port: the other one takes over.
    await scene.disconnect("bridge", "web");
    expect(scene.ask(undefined, "127.0.0.1", 18300)).toMatch(/^web /);
    expect(scene.inside(web.netns as string, "ip", "route").output).toContain(`default via ${peer.endpoints["back"]?.Gateway}`);
    expect(readFileSync(join(directory, "hosts"), "utf8")).not.toContain(web.endpoints["bridge"]?.IPAddress);
    await scene.disconnect("back", "cafe");
    expect(
      scene
        .inside(web.netns as string, "ip", "-br", "link")
        .output.trim()
        .split("\n"),
    ).toHaveLength(1);
    expect(scene.ask(undefined, "127.0.0.1", 18300)).toBe("");
    await expect(scene.disconnect("back", "web")).rejects.toMatchObject({ code: "not-found" });
    // Adrift, it may come back.
    await scene.connect("back", "web");
    const again = (await scene.house.networks.inspect("back")).Containers["cafe01"]?.IPv4Address.split("/")[0] as string;
    expect(scene.ask(peer.netns, again, 80)).toMatch(/^web /);
  });

  test("an interface has the name and the settings that driver options ask for, at the start and later", async () => {
    await using scene = openScene();
    for (const Name of ["front", "back"]) await scene.network({ Name });
    scene.insertContainer("cafe01", "web");
    const options = (ifname: string) => ({
      "com.docker.network.endpoint.ifname": ifname,
      "com.docker.network.endpoint.sysctls": "net.ipv4.conf.IFNAME.log_martians=1",
    });
    const web = await scene.attach("cafe01", { name: "web", mode: "front", endpoints: { front: { DriverOpts: options("lan") } } });
    await scene.connect("back", "web", { DriverOpts: options("dmz") });
    for (const name of ["lan", "dmz"])
      expect(scene.inside(web.netns!, "cat", `/proc/sys/net/ipv4/conf/${name}/log_martians`), name).toEqual({ status: 0, output: "1\n" });
  });

  test("a container leaves the network none for another, while it runs and before it starts", async () => {
    await using scene = openScene();
    await scene.network({ Name: "front" });
    const peer = await scene.attach("peer", { mode: "front" });
    const mode = (id: string) =>
      scene.house.db.get("SELECT json_extract(host_config, '$.NetworkMode') AS mode FROM containers WHERE id = ?", id)?.["mode"];
    scene.insertContainer("aa", "running", { NetworkMode: "none" });
    scene.insertContainer("bb", "stopped", { NetworkMode: "none" });
    const running = await scene.attach("aa", { name: "running", mode: "none" });
    await scene.serve(running.netns, 80, "running");
    for (const name of ["running", "stopped"]) {
      await scene.disconnect("none", name);
      expect(Object.keys((await scene.house.networks.inspect("none")).Containers)).toEqual([]);
      await expect(scene.disconnect("none", name)).rejects.toThrow("is not connected to network none");
      await scene.connect("front", name);
    }
    expect([mode("aa"), mode("bb")]).toEqual(["front", "front"]);
    const address = (await scene.house.networks.inspect("front")).Containers["aa"]?.IPv4Address.split("/")[0] as string;
    expect(scene.ask(peer.netns, address, 80)).toMatch(/^running /);
  });

  test("a stopped container remembers; host, none and shared namespaces refuse", async () => {
    await using scene = openScene();
    await scene.network({ Name: "front" });
    scene.insertContainer("aa", "stopped");
    await scene.connect("front", "stopped", { Aliases: ["x"] });
    const networking = () => JSON.parse(String(scene.house.db.get("SELECT networking FROM containers WHERE id = 'aa'")?.["networking"]));
    expect(networking()).toEqual({ front: { Aliases: ["x"] } });
    await scene.disconnect("front", "stopped");
    expect(networking()).toEqual({});
    scene.insertContainer("bb", "hosted", { NetworkMode: "host" });
    await expect(scene.connect("front", "hosted")).rejects.toThrow("cannot be connected to any other network");
    for (const verb of [scene.connect, scene.disconnect])
      await expect(verb("host", "stopped")).rejects.toThrow(/^cannot (dis)?connect container (to|from) host network/);
    scene.insertContainer("cc", "lonely", { NetworkMode: "none" });
    await expect(scene.connect("front", "lonely")).rejects.toThrow("private (none) mode");
    await expect(scene.connect("front", "nobody")).rejects.toMatchObject({ code: "not-found" });
    await expect(scene.connect("front", "stopped", { Links: ["a:b:c"] })).rejects.toThrow("bad format for links");
  });
});

describe("IPv6", () => {
  test("a network with --ipv6 gives both addresses and publishes on both families", async () => {
    await using scene = openScene();
    await scene.network({ Name: "dual", EnableIPv6: true });
    const web = await scene.attach("web", {
      mode: "dual",
      ports: { "80/tcp": [{ HostIp: "", HostPort: "18400" }], "80/udp": [{ HostIp: "", HostPort: "18400" }] },
    });
    const client = await scene.attach("client", { mode: "dual" });
    await scene.serve(web.netns, 80, "web");
    expect(web.ports["80/tcp"]?.map(({ HostIp }) => HostIp)).toEqual(["0.0.0.0", "::"]);
    expect(scene.ask(client.netns, web.endpoints["dual"]?.GlobalIPv6Address as string, 80)).toMatch(/^web fd/);
    for (const protocol of ["tcp", "udp"] as const) expect(scene.ask(undefined, "::1", 18400, protocol)).toMatch(/^web /);
    ip("addr", "add", "fd00:99::1/64", "dev", "lo");
    expect(scene.ask(undefined, "fd00:99::1", 18400)).toMatch(/^web fd/);
    expect(scene.ask(client.netns, "fd00:99::1", 18400)).toMatch(/^web fd/);
    ip("addr", "del", "fd00:99::1/64", "dev", "lo");
  });
});

describe("create, list, remove", () => {
  test("checks what is asked with docker's words", async () => {
    await using scene = openScene();
    const make = (spec: Parameters<Scene["network"]>[0]) => scene.network(spec);
    await make({ Name: "one", IPAM: { Config: [{ Subnet: "10.90.0.0/24" }] } });
    await expect(make({ Name: "one" })).rejects.toThrow("network with name one already exists");
    await expect(make({ Name: "two", IPAM: { Config: [{ Subnet: "10.90.0.128/25" }] } })).rejects.toThrow(
      "Pool overlaps with other one on this address space",
    );
    await expect(make({ Name: "two", IPAM: { Config: [{ Subnet: "10.91.0.1/24" }] } })).rejects.toThrow(
      "invalid subnet 10.91.0.1/24: it should be 10.91.0.0/24",
    );
    await expect(make({ Name: "two", IPAM: { Config: [{ Gateway: "10.91.0.1" }] } })).rejects.toThrow(
      "every ip-range or gateway must have a corresponding subnet",
    );
    for (const [second, text] of [
      ["10.91.0.128/25", "multiple overlapping subnet configuration is not supported"],
      ["10.92.0.0/24", "bridge driver doesn't support multiple subnets"],
    ] as const) {
      const Config = [{ Subnet: "10.91.0.0/24" }, { Subnet: second }];
      await expect(make({ Name: "two", IPAM: { Config } })).rejects.toThrow(text);
    }
    await make({
      Name: "ranged",
      IPAM: { Config: [{ Subnet: "10.93.0.0/24", IPRange: "10.93.0.64/28", AuxiliaryAddresses: { a: "10.93.0.64" } }] },
    });
    expect((await scene.house.networks.inspect("ranged")).IPAM.Config[0]?.Gateway).toBe("10.93.0.65");
    await expect(make({ Name: "two", Driver: "overlay" })).rejects.toMatchObject({ code: "unsupported", exit: 1 });
    await expect(make({ Name: "two", Driver: "host" })).rejects.toThrow('only one instance of "host" network is allowed');
    await expect(make({ Name: "two", Driver: "x" })).rejects.toMatchObject({ message: 'plugin "x" not found', exit: 1 });
    await expect(make({ Name: "bridge" })).rejects.toThrow("operation is not permitted on predefined bridge network");
    await expect(make({ Name: "a b" })).rejects.toMatchObject({ code: "invalid" });
    await expect(make({ Name: "two", Options: { "com.docker.network.bridge.name": 'x" drop; #' } })).rejects.toMatchObject({
      code: "invalid",
    });
    await expect(scene.house.networks.remove("host")).rejects.toThrow("host is a pre-defined network and cannot be removed");
    await expect(scene.house.networks.inspect("none-such")).rejects.toMatchObject({ code: "not-found", exit: 1 });
  });

  test("filters, prefixes and prune", async () => {
    await using scene = openScene();
    const red = await scene.network({ Name: "red", Labels: { color: "red" } });
    await scene.network({ Name: "blue", Labels: { color: "blue" } });
    const names = async (filters: Record<string, string[]>) => (await scene.house.networks.list({ filters })).map(({ Name }) => Name);
    await expect(names({ name: ["nothing"], FOO: ["1"] })).rejects.toThrow("invalid filter 'FOO'");
    await expect(names({ name: ["nothing"], dangling: ["perhaps"] })).rejects.toThrow("invalid value for filter 'dangling'");
    expect(await names({})).toEqual(["blue", "bridge", "host", "none", "red"]);
    expect(await names({ driver: ["null"] })).toEqual(["none"]);
    expect(await names({ label: ["color=red"] })).toEqual(["red"]);
    expect(await names({ label: ["constructor"] })).toEqual([]);
    expect(await names({ name: ["^r.d$"] })).toEqual(["red"]);
    expect(await names({ name: ["("] })).toEqual([]);
    await expect(names({ dangling: ["maybe"] })).rejects.toThrow("invalid value for filter 'dangling'");
    await expect(names({ type: ["x"] })).rejects.toThrow("invalid filter: 'type'='x'");
    await expect(scene.house.networks.prune({ name: ["red"] })).rejects.toThrow("invalid filter 'name'");
    expect((await scene.house.networks.inspect(red.slice(0, 10))).Name).toBe("red");
    await scene.attach("user", { mode: "red" });
    expect(await scene.house.networks.prune({ "label!": ["color=green"] })).toEqual({ NetworksDeleted: ["blue"] });
    expect(await names({ type: ["custom"] })).toEqual(["red"]);
    await scene.detach("user");
    await scene.house.networks.remove("red");
    expect(interfaces().filter((name) => name.startsWith("bt-"))).toEqual([]);
  });
});
