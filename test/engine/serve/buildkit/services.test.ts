/** BuildKit's session and services: what a client says reaches the engine, what the engine asks reaches the client. The builds are played. */
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer, text } from "node:stream/consumers";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { BuildClient, Builder, BuildOptions, BuildResult } from "../../../../engine/build/index.ts";
import { EngineError } from "../../../../engine/errors.ts";
import type { BuildEvent } from "../../../../engine/events.ts";
import * as messages from "../../../../engine/serve/buildkit/messages.ts";
import { receiveFiles } from "../../../../engine/serve/buildkit/receive-files.ts";
import { sendFiles } from "../../../../engine/serve/buildkit/send-files.ts";
import { type ApiClient, serveOver } from "../../../support/api-client.ts";
import { BuildKitClient, upgraded } from "../../../support/buildkit-client.ts";
import { fakeEngine } from "../../../support/fake-engine.ts";

let api: ApiClient;
let client: BuildKitClient;
let directory: string;
let builds: BuildOptions[];
/** What the next build does. */
let play: (options: BuildOptions & { client: BuildClient; signal: AbortSignal }) => AsyncGenerator<BuildEvent, Partial<BuildResult>>;

const digest = `sha256:${"ab".repeat(32)}`;
const done: BuildResult = {
  ImageID: digest,
  Tags: ["app:1"],
  Metadata: { "containerimage.config.digest": digest },
  Steps: { total: 0, cached: 0 },
};

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), "berth-buildkit-"));
  builds = [];
  play = async function* () {
    return {};
  };
  const { engine } = fakeEngine();
  const builder: Builder = {
    ...engine.builder,
    async *build(options) {
      builds.push(options);
      return { ...done, ...(yield* play(options as Parameters<typeof play>[0])) };
    },
  };
  const system = { ...engine.system, version: async () => ({ Version: "1.2.3" }) as never };
  api = await serveOver({ ...engine, builder, system });
  client = new BuildKitClient(api.socket);
});
afterEach(async () => {
  client[Symbol.dispose]();
  await api[Symbol.asyncDispose]();
  rmSync(directory, { recursive: true, force: true });
});

const solveRequest = (more: Parameters<typeof messages.solveRequest.encode>[0] = {}) =>
  messages.solveRequest.encode({
    Ref: "ref",
    Session: "s",
    Frontend: "dockerfile.v0",
    Exporters: [{ Type: "moby", Attrs: { name: "app:1" } }],
    ...more,
  });

describe("a build by Control.Solve", () => {
  test("its wishes are the engine's options, its result is told, what cannot be is refused", async () => {
    const answer = await client.ask("Control/Solve", solveRequest({ FrontendAttrs: { target: "last" }, Entitlements: ["network.host"] }));
    expect(messages.solveResponse.decode(answer).ExporterResponse).toEqual({
      "containerimage.digest": digest,
      "containerimage.config.digest": digest,
      "image.name": "app:1",
    });
    expect(builds).toMatchObject([
      { target: "last", allow: ["network.host"], outputs: [{ type: "image", attributes: { name: "app:1" } }] },
    ]);
    const llb = expect.objectContaining({ message: expect.stringContaining("low-level builds (LLB)"), details: { grpc: 2 } });
    await expect(client.ask("Control/Solve", solveRequest({ Definition: { def: [Buffer.from("op")] } }))).rejects.toEqual(llb);
    await expect(client.ask("Control/Solve", solveRequest({ FrontendInputs: { a: { def: [] } } }))).rejects.toEqual(llb);
    await expect(client.ask("Control/Solve", solveRequest({ Frontend: "other.v0" }))).rejects.toThrow('the frontend "other.v0"');
    expect(builds).toHaveLength(1);
  });

  test("what happens is told by Status, whether it is asked before or after", async () => {
    play = async function* () {
      yield { type: "step", id: "1", name: "[1/1] RUN x", status: "started", time: 1000 };
      yield { type: "step-log", id: "1", stream: "stderr", data: Buffer.from("out\n") };
      yield { type: "step-status", id: "1", name: "transferring:", current: 5, total: 9 };
      yield { type: "step", id: "1", name: "[1/1] RUN x", status: "done", time: 2500 };
      yield {
        type: "warning",
        text: "odd",
        rule: "StageNameCasing",
        location: { file: "Dockerfile", line: 2, column: 1, source: "FROM x\nRUN" },
      };
      return {};
    };
    const told = async () => {
      const statuses = [];
      for await (const message of client.listen("Control/Status", messages.statusRequest.encode({ Ref: "ref" })))
        statuses.push(messages.statusResponse.decode(message));
      return statuses;
    };
    const [, before] = await Promise.all([client.ask("Control/Solve", solveRequest()), told()]);
    const vertexes = before.flatMap((each) => each.vertexes);
    expect(vertexes).toMatchObject([
      { name: "[1/1] RUN x", started: 1000, completed: undefined },
      { name: "[1/1] RUN x", started: 1000, completed: 2500 },
    ]);
    const id = vertexes[0]?.digest;
    expect(id).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(before.flatMap((each) => each.logs)).toMatchObject([{ vertex: id, stream: 2, msg: Buffer.from("out\n") }]);
    expect(before.flatMap((each) => each.statuses)).toMatchObject([{ vertex: id, ID: "transferring:", current: 5, total: 9 }]);
    expect(before.flatMap((each) => each.warnings)).toMatchObject([
      {
        vertex: id,
        short: Buffer.from("StageNameCasing: odd"),
        url: expect.stringContaining("/stage-name-casing/"),
        ranges: [{ start: { line: 2 } }],
      },
    ]);
    await client.ask("Control/Solve", solveRequest({ Ref: "later" }));
    const later = [];
    for await (const message of client.listen("Control/Status", messages.statusRequest.encode({ Ref: "later" }))) later.push(message);
    expect(later).toHaveLength(5);
  });

  test("a failure comes with its place in the Dockerfile", async () => {
    play = async function* () {
      yield* [];
      throw new EngineError("dockerfile", "unknown instruction: RUNN", {
        location: { file: "Dockerfile", line: 2, column: 1, source: "FROM x\nRUNN" },
      });
    };
    await expect(client.ask("Control/Solve", solveRequest())).rejects.toThrow(
      "dockerfile parse error on line 2: unknown instruction: RUNN",
    );
  });
});

test("a question about a Dockerfile is answered to who steers the build, and to who does not; nothing is built", async () => {
  const [attributes, metadata] = [{ requestid: "frontend.subrequests.describe" }, { "buildkit-controlapi-buildid": "ref" }];
  const question = messages.gatewaySolveRequest.encode({ Frontend: "dockerfile.v0", FrontendOpt: attributes });
  const asking = client.ask("frontend.LLBBridge/Solve", question, metadata); // until the build's own call names the session
  const solving = client.ask("Control/Solve", solveRequest({ Frontend: "", Exporters: [] }));
  const { result } = messages.gatewaySolveResponse.decode(await asking);
  expect(Buffer.from(result?.metadata["result.json"] ?? []).toString()).toContain('"frontend.targets"');
  await client.ask("frontend.LLBBridge/Return", messages.returnRequest.encode({ result: {} }), metadata);
  expect(messages.solveResponse.decode(await solving).ExporterResponse).toEqual({});
  const answer = await client.ask("Control/Solve", solveRequest({ FrontendAttrs: attributes }));
  expect(messages.solveResponse.decode(answer).ExporterResponse).toMatchObject({ version: "1.0.0" });
  expect(builds).toEqual([]);
});

describe("a build that the client steers (LLBBridge)", () => {
  const metadata = { "buildkit-controlapi-buildid": "ref" };
  const plan = (attributes: Record<string, string>) =>
    client.ask(
      "frontend.LLBBridge/Solve",
      messages.gatewaySolveRequest.encode({ Frontend: "dockerfile.v0", FrontendOpt: attributes }),
      metadata,
    );

  test("runs when the client returns what it has planned", async () => {
    const pong = messages.pongResponse.decode(await client.ask("frontend.LLBBridge/Ping", Buffer.alloc(0), metadata));
    expect(pong.FrontendAPICaps.map(({ ID }) => ID)).toEqual(expect.arrayContaining(["return", "proto.refarray"]));
    expect(pong.Workers).toMatchObject([{ BuildkitVersion: { version: "v1.2.3" } }]);
    const solving = client.ask("Control/Solve", solveRequest({ Frontend: "" }));
    await plan({ target: "first" });
    const { result } = messages.gatewaySolveResponse.decode(await plan({ target: "second" }));
    expect(builds).toEqual([]);
    await client.ask(
      "frontend.LLBBridge/Return",
      messages.returnRequest.encode({ result: { ref: { id: result?.ref?.id ?? "" } } }),
      metadata,
    );
    expect(messages.solveResponse.decode(await solving).ExporterResponse).toMatchObject({ "image.name": "app:1" });
    expect(builds).toMatchObject([{ target: "second", outputs: [{ type: "image" }] }]);
  });

  test("is over when the client returns nothing, or an error", async () => {
    const solving = client.ask("Control/Solve", solveRequest({ Frontend: "" }));
    await client.ask("frontend.LLBBridge/Return", messages.returnRequest.encode({ result: {} }), metadata);
    expect(messages.solveResponse.decode(await solving).ExporterResponse).toEqual({});
    const failing = client.ask("Control/Solve", solveRequest({ Frontend: "", Ref: "other" }));
    const failed = expect(failing).rejects.toThrow("made up my mind");
    const error = { code: 2, message: "made up my mind" };
    await client.ask("frontend.LLBBridge/Return", messages.returnRequest.encode({ error }), { "buildkit-controlapi-buildid": "other" });
    await failed;
    expect(builds).toEqual([]);
  });

  test("a call without its build, and a method that there is not", async () => {
    await expect(client.ask("frontend.LLBBridge/Return", Buffer.alloc(0))).rejects.toThrow("which build it is about");
    await expect(client.ask("frontend.LLBBridge/ReadFile", Buffer.alloc(0), metadata)).rejects.toMatchObject({
      code: "unsupported",
      details: { grpc: 12 },
    });
  });
});

describe("what a build asks of its client", () => {
  const from = (path: string) => {
    writeFileSync(join(directory, path), `content of ${path}`);
    return directory;
  };

  test("files, with patterns that are no ASCII; secrets; credentials", async () => {
    const asked: unknown[] = [];
    await client.session("s", {
      "/moby.filesync.v1.FileSync/DiffCopy": async ({ stream, metadata }) => {
        const {
          "dir-name": name,
          "include-patterns": include,
          "exclude-patterns": exclude,
          "exclude-patterns-encoded": encoded,
          followpaths: follow,
        } = metadata;
        asked.push({ name, include, exclude, encoded, follow });
        await sendFiles(stream, from("a"));
      },
      "/moby.buildkit.secrets.v1.Secrets/GetSecret": async ({ stream }) => {
        const { ID } = messages.getSecretRequest.decode(await stream.message());
        if (ID === "none") throw new EngineError("not-found", "secret none: not found", { details: { grpc: 5 } });
        if (ID === "bad") throw new EngineError("system", "too large", { details: { grpc: 2 } });
        await stream.send(messages.getSecretResponse.encode({ data: Buffer.from("value") }));
      },
      "/moby.filesync.v1.Auth/Credentials": async ({ stream }) => {
        const { Host } = messages.credentialsRequest.decode(await stream.message());
        asked.push(Host);
        await stream.send(messages.credentialsResponse.encode(Host === "r:5000" ? { Username: "u", Secret: "p" } : { Secret: "token" }));
      },
    });
    const found: unknown[] = [];
    play = async function* ({ client }) {
      yield* [];
      const into = mkdtempSync(join(tmpdir(), "berth-into-"));
      await client.receive("context", into, { include: ["a"], exclude: ["ü b"], follow: ["a"] });
      found.push(readFileSync(join(into, "a"), "utf8"));
      rmSync(into, { recursive: true });
      found.push(
        (await client.secret("s"))?.toString(),
        await client.secret("none"),
        await client.secret("bad").catch((error) => error.message),
      );
      found.push(await client.credentials("r:5000"), await client.credentials("docker.io"), await client.agent("default"));
      return {};
    };
    await client.ask("Control/Solve", solveRequest());
    const files = { name: "context", include: "a", exclude: "%C3%BC+b", encoded: "1", follow: "a" };
    expect(asked).toEqual([files, "r:5000", "registry-1.docker.io"]);
    expect(found).toEqual([
      ...["content of a", "value", undefined, "too large"],
      { username: "u", password: "p" },
      { username: "", password: "", identityToken: "token" },
      undefined,
    ]);
  });

  test("an SSH agent answers on a socket for as long as the build lasts", async () => {
    await client.session("s", {
      "/moby.sshforward.v1.SSH/CheckAgent": async ({ stream }) => stream.send(Buffer.alloc(0)),
      "/moby.sshforward.v1.SSH/ForwardAgent": async ({ stream, metadata }) => {
        for await (const message of stream.messages()) {
          const { data } = messages.bytesMessage.decode(message);
          await stream.send(
            messages.bytesMessage.encode({ data: Buffer.from(`${metadata["buildkit.ssh.id"]} says ${Buffer.from(data)}`) }),
          );
        }
      },
    });
    let path: string | undefined;
    let said = "";
    play = async function* ({ client }) {
      yield* [];
      path = await client.agent("keys");
      const connection = connect(path!);
      connection.end("hello");
      said = await text(connection);
      return {};
    };
    await client.ask("Control/Solve", solveRequest());
    expect(said).toBe("keys says hello");
    const gone = connect(path!);
    expect(((await once(gone, "error")) as [NodeJS.ErrnoException])[0].code).toMatch(/ENOENT|ECONNREFUSED/);
  });

  test("outputs go where the client says: files, and an archive in pieces", async () => {
    const received: unknown[] = [];
    const into = mkdtempSync(join(tmpdir(), "berth-out-"));
    await client.session("s", {
      "/moby.filesync.v1.FileSend/DiffCopy": async ({ stream, metadata }) => {
        const id = metadata["buildkit-attachable-exporter-id"];
        if (id === "0") return receiveFiles(stream, into);
        const parts: Uint8Array[] = [];
        for await (const message of stream.messages()) parts.push(messages.bytesMessage.decode(message).data);
        received.push(id, Buffer.concat(parts).length);
      },
    });
    play = async function* ({ client, signal }) {
      yield* [];
      await client.send(0, from("a"), signal);
      await client.write(
        1,
        (async function* () {
          yield Buffer.alloc(1 << 20, "x");
          yield Buffer.alloc(7, "y");
        })(),
        signal,
      );
      return {};
    };
    await client.ask("Control/Solve", solveRequest());
    expect([received, readFileSync(join(into, "a"), "utf8")]).toEqual([["1", (1 << 20) + 7], "content of a"]);
    rmSync(into, { recursive: true });
  });

  test("an archive as the context comes by the session", async () => {
    await client.session("s", {
      "/moby.upload.v1.Upload/Pull": async ({ stream, metadata }) => {
        for (const piece of [metadata["urlpath"] as string, "!"])
          await stream.send(messages.bytesMessage.encode({ data: Buffer.from(piece) }));
      },
    });
    let context = "";
    play = async function* ({ stdin }) {
      yield* [];
      context = (await buffer(stdin!)).toString();
      return {};
    };
    await client.ask("Control/Solve", solveRequest({ FrontendAttrs: { context: "http://buildkit-session/key" } }));
    expect([context, builds[0]?.context]).toEqual(["/key!", "-"]);
  });
});

describe("clients that go", () => {
  /** A build that lasts until it is called off. */
  function lasting() {
    const [started, over] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    play = async function* ({ signal }) {
      yield* [];
      started.resolve();
      await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
      over.resolve();
      throw new EngineError("cancelled", "build cancelled");
    };
    return { started: started.promise, over: over.promise };
  }

  test("who gives its call up, or closes its connection, ends its build", async () => {
    const abort = new AbortController();
    const first = lasting();
    const solving = client.ask("Control/Solve", solveRequest(), {}, abort.signal).catch(() => {});
    await first.started;
    abort.abort();
    await Promise.all([first.over, solving]);
    const second = lasting();
    const other = client.ask("Control/Solve", solveRequest()).catch(() => {});
    await second.started;
    client[Symbol.dispose]();
    await Promise.all([second.over, other]);
  });

  test("a session that ends is known no more; one that comes late is waited for", async () => {
    const early = new BuildKitClient(api.socket);
    const answers = {
      "/moby.buildkit.secrets.v1.Secrets/GetSecret": async ({ stream }: { stream: { send(message: Uint8Array): Promise<void> } }) =>
        stream.send(messages.getSecretResponse.encode({ data: Buffer.from("late") })),
    };
    const { closed } = await early.session("s", {});
    early[Symbol.dispose]();
    await closed;
    let secret: string | undefined;
    const asked = Promise.withResolvers<void>();
    play = async function* ({ client }) {
      yield* [];
      asked.resolve();
      secret = (await client.secret("x"))?.toString();
      return {};
    };
    const solving = client.ask("Control/Solve", solveRequest({ Session: "t" }));
    await asked.promise;
    await client.session("t", answers);
    await solving;
    expect(secret).toBe("late");
  });
});

test("a door opens to HTTP/2 alone, and a session has a name", async () => {
  expect(await api.post("/grpc")).toMatchObject({ status: 400, json: { message: "no upgrade proto in request" } });
  await expect(upgraded(api.socket, "/grpc", { Upgrade: "tcp" })).rejects.toThrow("protocol tcp not supported");
  await expect(upgraded(api.socket, "/session")).rejects.toThrow("the session has no id");
  const socket = await upgraded(api.socket, "/grpc");
  socket.end("this is no HTTP/2 at all, whatever it was said to be");
  socket.resume();
  await once(socket, "close");
  expect((await api.get("/_ping")).status).toBe(200);
});
