/** The network commands, and names on user networks, with real containers. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { openScene, type Scene } from "../scene.ts";

let scene: Scene;

beforeAll(async () => {
  scene = await openScene();
});
afterAll(() => scene[Symbol.asyncDispose]());

test("the predefined networks are there and stay", async () => {
  expect((await scene.text("network", "ls", "--format", "{{.Name}} {{.Driver}}")).split("\n")).toEqual([
    "bridge bridge",
    "host host",
    "none null",
  ]);
  expect((await scene.error("network", "rm", "bridge")).exit).toBe(1);
});

test("a network is made, found, inspected and removed", async () => {
  const id = await scene.text("network", "create", "--subnet", "10.94.7.0/24", "--label", "of=test", "plain");
  expect(id).toMatch(/^[0-9a-f]{64}$/);
  expect((await scene.error("network", "create", "plain")).message).toBe("network with name plain already exists");
  expect(await scene.text("network", "ls", "-q", "-f", "label=of=test")).toBe(id.slice(0, 12));
  expect(await scene.text("network", "inspect", "-f", "{{range .IPAM.Config}}{{.Subnet}} {{.Gateway}}{{end}}", "plain")).toBe(
    "10.94.7.0/24 10.94.7.1",
  );
  expect(Object.keys(JSON.parse(await scene.text("network", "inspect", "-f", "{{json .}}", "plain")))).toEqual(
    "Name Id Created Scope Driver EnableIPv4 EnableIPv6 IPAM Internal Attachable Ingress ConfigFrom ConfigOnly Containers Options Labels".split(
      " ",
    ),
  );
  expect(await scene.text("network", "ls", "-f", "name=plain", "--format", "{{.IPv4}} {{.CreatedAt}}")).toMatch(
    /^true \d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d*[1-9])? \+0000 UTC$/,
  );
  expect(await scene.error("network", "create", "--label", "=x", "other")).toMatchObject({ exit: 125 });
  expect(await scene.error("network", "create", "-d", "macvlan", "other")).toMatchObject({ exit: 1 });
  expect(await scene.text("network", "rm", "-f", "no-such", "plain")).toBe("plain");
  expect((await scene.error("network", "inspect", "plain")).message).toContain("plain");
});

test("containers find each other by name and alias, and move between networks", async () => {
  const { berth, error, text } = scene;
  await text("network", "create", "front");
  await text("network", "create", "back");
  await text("run", "-d", "--name", "server", "--network", "front", "--network-alias", "www", "busybox", "sleep", "1000");
  expect((await berth("run", "--rm", "--network", "front", "busybox", "ping", "-c1", "-W2", "server")).status).toBe(0);
  expect((await berth("run", "--rm", "--network", "front", "busybox", "ping", "-c1", "-W2", "www")).status).toBe(0);
  expect((await berth("run", "--rm", "--network", "back", "busybox", "ping", "-c1", "-W2", "server")).status).not.toBe(0);
  await text("network", "connect", "--alias", "db", "back", "server");
  expect((await berth("run", "--rm", "--network", "back", "busybox", "ping", "-c1", "-W2", "db")).status).toBe(0);
  expect(await text("inspect", "-f", "{{range $name, $_ := .NetworkSettings.Networks}}{{$name}} {{end}}", "server")).toBe("back front ");
  expect((await error("network", "rm", "back")).message).toContain("active endpoints");
  await text("network", "disconnect", "back", "server");
  expect(await text("network", "rm", "back")).toBe("back");
  await text("rm", "-f", "server");
  expect(await text("network", "prune", "-f")).toBe("Deleted Networks:\nfront\n");
});

test("host, none and another container's network", async () => {
  const { text } = scene;
  expect(await text("run", "--rm", "--network", "none", "busybox", "ls", "/sys/class/net")).toBe("lo");
  await text("run", "-d", "--name", "owner", "busybox", "sleep", "1000");
  const own = await text("exec", "owner", "cat", "/sys/class/net/eth0/address");
  expect(await text("run", "--rm", "--network", "container:owner", "busybox", "cat", "/sys/class/net/eth0/address")).toBe(own);
  await text("rm", "-f", "owner");
});
