/** The host as a router: for berth's networks alone where berth made it one, as it was where somebody else did. */
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { beforeAll, expect, test } from "vitest";
import { forwarding } from "../../../../engine/host/checks/forwarding.ts";
import { routerScript } from "../../../../engine/network/kernel/router.ts";
import { interfaces, leaveHostNetwork, makeOutside, nftRules, openScene, type Scene, until } from "../scene.ts";

const isOn = (family: 4 | 6 = 4) =>
  readFileSync(family === 4 ? "/proc/sys/net/ipv4/ip_forward" : "/proc/sys/net/ipv6/conf/all/forwarding", "latin1").trim() === "1";

const neighbour = (net: string) => makeOutside(net, { routed: true });

beforeAll(leaveHostNetwork);

const everythingIsGone = () => until("the bridges are gone", () => !interfaces().some((name) => /^(berth|bt-)/.test(name)));

async function serveAll(scene: Scene, ...servers: { netns: string; address: string }[]): Promise<void> {
  for (const { netns, address } of servers) await scene.serve(netns, 80, address);
}

test("turned on by berth: others are not forwarded, and it is off again with the last bridge", { timeout: 60_000 }, async () => {
  writeFileSync("/proc/sys/net/ipv4/ip_forward", "0");
  using red = neighbour("192.0.2");
  using blue = neighbour("198.51.100");
  {
    await using scene = openScene();
    await using other = openScene(); // another state directory
    await serveAll(scene, red, blue);
    expect(forwarding.run(scene.house)).toMatchObject({ status: "ok", detail: expect.stringContaining("is off") });
    const web = await scene.attach("web", { ports: { "80/tcp": [{ HostIp: "", HostPort: "18800" }] } });
    const second = await other.attach("second");
    await scene.serve(web.netns, 80, "web");
    expect(isOn()).toBe(true);
    expect(forwarding.run(scene.house)).toMatchObject({ status: "ok", detail: expect.stringContaining("turned on by berth") });
    expect(scene.ask(red.netns, blue.address, 80)).toBe("");
    for (const { netns } of [web, second]) expect(scene.ask(netns, blue.address, 80)).toMatch(/^198/);
    expect(scene.ask(red.netns, "192.0.2.1", 18800)).toMatch(/^web /);
    // Flushed by somebody: the next container mends it.
    execFileSync("nft", ["flush", "ruleset"]);
    await scene.attach("next");
    expect(scene.ask(red.netns, blue.address, 80)).toBe("");
    for (const owner of ["web", "next"]) await scene.detach(owner);
    await until("the first bridge is gone", () => interfaces().filter((name) => name.startsWith("berth-")).length === 1);
    expect(isOn()).toBe(true);
    expect(scene.ask(red.netns, blue.address, 80)).toBe("");
    expect(scene.ask(second.netns, blue.address, 80)).toMatch(/^198/);
    await other.detach("second");
    await everythingIsGone();
    expect([isOn(), nftRules()]).toEqual([false, expect.not.stringContaining("berth")]);
  }
});

test("on already: nothing of it is touched", async () => {
  writeFileSync("/proc/sys/net/ipv4/ip_forward", "1");
  using red = neighbour("192.0.2");
  using blue = neighbour("198.51.100");
  await using scene = openScene();
  await serveAll(scene, blue);
  await scene.attach("web");
  expect(scene.ask(red.netns, blue.address, 80)).toMatch(/^198/);
  expect(nftRules()).not.toContain("berth_router");
  expect(forwarding.run(scene.house)).toMatchObject({ status: "ok", detail: expect.stringContaining("was on before berth") });
  await scene.detach("web");
  await everythingIsGone();
  expect(isOn()).toBe(true);
});

test("a network of IPv6 turns that on too, and removing a network gives it back at once", async () => {
  writeFileSync("/proc/sys/net/ipv4/ip_forward", "0");
  writeFileSync("/proc/sys/net/ipv6/conf/all/forwarding", "0");
  await using scene = openScene();
  await scene.network({ Name: "dual", EnableIPv6: true });
  await scene.attach("web", { mode: "dual" });
  expect([isOn(), isOn(6)]).toEqual([true, true]);
  expect(nftRules()).toMatch(/table ip6 berth_router \{\n\tset bridges \{\n\t\ttype ifname\n\t\telements = \{ "bt-[0-9a-f]{12}" \}/);
  await scene.detach("web");
  await scene.house.networks.remove("dual");
  expect([isOn(), isOn(6), nftRules()]).toEqual([false, false, ""]);
});

test("nothing but names of interfaces gets into the table", () => {
  expect(() => routerScript(4, ['x"; drop'])).toThrow("not fit for a rule");
});
