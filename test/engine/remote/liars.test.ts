/** Hosts that lie: each is a clear error, and neither a hang nor a crash. */
import { PassThrough } from "node:stream";
import { describe, expect, test } from "vitest";
import type { RemoteEngine } from "../../../engine/remote/index.ts";
import { collect } from "../../contracts/engine/host.ts";
import { finish } from "../../support/engine.ts";
import { type Answers, chunked, json, Liar } from "./scene.ts";

async function asked(answers: Answers, ask: (engine: RemoteEngine) => Promise<unknown>): Promise<unknown> {
  await using liar = await new Liar(answers).listen();
  await using engine = liar.engine();
  return await ask(engine).then(
    (value) => value,
    (error: unknown) => error,
  );
}

const says =
  (text: string): Answers =>
  ({ socket }) =>
    void socket.write(text);
const breaksOff =
  (text: string): Answers =>
  ({ socket }) =>
    void socket.end(text);
const network = { name: "EngineError", code: "network", message: expect.stringContaining("liar.sock") };
const list = (engine: RemoteEngine) => engine.containers.list();

describe("a question", () => {
  test.each<[string, Answers]>([
    ["is answered by no JSON", says(json("<html>it works</html>"))],
    ["is answered by half a JSON", says(json('[{"Id": "x"'))],
    ["is answered by another shape", says(json('{"Id": "x"}'))],
    ["is answered with members of other types", says(json('[{"Id": 5, "Names": "x"}]'))],
    ["gets a length that is too long", says(json("[]", 1000))],
    ["gets a length that is none", says("HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n[]")],
    ["gets two lengths", says("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n[]")],
    ["gets no HTTP", says("SSH-2.0-OpenSSH_9.2\r\n")],
    [
      "gets a head without an end",
      ({ socket }) => {
        const more = () => socket.writable && socket.write("X-More: and more\r\n".repeat(100), () => setImmediate(more));
        socket.write("HTTP/1.1 200 OK\r\n");
        more();
      },
    ],
    [
      "gets a body without an end",
      ({ socket }) => {
        const more = () => socket.writable && socket.write(`100000\r\n${"x".repeat(1 << 20)}\r\n`, () => setImmediate(more));
        socket.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
        more();
      },
    ],
    ["gets no answer", () => {}],
    ["gets half a head", says("HTTP/1.1 200 OK\r\nContent-")],
    ["is cut off at once", ({ socket }) => void socket.destroy()],
    ["is cut off in the middle", breaksOff(json("[{}", 1000))],
    ["is sent elsewhere", says("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n")],
  ])("%s", async (_, answers) => {
    const error = await asked(answers, list);
    expect(error).toMatchObject({ name: "EngineError", message: expect.stringMatching(/liar\.sock/), hint: expect.stringMatching(/\w/) });
  });

  test("that fails with a page of a proxy says the status, not the page", async () => {
    const page = `<html>${"x".repeat(1000)}</html>`;
    const error = await asked(says(`HTTP/1.1 502 Bad Gateway\r\nContent-Length: ${page.length}\r\n\r\n${page}`), list);
    expect(error).toMatchObject({ code: "system", message: expect.stringMatching(/answers with status 502$/) });
  });

  test("is asked once more on a fresh connection, when the one that was kept is gone", async () => {
    let asked = 0;
    await using liar = await new Liar(({ socket }) => (++asked === 2 ? socket.destroy() : socket.write(json("[]")))).listen();
    await using engine = liar.engine();
    expect(await engine.containers.list()).toEqual([]);
    expect(await engine.containers.list()).toEqual([]);
    expect(asked).toBe(3);
  });

  test("that changes something never is", async () => {
    let asked = 0;
    await using liar = await new Liar(({ socket, method }) =>
      method === "POST" ? socket.destroy(void asked++ as undefined) : socket.write(json("[]")),
    ).listen();
    await using engine = liar.engine();
    await engine.containers.list();
    await expect(engine.containers.kill("x")).rejects.toMatchObject(network);
    expect(asked).toBe(1);
  });
});

describe("a stream", () => {
  const inspected = json('{"Id": "x", "State": {"Running": true}}');

  test.each<[string, string]>([
    ["of events is no JSON", chunked("nonsense\n")],
    ["of events has another shape", chunked('{"Actor": []}\n')],
    ["of events breaks off", chunked('{"Type": "container"}\n')],
  ])("%s", async (_, text) => {
    expect(await asked(breaksOff(text), (engine) => Array.fromAsync(engine.events({ follow: true })))).toMatchObject(network);
  });

  test.each<[string, string]>([
    ["has a piece of no kind", chunked("plain words that are no piece")],
    ["ends in the middle of a piece", `${chunked("\x01\0\0\0\0\0\0\x09half")}0\r\n\r\n`],
    ["breaks off", chunked("\x01\0\0\0\0\0\0\x05whole")],
  ])("of a log %s", async (_, text) => {
    const answers: Answers = ({ path, socket }) => (path.includes("/json") ? socket.write(inspected) : socket.end(text));
    for (const joined of [true, false])
      expect(await asked(answers, (engine) => Array.fromAsync(engine.containers.logs("x", { joined })))).toMatchObject(network);
  });

  test("of a pull tells of an error in the middle", async () => {
    const text = `${chunked('{"status": "Pulling from x", "id": "latest"}\n', '{"error": "no space left on device"}\n')}0\r\n\r\n`;
    const error = await asked(says(text), (engine) => finish(engine.images.pull("x")));
    expect(error).toMatchObject({ code: "no-space", message: "no space left on device" });
  });

  test("that ends without its result is no success", async () => {
    const answers: Answers = ({ method, path, socket }) =>
      socket.write(
        method === "GET" && path.includes("/json") ? "HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\n{}" : `${chunked()}0\r\n\r\n`,
      );
    expect(await asked(answers, (engine) => finish(engine.images.pull("x")))).toMatchObject({ code: "not-found" });
    expect(await asked(answers, (engine) => engine.containers.wait("x"))).toMatchObject(network);
  });
});

describe("a connection that is asked for", () => {
  const inspected = json('{"Id": "x", "State": {"Running": true}}');
  const waits = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  const attach = (reply: string, end: boolean) =>
    asked(
      ({ path, socket }) => {
        if (path.includes("/json")) socket.write(inspected);
        else if (path.includes("/wait")) socket.write(waits);
        else if (end) socket.end(reply);
        else socket.write(reply);
      },
      (engine) => engine.containers.attach("x", collect(new PassThrough())),
    );

  test("is not handed over", async () => {
    expect(await attach(json("{}"), false)).toMatchObject(network);
    expect(await attach('HTTP/1.1 500 No\r\nContent-Length: 18\r\n\r\n{"message":"boom"}', false)).toMatchObject({
      code: "system",
      message: "boom",
    });
    expect(await attach("", true)).toMatchObject(network);
  });

  test("carries no pieces, or breaks off in one", async () => {
    const upgraded = "HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n";
    expect(await attach(`${upgraded}plain words that are no piece`, false)).toMatchObject(network);
    expect(await attach(`${upgraded}\x01\0\0\0\0\0\0\x09half`, true)).toMatchObject(network);
  });
});

describe("who does not speak Docker's API", () => {
  test("is said so", async () => {
    await using liar = await new Liar(() => {}).listen();
    await liar.stop();
    await using engine = liar.engine();
    await expect(engine.system.version()).rejects.toMatchObject({ code: "network", message: expect.stringContaining("no such socket") });
  });
});
