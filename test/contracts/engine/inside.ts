/** The contract of what happens inside containers: further processes, files. */
import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { tarOf } from "../../engine/image/scene.ts";
import { entriesOf } from "./archive.ts";
import { collect, create, endless, fails, fresh, type Host, start } from "./host.ts";

export function containerExec(host: () => Host): void {
  const engine = () => host().engine;

  test("exec in one call", async () => {
    const id = await start(engine(), endless);
    const streams = collect("word\n");
    const config = { Cmd: ["sh", "-c", "read line; echo got $line; echo bad >&2; exit 4"], AttachStdin: true };
    expect(await engine().containers.exec(id, config, streams)).toEqual({ detached: false, exitCode: 4 });
    expect([streams.out(), streams.err()]).toEqual(["got word\n", "bad\n"]);
    await fails(engine().containers.exec(id, { Cmd: ["no-such-program"] }, collect()), "command-not-found");
    await fails(engine().containers.exec(id, { Cmd: [] }, collect()), "invalid");
    await engine().containers.remove(id, { force: true });
    await fails(engine().containers.exec(await create(engine(), "exit 0"), { Cmd: ["true"] }, collect()), "not-running");
  });

  test("exec by id: made, looked at, started once, looked at again", async () => {
    const { containers, execs } = engine();
    const id = await start(engine(), endless);
    const { Id } = await execs.create(id, { Cmd: ["sh", "-c", "echo out; echo bad >&2; exit 7"], User: "0" });
    expect(Id).toMatch(/^[0-9a-f]{64}$/);
    const config = { entrypoint: "sh", arguments: ["-c", "echo out; echo bad >&2; exit 7"], tty: false, privileged: false, user: "0" };
    expect(await execs.inspect(Id)).toMatchObject({ ID: Id, ContainerID: id, Running: false, ExitCode: null, ProcessConfig: config });
    expect((await containers.inspect(id)).ExecIDs).toEqual([Id]);
    const streams = collect();
    expect(await execs.start(Id, { streams })).toEqual({ detached: false, exitCode: 7 });
    expect([streams.out(), streams.err()]).toEqual(["out\n", "bad\n"]);
    expect(await execs.inspect(Id)).toMatchObject({ Running: false, ExitCode: 7 });
    expect((await containers.inspect(id)).ExecIDs).toBeNull();
    await fails(execs.start(Id, { streams }), "conflict");
    await containers.remove(id, { force: true });
  });

  test("an exec that is detached runs on, and tells its end", async () => {
    const { containers, execs } = engine();
    const id = await start(engine(), endless);
    const { Id } = await execs.create(id, { Cmd: ["sh", "-c", "until test -e /go; do sleep 0.05; done; exit 9"] });
    expect(await execs.start(Id, { detach: true })).toEqual({ detached: true });
    expect(await execs.inspect(Id)).toMatchObject({ Running: true, ExitCode: null, Pid: expect.any(Number) });
    expect((await execs.inspect(Id)).Pid).toBeGreaterThan(0);
    await containers.exec(id, { Cmd: ["touch", "/go"] }, collect());
    await expect.poll(async () => (await execs.inspect(Id)).ExitCode, { timeout: 20_000 }).toBe(9);
    await containers.remove(id, { force: true });
  });

  test("an exec that is left with the detach keys runs on, and tells its end", async () => {
    const { containers, execs } = engine();
    const id = await start(engine(), endless);
    const Cmd = ["sh", "-c", "echo begun; until test -e /left; do sleep 0.05; done; exit 9"];
    const { Id } = await execs.create(id, { Cmd, Tty: true, AttachStdin: true, DetachKeys: "ctrl-x" });
    const input = new PassThrough();
    const streams = collect(input);
    const session = execs.start(Id, { streams });
    await expect.poll(streams.out, { timeout: 20_000 }).toContain("begun");
    input.write("\x18");
    expect(await session).toEqual({ detached: true });
    expect(await execs.inspect(Id)).toMatchObject({ Running: true, ExitCode: null });
    await containers.exec(id, { Cmd: ["touch", "/left"] }, collect());
    await expect.poll(async () => (await execs.inspect(Id)).ExitCode, { timeout: 20_000 }).toBe(9);
    expect(await execs.inspect(Id)).toMatchObject({ Running: false });
    await containers.remove(id, { force: true });
  });

  test("a terminal of an exec has the size that it is given by id", async () => {
    const { containers, execs } = engine();
    const id = await start(engine(), endless);
    const { Id } = await execs.create(id, { Cmd: ["sh", "-c", "stty size; read line; stty size"], Tty: true, AttachStdin: true });
    await fails(execs.resize(Id, { columns: 50, rows: 10 }), "not-running");
    const input = new PassThrough();
    const streams = collect(input);
    const ended = execs.start(Id, { streams, size: { columns: 90, rows: 30 } });
    await expect.poll(streams.out, { timeout: 20_000 }).toContain("30 90");
    await execs.resize(Id, { columns: 70, rows: 20 });
    input.write("\r");
    expect(await ended).toEqual({ detached: false, exitCode: 0 });
    expect(streams.out()).toContain("20 70");
    await containers.remove(id, { force: true });
  });

  test("an exec needs a container that runs, a command that is there, and an id that is known", async () => {
    const { containers, execs } = engine();
    await fails(execs.create("nobody", { Cmd: ["true"] }), "not-found");
    await fails(execs.create(await create(engine(), "exit 0"), { Cmd: ["true"] }), "not-running");
    const id = await start(engine(), endless);
    await fails(execs.create(id, { Cmd: [] }), "invalid");
    const missing = await execs.create(id, { Cmd: ["no-such-program"] });
    await fails(execs.start(missing.Id), "command-not-found");
    expect(await execs.inspect(missing.Id)).toMatchObject({ Running: false, ExitCode: 127 });
    const late = await execs.create(id, { Cmd: ["true"] });
    await containers.remove(id, { force: true });
    await fails(execs.start(late.Id), "not-found");
    for (const work of [execs.start("f00"), execs.inspect("f00"), execs.resize("f00", { columns: 1, rows: 1 })])
      await fails(work, "not-found");
  });
}

export function containerFiles(host: () => Host): void {
  const engine = () => host().engine;

  test("files go in and come out, and are told apart", async () => {
    const id = await create(engine(), "exit 0");
    const { containers } = engine();
    await containers.copyTo(id, "/tmp", streamTar());
    expect(await containers.statPath(id, "/tmp/word")).toMatchObject({ name: "word", size: 5, linkTarget: "" });
    expect(await entriesOf(await containers.copyFrom(id, "/tmp/word"))).toEqual({ word: "hello" });
    await fails(containers.statPath(id, "/tmp/nothing"), "not-found");
    await fails(containers.copyFrom(id, "/tmp/nothing"), "not-found");
    await fails(containers.copyTo(id, "/nowhere", streamTar()), "not-found");
    await fails(containers.copyFrom("nobody", "/"), "not-found");
  });

  test("what it changed in its image is told", async () => {
    const id = await start(engine(), "echo x > /new; rm /etc/passwd");
    await engine().containers.wait(id);
    const changes = await engine().containers.changes(id);
    expect(changes).toEqual(
      expect.arrayContaining([
        { Kind: 1, Path: "/new" },
        { Kind: 2, Path: "/etc/passwd" },
      ]),
    );
  });

  test("an export is its whole tree, a commit an image", async () => {
    const id = await start(engine(), "echo hello > /word");
    await engine().containers.wait(id);
    expect(await entriesOf(await engine().containers.export(id))).toMatchObject({ word: "hello\n" });
    const reference = `${fresh("committed")}:1`;
    const { Id } = await engine().containers.commit(id, { reference, changes: ["LABEL a=b"] });
    expect(await engine().images.inspect(reference)).toMatchObject({ Id, Config: { Labels: { a: "b" } } });
  });
}

function streamTar() {
  const stream = new PassThrough();
  stream.end(tarOf({ name: "word", content: "hello" }));
  return stream;
}
