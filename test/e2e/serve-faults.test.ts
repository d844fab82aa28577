/** `berth serve` when something in it throws where no request answers for it: it is told, and nobody's requests end. */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ApiClient } from "../support/api-client.ts";
import { launcher } from "../support/driver.ts";
import { eventually } from "../support/eventually.ts";
import { Served } from "./served.ts";

const served = new Served();
const { berth, directory } = served;

beforeAll(() => served.open());
afterAll(() => served[Symbol.asyncDispose]());

test.each([
  ["in a callback", "throw Error('boom')"],
  ["of a promise", "void Promise.reject(Error('boom'))"],
])("a fault %s is told with its stack, and the others' requests go on", async (_, fault) => {
  const socket = join(directory, "faulty.sock");
  const bomb = `process.on('SIGUSR2',function fuse(){${fault}})`;
  const env = { ...process.env, ...berth.env, NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(bomb)}` };
  const server = spawn(launcher, ["serve", `unix://${socket}`], { env, stdio: ["ignore", "ignore", "pipe"] });
  let told = "";
  server.stderr.on("data", (chunk: Buffer) => (told += chunk));
  try {
    const api = new ApiClient(socket);
    await eventually(async () => expect((await api.get("/_ping")).status).toBe(200));
    const { json } = await api.post("/containers/create", { Image: "busybox", Cmd: ["cat"], OpenStdin: true, StdinOnce: true });
    const attached = api.upgrade(`/containers/${json.Id}/attach?stream=1&stdin=1&stdout=1`);
    await attached.until(({ head }) => head.includes("101"));
    await api.post(`/containers/${json.Id}/start`);
    server.kill("SIGUSR2");
    await eventually(() => expect(told).toMatch(/^berth: a fault of berth's own; the server goes on: Error: boom\n +at .*fuse/m));
    attached.socket.end("still here\n");
    await attached.closed;
    expect(attached.frames).toEqual(["stdout: still here\n"]);
    await api.call("DELETE", `/containers/${json.Id}?force=1`);
  } finally {
    server.kill("SIGTERM");
    await eventually(() => expect(server.exitCode ?? server.signalCode).not.toBeNull());
  }
  expect(server.exitCode).toBe(143);
});
