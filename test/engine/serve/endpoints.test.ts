/** What clients say of a container's interface, as the API's members and as docker's command line writes them: it is so inside. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { type ApiClient, serveOver } from "../../support/api-client.ts";
import { runClient } from "../../support/docker-client.ts";
import { importBusybox, openTestEngine, type TestEngine } from "../../support/engine.ts";

let made: TestEngine;
let api: ApiClient;

beforeAll(async () => {
  made = openTestEngine();
  await importBusybox(made.engine);
  api = await serveOver(made.engine);
  for (const Name of ["front", "back"]) expect((await api.post("/networks/create", { Name })).status).toBe(201);
});
afterAll(async () => {
  await api[Symbol.asyncDispose]();
  await made[Symbol.asyncDispose]();
});

const optionsOf = (name: string) => ({
  "com.docker.network.endpoint.ifname": name,
  "com.docker.network.endpoint.sysctls": "net.ipv4.conf.IFNAME.log_martians=1",
});
const docker = (...args: string[]) => runClient(api.socket, args);
const setting = (name: string) => `/proc/sys/net/ipv4/conf/${name}/log_martians`;

test("an interface's name and settings are taken at the creation and when a network is joined, and are told", async () => {
  const EndpointsConfig = { front: { DriverOpts: optionsOf("lan") } };
  const HostConfig = { NetworkMode: "front" };
  const body = { Image: "busybox", Cmd: ["sleep", "1000"], HostConfig, NetworkingConfig: { EndpointsConfig } };
  expect((await api.post("/containers/create?name=both", body)).status).toBe(201);
  expect((await api.post("/containers/both/start")).status).toBe(204);
  const EndpointConfig = { DriverOpts: optionsOf("dmz") };
  expect((await api.post("/networks/back/connect", { Container: "both", EndpointConfig })).status).toBe(200);
  expect(await docker("exec", "both", "cat", setting("lan"), setting("dmz"))).toBe("1\n1\n");
  const { Networks } = (await api.get("/containers/both/json")).json.NetworkSettings;
  expect([Networks.front.DriverOpts, Networks.back.DriverOpts]).toEqual([optionsOf("lan"), optionsOf("dmz")]);
});

test("docker's command line asks for them in small letters", async () => {
  const options = Object.entries(optionsOf("lan")).map(([name, value]) => `driver-opt=${name}=${value}`);
  expect(await docker("run", "--rm", "--network", ["name=front", ...options].join(","), "busybox", "cat", setting("lan"))).toBe("1\n");
});
