/** `berth serve` under docker's command line (Debian's docker.io): what it does with links, sizes that change, filters and contexts from elsewhere. */
import { execFileSync } from "node:child_process";
import { readFileSync, readlinkSync, symlinkSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Driver } from "../support/driver.ts";
import { dockerClient } from "../support/rootfs.ts";
import { Served } from "./served.ts";

const served = new Served();
const { directory, env } = served;
const ok = (...args: string[]) => served.ok(args);

beforeAll(async () => {
  await served.open();
  const links = "mkdir /real; echo f > /real/f; ln -s /real /way; ln -s f /real/link; ln -s /nowhere /real/broken";
  await ok("run", "-d", "--name", "long", "-l", "mark=x", "busybox", "sh", "-c", `${links}; exec sleep 1000`);
  await ok("exec", "long", "sh", "-c", "until test -L /real/broken; do sleep 0.1; done");
});
afterAll(async () => {
  await served.run(["rm", "-f", "long"]);
  await served[Symbol.asyncDispose]();
});

test("cp takes links as they are, or what they lead to; behind a slash it goes where they lead", async () => {
  const here = (name: string) => join(directory, name);
  await ok("cp", "long:/real", here("real"));
  expect([readlinkSync(here("real/link")), readlinkSync(here("real/broken"))]).toEqual(["f", "/nowhere"]);
  await ok("cp", "long:/way", here("way"));
  expect(readlinkSync(here("way"))).toBe("/real");
  await ok("cp", "-L", "long:/real/link", here("followed"));
  await ok("cp", "long:/way/.", here("contents"));
  expect([readFileSync(here("followed"), "utf8"), readFileSync(here("contents/f"), "utf8")]).toEqual(["f\n", "f\n"]);
  symlinkSync("followed", here("out"));
  await ok("cp", here("out"), "long:/way/");
  await ok("cp", "-L", here("out"), "long:/way/file");
  expect(await ok("exec", "long", "sh", "-c", "readlink /real/out; cat /real/file")).toBe("followed\nf\n");
});

test("a terminal of exec follows the size of the client's", async () => {
  await using shell = new Driver(["exec", "-it", "long", "sh"], { program: dockerClient(), env, columns: 100, rows: 30 });
  await shell.screen.waitFor("/ #");
  await shell.press("stty size\r", "30 100");
  shell.resize(77, 22);
  await shell.press("until stty size | grep '22 77'; do sleep 0.1; done\r", /22 77$/m);
  shell.type("exit 5\r");
  expect(await shell.exited).toBe(5);
});

test("events of before are chosen by kind, action, thing and label", async () => {
  await ok("run", "--rm", "--name", "short", "busybox", "true");
  const events = async (...filters: string[]) => {
    const words = filters.flatMap((each) => ["--filter", each]);
    const format = "{{.Type}} {{.Action}} {{.Actor.Attributes.name}}";
    const now = new Date(Date.now() + 1).toISOString(); // "0s" is the beginning of this second
    return (await ok("events", "--since", "1h", "--until", now, "--format", format, ...words)).trim().split("\n");
  };
  expect(await events("container=short", "event=start", "event=die", "event=destroy")).toEqual(
    ["start", "die", "destroy"].map((action) => `container ${action} short`),
  );
  expect(await events("label=mark=x", "event=create", "event=start")).toEqual(["container create long", "container start long"]);
  expect(await events("type=network", "event=disconnect")).toContain("network disconnect bridge");
});

test("a context is fetched from where it lies, as an archive and as a Dockerfile", async () => {
  const archive = execFileSync("tar", [
    "-cz",
    "-C",
    served.context("remote", { Dockerfile: "FROM busybox\nCOPY word /\n", word: "w\n" }),
    ".",
  ]);
  const bodies: Record<string, Buffer | string> = { "/context.tgz": archive, "/Dockerfile": "FROM busybox\nLABEL a=b\n" };
  const server = createServer(({ url = "" }, response) => response.end(bodies[url]));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    // Clients fetch such contexts themselves; libraries leave that to the server.
    const build = (path: string) => {
      const remote = encodeURIComponent(`http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`);
      return served.api.post(`/build?t=fetched&remote=${remote}`);
    };
    expect((await build("/context.tgz")).text).toContain("Successfully tagged fetched:latest");
    expect(await ok("run", "--rm", "fetched", "cat", "/word")).toBe("w\n");
    expect((await build("/Dockerfile")).text).toContain("Successfully tagged fetched:latest");
    expect(await ok("inspect", "-f", "{{.Config.Labels.a}}", "fetched")).toBe("b\n");
  } finally {
    server.close();
    await ok("rmi", "fetched");
  }
});
