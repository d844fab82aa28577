/** The ways to a host: a socket, a port, TLS with certificates, ssh through the pipes of a program over there. */
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Identity } from "../../../engine/http/server.ts";
import { openRemoteEngine } from "../../../engine/remote/index.ts";
import { serveEngine } from "../../../engine/serve/serve.ts";
import { collect } from "../../contracts/engine/host.ts";
import { serveOver } from "../../support/api-client.ts";
import { certificates } from "../../support/certificates.ts";
import { container, fakeEngine } from "../../support/fake-engine.ts";
import { programOrSkip } from "../../support/programs.ts";

let directory: string;
beforeEach(() => void (directory = mkdtempSync(join(tmpdir(), "berth-transport-"))));
afterEach(() => rmSync(directory, { recursive: true }));

/** A host with a container that gives back a line, on a port. */
async function served(tls?: Identity) {
  const host = fakeEngine();
  host.containers.push(container("web"));
  const address = { kind: "tcp", host: "127.0.0.1", port: 0 } as const;
  const listener = await serveEngine(host.engine, { address, ...(tls && { tls }), version: "1.2.3" });
  return { url: listener.url, [Symbol.asyncDispose]: () => listener.close(1000) };
}

test("a port without certificates", async () => {
  await using there = await served();
  await using engine = openRemoteEngine(there.url);
  expect((await engine.containers.list()).map(({ Names }) => Names)).toEqual([["/web"]]);
});

describe("TLS", () => {
  test("both sides show who they are; whoever does not is not let in, or not believed", async (context) => {
    const { make, signed } = certificates(programOrSkip(context, "openssl"), directory);
    const ca = make("ca").cert;
    const foreign = make("other").cert;
    await using there = await served({ ca, ...signed("server", "ca") });
    const friend = signed("friend", "ca");
    const ask = async (tls?: Parameters<typeof openRemoteEngine>[0] extends string | { tls?: infer T } ? T : never) => {
      await using engine = openRemoteEngine({ address: there.url, tls });
      return await engine.containers.list();
    };
    expect(await ask({ ca, ...friend })).toHaveLength(1);
    expect(await ask({ ...friend, insecure: true })).toHaveLength(1);
    const network = { code: "network", message: expect.stringContaining(there.url) };
    await expect(ask({ ca: foreign, ...friend })).rejects.toMatchObject({ ...network, hint: expect.stringContaining("certificate") });
    await expect(ask({ ca, ...signed("stranger", "other") })).rejects.toMatchObject(network);
    await expect(ask({ ca })).rejects.toMatchObject(network);
    await expect(ask()).rejects.toMatchObject(network);
  });

  test("a session's input ends, and its output goes on", async (context) => {
    const { make, signed } = certificates(programOrSkip(context, "openssl"), directory);
    const ca = make("ca").cert;
    await using there = await served({ ca, ...signed("server", "ca") });
    await using engine = openRemoteEngine({ address: there.url, tls: { ca, ...signed("friend", "ca") } });
    const streams = collect("word\n");
    const { exitCode } = await engine.containers.exec(
      "web",
      { Cmd: ["sh", "-c", "read line; echo got $line; exit 4"], AttachStdin: true },
      streams,
    );
    expect([streams.out(), exitCode]).toEqual(["got word\n", 4]);
  });
});

describe("ssh", () => {
  const path = process.env["PATH"];
  afterEach(() => void (process.env["PATH"] = path));

  /** An ssh that runs what it is told here, and notes how it was called; other programs are scripts, too. */
  function programs(scripts: Record<string, string>): void {
    for (const [name, script] of Object.entries(scripts)) {
      writeFileSync(join(directory, name), `#!/bin/sh\n${script}\n`);
      chmodSync(join(directory, name), 0o755);
    }
    process.env["PATH"] = `${directory}:${path}`;
  }
  const ssh = `echo "$@" >> ${"$(dirname $0)"}/calls\nwhile [ "$1" != -- ]; do shift; done; shift 2; exec "$@"`;
  const calls = () => readFileSync(join(directory, "calls"), "utf8").trim().split("\n");
  const pipe = (socket: string) =>
    `exec node -e 'const s = require("net").connect({path: "${socket}", allowHalfOpen: true}); process.stdin.pipe(s).pipe(process.stdout)'`;

  async function there() {
    const host = fakeEngine();
    host.containers.push(container("web"));
    return serveOver(host.engine);
  }

  test("one session with the host carries all connections", async () => {
    await using served = await there();
    programs({ ssh, docker: pipe(served.socket) });
    await using engine = openRemoteEngine("ssh://me@build:2222");
    expect(await engine.containers.list()).toHaveLength(1);
    const streams = collect("word\n");
    await engine.containers.exec("web", { Cmd: ["sh", "-c", "read line; echo got $line; exit 0"], AttachStdin: true }, streams);
    expect(streams.out()).toBe("got word\n");
    for (const call of calls())
      expect(call).toMatch(/ControlMaster=auto .*ControlPath=\S+ .*-l me -p 2222 -- build docker system dial-stdio$/);
  });

  test("where docker has no server, berth is one", async () => {
    await using served = await there();
    programs({ ssh, docker: "echo Cannot connect to the Docker daemon >&2; exit 1", berth: pipe(served.socket) });
    await using engine = openRemoteEngine("ssh://build");
    expect(await engine.containers.list()).toHaveLength(1);
    expect(calls().map((call) => call.split(" ").at(-3))).toEqual(["docker", "berth"]);
  });

  test("what ssh, or the program, complains of is told", async () => {
    programs({ ssh: "echo 'me@build: Permission denied (publickey).' >&2; exit 255" });
    await using engine = openRemoteEngine("ssh://me@build");
    await expect(engine.containers.list()).rejects.toMatchObject({
      code: "network",
      message: 'cannot reach "ssh://me@build": me@build: Permission denied (publickey).',
    });
    programs({ ssh, docker: "exit 1", berth: "echo 'berth: no such thing' >&2; exit 127" });
    await using other = openRemoteEngine("ssh://build");
    await expect(other.containers.list()).rejects.toMatchObject({ code: "network", message: expect.stringContaining("no such thing") });
  });
});
