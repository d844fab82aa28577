/** Streams of a host, as far as they are pure: pieces, lines of logs, steps of builds, archives under another name. */
import { PassThrough, Readable, Writable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { describe, expect, test } from "vitest";
import type { BuildEvent } from "../../../engine/events.ts";
import { readTar } from "../../../engine/image/tar/index.ts";
import { BuildSteps } from "../../../engine/remote/builds/steps.ts";
import { Demux, pour } from "../../../engine/remote/containers/demux.ts";
import { renamed } from "../../../engine/remote/containers/files.ts";
import { LogLines } from "../../../engine/remote/containers/logs.ts";
import { toSample } from "../../../engine/remote/containers/stats.ts";
import { frameHead } from "../../../engine/serve/frames.ts";
import { fileMode, goMode } from "../../../engine/serve/go-mode.ts";
import fc from "../../support/property.ts";
import { tarOf } from "../image/scene.ts";

const piece = (stream: "stdout" | "stderr", text: string) => Buffer.concat([frameHead(stream, Buffer.byteLength(text)), Buffer.from(text)]);

describe("two streams in one", () => {
  const pieces = fc.array(fc.tuple(fc.constantFrom("stdout" as const, "stderr" as const), fc.string({ maxLength: 40 })), { maxLength: 12 });

  test("come apart as they were put together, wherever the network cuts them", () => {
    fc.assert(
      fc.property(pieces, fc.integer({ min: 1, max: 20 }), (given, size) => {
        const whole = Buffer.concat(given.map(([stream, text]) => piece(stream, text)));
        const read = { stdout: "", stderr: "" };
        const bytes = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
        const demux = new Demux();
        for (let at = 0; at < whole.length; at += size)
          for (const { stream, data } of demux.push(whole.subarray(at, at + size))) bytes[stream].push(Buffer.from(data));
        for (const stream of ["stdout", "stderr"] as const) read[stream] = Buffer.concat(bytes[stream]).toString();
        const sent = (wanted: string) =>
          given
            .filter(([stream]) => stream === wanted)
            .map(([, text]) => text)
            .join("");
        expect(demux.isWhole).toBe(true);
        expect(read).toEqual({ stdout: sent("stdout"), stderr: sent("stderr") });
      }),
    );
  });

  test("a piece of no kind, and one that breaks off, are told", async () => {
    expect(() => [...new Demux().push(Buffer.from("HTTP/1.1 500"))]).toThrow("no kind");
    const cut = Readable.from([piece("stdout", "hello").subarray(0, 10)]);
    await expect(pour(cut, true, async () => {})).rejects.toThrow("middle of a piece");
  });

  test("who reads slowly is waited for", async () => {
    const from = new PassThrough({ highWaterMark: 1 << 10 });
    const slow = new Writable({ highWaterMark: 1, write: (_chunk, _encoding, done) => setImmediate(done) });
    let most = 0;
    const poured = pour(from, false, (_stream, data) => new Promise((resolve) => slow.write(data, () => resolve())));
    for (let sent = 0; sent < 200; sent++) {
      if (!from.write(Buffer.alloc(1 << 10))) await new Promise((resolve) => from.once("drain", resolve));
      most = Math.max(most, from.readableLength + slow.writableLength);
    }
    from.end();
    await poured;
    expect(most).toBeLessThan(8 << 10);
  });
});

describe("lines of a log", () => {
  const time = "2024-05-06T07:08:09.123456789Z";
  const read = (...parts: [string, boolean][]) => {
    const lines = new LogLines("stdout");
    const found = [...parts.flatMap(([text, goesOn]) => lines.push(Buffer.from(text), goesOn)), ...lines.end()];
    return found.map(({ data, partial, ...rest }) => ({ ...rest, text: Buffer.from(data).toString(), ...(partial && { partial }) }));
  };

  test("have their time", () => {
    expect(read([`${time} one\n${time} two\n`, false])).toEqual([
      { stream: "stdout", time, text: "one" },
      { stream: "stdout", time, text: "two" },
    ]);
  });

  test("parts of a line: each with a time, as docker has it, or the first alone, as berth has it", () => {
    const expected = [
      { stream: "stdout", time, text: "long ", partial: true },
      { stream: "stdout", time, text: "line" },
    ];
    expect(read([`${time} long `, false], [`${time} line\n`, false])).toEqual(expected);
    expect(read([`${time} long `, false], ["line\n", false])).toEqual(expected);
  });

  test("a piece that comes in two is one", () => {
    expect(read([`${time} o`, true], ["ne\n", false])).toEqual([{ stream: "stdout", time, text: "one" }]);
  });
});

describe("steps of a build", () => {
  const line = (stream: string) => ({
    id: "",
    status: "",
    stream,
    error: "",
    errorDetail: { message: "" },
    progressDetail: { current: 0, total: 0 },
  });
  const read = (...streams: string[]) => {
    const steps = new BuildSteps();
    const events: BuildEvent[] = [...streams.flatMap((each) => [...steps.take(line(each))]), ...steps.end("done")];
    const told = events.map((event) =>
      event.type === "step" ? `${event.status} ${event.name}` : event.type === "step-log" ? Buffer.from(event.data).toString() : event.type,
    );
    return { told, ...steps.steps };
  };

  test("dockerd's", () => {
    expect(
      read(
        "Step 1/2 : FROM busybox\n",
        " ---> 5ac7\n",
        "Step 2/2 : RUN make\n",
        " ---> Running in 12ab\n",
        "made\n",
        "Removing intermediate container 12ab\n",
        " ---> 77aa\n",
        "Successfully built 77aa\n",
      ),
    ).toEqual({
      told: ["started [1/2] FROM busybox", "done [1/2] FROM busybox", "started [2/2] RUN make", "made\n", "done [2/2] RUN make"],
      total: 2,
      cached: 0,
    });
  });

  test("one out of the cache, of berth and of podman", () => {
    expect(read("Step 1/1 [app] : RUN x\n ---> Using cache\n")).toEqual({
      told: ["started [app 1/1] RUN x", "cached [app 1/1] RUN x"],
      total: 1,
      cached: 1,
    });
    expect(read("STEP 1/2: FROM busybox\n", "STEP 2/2: RUN x\n", "--> Using cache 12ab\n", "--> 12ab\n").cached).toBe(1);
  });
});

test("an archive under another name of its root", async () => {
  const names = async (to: string, ...entries: Parameters<typeof tarOf>) => {
    const archive = await buffer(Readable.from(renamed(Readable.from([tarOf(...entries)]), to)));
    return (await Array.fromAsync(readTar(Readable.from([archive])))).map(({ header }) => header.name);
  };
  const tree = [
    { name: "dir", type: "directory" },
    { name: "dir/a", content: "x" },
  ] as Parameters<typeof tarOf>;
  expect(await names("other", ...tree)).toEqual(["other/", "other/a"]);
  expect(await names("", ...tree)).toEqual(["a"]);
  expect(await names("b", { name: "a", content: "x" })).toEqual(["b"]);
});

test("modes are the same both ways", () => {
  for (const mode of [0o100644, 0o104755, 0o041777, 0o120777, 0o060660, 0o020600, 0o010644, 0o140755])
    expect(fileMode(goMode(mode))).toBe(mode);
});

test("a sample's shares are of the time between two looks", () => {
  const cpu = (total: number, system: number) => ({
    cpu_usage: { total_usage: total, percpu_usage: [] },
    system_cpu_usage: system,
    online_cpus: 2,
  });
  const raw = {
    ...{ id: "ab", name: "/web", read: "", preread: "", cpu_stats: cpu(300, 2000), precpu_stats: cpu(100, 1000) },
    memory_stats: { usage: 100, limit: 1000, stats: { inactive_file: 20 } },
    pids_stats: { current: 3, limit: 0 },
    blkio_stats: {
      io_service_bytes_recursive: [
        { op: "Read", value: 5 },
        { op: "write", value: 7 },
        { op: "Total", value: 12 },
      ],
    },
    networks: { eth0: { rx_bytes: 1, tx_bytes: 2 }, eth1: { rx_bytes: 10, tx_bytes: 20 } },
  };
  expect(toSample(raw)).toMatchObject({
    ...{ ID: "ab", Name: "web", pids: { current: 3 }, blkio: { read: 5, write: 7 }, network: { rx: 11, tx: 22 } },
    cpu: { percent: 40, online: 2 },
    memory: { usage: 80, percent: 8 },
  });
});
