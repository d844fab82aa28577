/** Links: hosts entries and variables of the default network, names of one container's own on user networks. */
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { linkEnvironment } from "../../../../engine/container/network/links.ts";
import { checkNetworkMode } from "../../../../engine/container/plan/network-rules.ts";
import type { House } from "../../../../engine/house.ts";
import type { ContainerCreate } from "../../../../engine/index.ts";
import { parseLink } from "../../../../engine/network/names/parse-link.ts";
import { finish, importBusybox, openTestEngine, type TestEngine } from "../../../support/engine.ts";
import { leaveHostNetwork } from "../../network/scene.ts";
import { plainFace } from "../faces.ts";

let made: TestEngine;
let engine: House;
beforeAll(async () => {
  leaveHostNetwork();
  made = openTestEngine();
  engine = made.engine;
  await importBusybox(engine);
});
afterAll(() => made[Symbol.asyncDispose]());

const start = async (Name: string, spec: Partial<ContainerCreate> = {}) => {
  await finish(engine.containers.create({ Name, Image: "busybox", Cmd: ["sleep", "1000"], ...spec }));
  await engine.containers.start(Name);
};
const inspect = (name: string) => engine.containers.inspect(name);
const addressOf = async (name: string, network = "bridge") => (await inspect(name)).NetworkSettings.Networks[network]?.IPAddress as string;
/** What a name stands for in a container's own file, as programs in it see it. */
const hosts = async (name: string) => {
  const face = plainFace();
  await engine.containers.exec(name, { Cmd: ["cat", "/etc/hosts"] }, face);
  return face.stdout.text;
};

describe("on the default network", () => {
  test("one container finds another by alias, host name and name, wherever it goes; inspect shows it", async () => {
    await start("db", { Hostname: "dbhost", Env: ["PGDATA=/x"], ExposedPorts: { "5432/tcp": {} } });
    await start("web", { HostConfig: { Links: ["db:data", "db", "db:data"] } });
    const line = async () => `${await addressOf("db")}\tdata dbhost db\n`;
    expect(await hosts("web")).toContain(await line());
    expect(await hosts("web")).toContain(`${await addressOf("db")}\tdb dbhost\n`);
    expect((await inspect("web")).HostConfig.Links).toEqual(["/db:/web/data", "/db:/web/db"]);
    expect((await inspect("web")).NetworkSettings.Networks["bridge"]).toMatchObject({ Links: null });
    expect((await inspect("web/data")).Name).toBe("/db");
    const named = async (filters = {}) => (await engine.containers.list({ filters })).map(({ Names }) => Names);
    expect(await named()).toEqual([["/web"], ["/db", "/web/data", "/web/db"]]);
    expect(await named({ name: ["web/da"] })).toEqual([["/db", "/web/data", "/web/db"]]);
    const face = plainFace();
    await engine.containers.exec("web", { Cmd: ["sh", "-c", "echo $DATA_PORT_5432_TCP_PORT $DATA_ENV_PGDATA $DB_NAME"] }, face);
    expect(face.stdout.text).toBe("5432 /x /web/db\n");
    // Another container takes its address meanwhile.
    const before = await addressOf("db");
    await engine.containers.stop("db", { timeout: 0 });
    expect(await hosts("web")).not.toContain(before);
    await start("thief");
    await engine.containers.start("db");
    expect(await addressOf("db")).not.toBe(before);
    expect(await hosts("web")).toContain(await line());
    await engine.containers.rename("db", "store");
    expect((await inspect("web")).HostConfig.Links).toEqual(["/store:/web/data", "/store:/web/db"]);
    await engine.containers.remove("web/data", { link: true });
    await expect(inspect("web/data")).rejects.toMatchObject({ code: "not-found", message: "No such container: web/data" });
    expect(await hosts("web")).not.toContain("data");
    expect(await hosts("web")).toContain("db dbhost");
    expect((await inspect("web")).HostConfig.Links).toEqual(["/store:/web/db"]);
    await expect(engine.containers.remove("web/data", { link: true })).rejects.toMatchObject({ code: "not-found" });
    await expect(engine.containers.remove("web", { link: true })).rejects.toThrow("cannot remove the default link name");
  });

  test("what cannot be linked to is refused: nobody, the host's network, what does not run, another network", async () => {
    const link = (Links: string[], NetworkMode = "bridge") => start("refused", { HostConfig: { Links, NetworkMode, AutoRemove: true } });
    await expect(link(["nobody:x"])).rejects.toMatchObject({
      message: "could not get container for nobody: No such container: nobody",
      exit: 125,
    });
    await start("hosted", { HostConfig: { NetworkMode: "host" } });
    for (const [name, mode] of [
      ["hosted", "bridge"],
      ["nobody", "host"],
    ] as const)
      await expect(link([name], mode)).rejects.toThrow("host type networking can't be used with links");
    await finish(engine.containers.create({ Name: "idle", Image: "busybox" }));
    await expect(link(["idle:x"])).rejects.toThrow("Cannot link to a non running container: /idle AS /refused/x");
    await engine.networks.create({ Name: "elsewhere" });
    await start("apart", { HostConfig: { NetworkMode: "elsewhere" } });
    await expect(link(["apart"])).rejects.toThrow("Cannot link to /apart, as it does not belong to the default network");
    await engine.containers.connect("apart", "bridge");
    await link(["apart"]);
    await engine.containers.remove("refused", { force: true });
  });
});

test("on a user network: for whoever has the name, now or later", async () => {
  for (const Name of ["foo1", "foo2"]) await engine.networks.create({ Name });
  const on = (network: string, Links: string[] = []) => ({
    HostConfig: { NetworkMode: network },
    NetworkingConfig: { EndpointsConfig: { [network]: { Links } } },
  });
  await start("first", on("foo1"));
  await start("second", on("foo1", ["first:FirstInFoo1", "third:bar"]));
  expect(await hosts("second")).toContain(`${await addressOf("first", "foo1")}\tFirstInFoo1\n`);
  expect((await inspect("second")).NetworkSettings.Networks["foo1"]).toMatchObject({ Links: ["first:FirstInFoo1", "third:bar"] });
  for (const name of ["first", "second"])
    await engine.containers.connect(name, "foo2", { Links: name === "second" ? ["first:FirstInFoo2"] : [] });
  expect(await hosts("second")).toContain(`${await addressOf("first", "foo2")}\tFirstInFoo2\n`);
  await engine.containers.disconnect("first", "foo1");
  expect(await hosts("second")).not.toContain("FirstInFoo1");
  expect(await hosts("second")).toContain("FirstInFoo2");
  await start("third", on("foo1"));
  expect(await hosts("second")).toContain(`${await addressOf("third", "foo1")}\tbar\n`);
  await engine.containers.disconnect("second", "foo1");
  expect(await hosts("second")).not.toContain("bar");
  await expect(engine.containers.connect("second", "bridge", { Links: ["first"] })).rejects.toThrow(
    "only supported for user-defined networks",
  );
});

test("who shares a network shares the files of names, and inspect says where they are", async () => {
  await start("placed");
  await start("placed-too", { HostConfig: { NetworkMode: "container:placed" } });
  const places = async (name: string) => {
    const { HostsPath, HostnamePath, ResolvConfPath } = await inspect(name);
    return { HostsPath, HostnamePath, ResolvConfPath };
  };
  expect(await places("placed-too")).toEqual(await places("placed"));
  expect((await places("placed-too")).HostsPath).toContain((await inspect("placed")).Id);
});

test("link-local addresses, and the priority of the way out", async () => {
  for (const Name of ["local", "alpha"]) await engine.networks.create({ Name });
  const inside = async (name: string, ...Cmd: string[]) => {
    const face = plainFace();
    await engine.containers.exec(name, { Cmd }, face);
    return face.stdout.text;
  };
  const LinkLocalIPs = ["169.254.7.7", "fe80::254:77"];
  await start("c0", {
    HostConfig: { NetworkMode: "local" },
    NetworkingConfig: { EndpointsConfig: { local: { IPAMConfig: { LinkLocalIPs } } } },
  });
  await start("c1");
  await engine.containers.connect("c1", "local", { IPAMConfig: { LinkLocalIPs: ["169.254.9.9"] } });
  expect(await inside("c1", "ping", "-c", "1", "169.254.7.7")).toContain("1 packets received");
  expect(await inside("c0", "ip", "addr")).toContain("fe80::254:77/64");
  for (const address of ["169.253.5.5", "2001:db8::89"])
    await expect(engine.containers.connect("c1", "alpha", { IPAMConfig: { LinkLocalIPs: [address] } })).rejects.toThrow(
      `invalid link-local IP address: ${address}`,
    );
  const way = async () => /default via \S+ dev (\S+)/.exec(await inside("c0", "ip", "route"))?.[1];
  await engine.containers.connect("c0", "alpha", { GwPriority: -1 });
  expect(await way()).toBe("eth0");
  await engine.containers.disconnect("c0", "alpha");
  await engine.containers.connect("c0", "alpha");
  expect(await way()).toBe("eth1");
});

test("who shares a network shares its names while they change", async () => {
  await start("owner");
  await start("guest", { HostConfig: { NetworkMode: "container:owner" } });
  await engine.networks.create({ Name: "later" });
  await engine.containers.connect("owner", "later");
  expect(await hosts("guest")).toContain(`${await addressOf("owner", "later")}\t`);
  expect(await hosts("guest")).toBe(readFileSync((await inspect("owner")).HostsPath, "utf8"));
});

describe("what is made of words", () => {
  test.each([
    ["db", { name: "db", alias: "db" }],
    ["db:x", { name: "db", alias: "x" }],
    ["/db:/web/x", { name: "db", alias: "x" }],
  ])("%s", (text, link) => expect(parseLink(text)).toEqual(link));

  test.each(["a:b:c", "a:", "a:b c", "a:b\n1.2.3.4 evil", ""])("%j is no link", (text) => {
    expect(() => parseLink(text)).toThrow(/bad format for links|empty string/);
  });

  test("the variables of docker: TCP first, ranges, the other's environment", () => {
    const facts = { path: "/web/my-db", address: "1.2.3.4", Env: ["A=1=2", "PATH=/x", "HOME=/", "BARE"], ExposedPorts: {} };
    expect(linkEnvironment(facts)).toEqual(["MY_DB_NAME=/web/my-db", "MY_DB_ENV_A=1=2"]);
    const made = linkEnvironment({ ...facts, Env: [], ExposedPorts: { "53/udp": {}, "81/tcp": {}, "80/tcp": {}, "90": {} } });
    expect(made[0]).toBe("MY_DB_PORT=tcp://1.2.3.4:80");
    expect(made.filter((each) => /START|END/.test(each))).toEqual([
      "MY_DB_PORT_80_TCP_START=tcp://1.2.3.4:80",
      "MY_DB_PORT_80_TCP_PORT_START=80",
      "MY_DB_PORT_80_TCP_END=tcp://1.2.3.4:81",
      "MY_DB_PORT_80_TCP_PORT_END=81",
    ]);
    expect(made).toContain("MY_DB_PORT_53_UDP_PROTO=udp");
    expect(made).toHaveLength(1 + 4 * 4 + 4 + 1);
  });

  test.each([
    [{ Hostname: "x" }, {}, "hostname and the network mode"],
    [{}, { Links: ["a"] }, "container type network can't be used with links. This would result in undefined behavior"],
    [{}, { Dns: ["1.1.1.1"] }, "dns and the network mode"],
    [{}, { ExtraHosts: ["a:1.1.1.1"] }, "custom host-to-IP mapping and the network mode"],
    [{ ExposedPorts: { "80/tcp": {} } }, { PortBindings: { "80/tcp": [] } }, "port publishing and the container type network mode"],
    [{}, { PublishAllPorts: true }, "port publishing and the container type network mode"],
    [{ ExposedPorts: { "80/tcp": {} } }, {}, "port exposing and the container type network mode"],
  ])("a shared network with %j %j", (own, host, text) => {
    expect(() => checkNetworkMode(own, { ...host, NetworkMode: "container:x" })).toThrow(`conflicting options: ${text}`);
    expect(() => checkNetworkMode(own, { ...host, NetworkMode: "bridge" })).not.toThrow();
  });

  test("a shared network of nobody", () => {
    for (const NetworkMode of ["container", "container:"])
      expect(() => checkNetworkMode({}, { NetworkMode })).toThrow("invalid network mode: invalid container format container:<name|id>");
  });
});
