/** The contract of containers: their life, what is told about them, their streams. */
import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { finish } from "../../support/engine.ts";
import { collect, create, endless, fails, fresh, type Host, logOf, start, statusOf } from "./host.ts";

export function containerLife(host: () => Host): void {
  const engine = () => host().engine;

  test("what is created is there and does not run", async () => {
    const Name = fresh("made");
    const id = await create(engine(), "exit 0", { Name, Labels: { colour: "red" }, Env: ["A=1"] });
    expect(id).toMatch(/^[0-9a-f]{64}$/);
    expect(await engine().containers.inspect(Name)).toMatchObject({
      Id: id,
      Name: `/${Name}`,
      Path: "sh",
      Args: ["-c", "exit 0"],
      State: { Status: "created", Running: false, Pid: 0 },
      Config: { Image: "busybox", Labels: { colour: "red" }, Env: expect.arrayContaining(["A=1"]) },
    });
    expect((await engine().containers.list()).map(({ Id }) => Id)).not.toContain(id);
    const all = await engine().containers.list({ all: true });
    expect(all.find(({ Id }) => Id === id)).toMatchObject({ Names: [`/${Name}`], State: "created", Labels: { colour: "red" } });
  });

  test("a container answers to its name, its id and the beginning of its id", async () => {
    const Name = fresh("called");
    const id = await create(engine(), "exit 0", { Name });
    for (const ref of [Name, id, id.slice(0, 12)]) expect((await engine().containers.inspect(ref)).Id).toBe(id);
  });

  test("a name is given once, an image must be there, and what is not there is said to be missing", async () => {
    const Name = fresh("once");
    await create(engine(), "exit 0", { Name });
    await fails(create(engine(), "exit 0", { Name }), "conflict");
    await fails(finish(engine().containers.create({ Image: "no-such-image:1", Pull: "never" })), "not-found");
    const { containers } = engine();
    await fails(containers.inspect("nobody"), "not-found");
    await fails(containers.start("nobody"), "not-found");
    await fails(containers.stop("nobody"), "not-found");
    await fails(containers.remove("nobody"), "not-found");
    await fails(logOf(containers.logs("nobody")), "not-found");
  });

  test("start and stop, twice each", async () => {
    const id = await create(engine(), endless);
    await engine().containers.start(id);
    expect((await engine().containers.inspect(id)).State).toMatchObject({ Status: "running", Running: true, Pid: expect.any(Number) });
    await engine().containers.start(id);
    expect(await statusOf(engine(), id)).toBe("running");
    await engine().containers.stop(id, { timeout: 30 });
    expect((await engine().containers.inspect(id)).State).toMatchObject({ Status: "exited", Running: false, Pid: 0 });
    await engine().containers.stop(id);
    await engine().containers.restart(id, { timeout: 0 });
    expect(await statusOf(engine(), id)).toBe("running");
    await engine().containers.remove(id, { force: true });
  });

  test("kill ends it at once, with 128 and the signal's number; what does not run is not killed", async () => {
    const id = await start(engine(), endless);
    const ended = engine().containers.wait(id);
    await engine().containers.kill(id);
    expect(await ended).toBe(137);
    expect((await engine().containers.inspect(id)).State.ExitCode).toBe(137);
    await fails(engine().containers.kill(id), "not-running");
    await fails(engine().containers.kill(id, "SIGNOTHING"), "invalid");
  });

  test("wait gives the exit status, at once when it has ended, and can wait for the removal", async () => {
    const id = await start(engine(), "exit 3");
    expect(await engine().containers.wait(id)).toBe(3);
    expect(await engine().containers.wait(id)).toBe(3);
    const removed = engine().containers.wait(id, "removed");
    await engine().containers.remove(id);
    expect(await removed).toBe(3);
    const other = await start(engine(), endless);
    const abort = new AbortController();
    const waiting = engine().containers.wait(other, "not-running", abort.signal);
    abort.abort();
    await fails(waiting, "cancelled");
    await engine().containers.remove(other, { force: true });
  });

  test("wait for the next end, and for the removal, of what does not run yet: registered before it starts", async () => {
    const id = await create(engine(), "exit 7");
    const waiting = Promise.withResolvers<void>();
    const next = engine().containers.wait(id, "next-exit", undefined, waiting.resolve);
    const removed = engine().containers.wait(id, "removed");
    await waiting.promise;
    await engine().containers.start(id);
    expect(await next).toBe(7);
    await engine().containers.remove(id);
    expect(await removed).toBe(7);
  });

  test("pause and unpause", async () => {
    const id = await start(engine(), endless);
    await engine().containers.pause(id);
    expect((await engine().containers.inspect(id)).State).toMatchObject({ Status: "paused", Paused: true, Running: true });
    await fails(engine().containers.pause(id), "conflict");
    await fails(engine().containers.exec(id, { Cmd: ["true"] }, collect()), "conflict");
    await engine().containers.unpause(id);
    expect(await statusOf(engine(), id)).toBe("running");
    await fails(engine().containers.unpause(id), "conflict");
    await engine().containers.remove(id, { force: true });
    await fails(engine().containers.pause(id), "not-found");
  });

  test("rename and remove", async () => {
    const [one, two] = [fresh("one"), fresh("two")];
    const id = await start(engine(), endless, { Name: one });
    await create(engine(), "exit 0", { Name: two });
    await fails(engine().containers.rename(one, two), "conflict");
    const three = fresh("three");
    await engine().containers.rename(one, three);
    expect((await engine().containers.inspect(three)).Id).toBe(id);
    await fails(engine().containers.inspect(one), "not-found");
    await fails(engine().containers.remove(three), "conflict");
    await engine().containers.remove(three, { force: true });
    await fails(engine().containers.inspect(id), "not-found");
  });

  test("filters of a list; one that nobody knows is refused", async () => {
    const mark = fresh("mark");
    const running = await start(engine(), endless, { Labels: { mark } });
    const made = await create(engine(), "exit 0", { Labels: { mark, colour: "blue" } });
    const ids = async (filters: Record<string, string[]>, all = true) =>
      (await engine().containers.list({ all, filters: { label: [`mark=${mark}`], ...filters } })).map(({ Id }) => Id).sort();
    expect(await ids({})).toEqual([running, made].sort());
    expect(await ids({}, false)).toEqual([running]);
    expect(await ids({ label: [`mark=${mark}`, "colour"] })).toEqual([made]);
    expect(await ids({ status: ["created"] }, false)).toEqual([made]);
    expect(await ids({ id: [running.slice(0, 12)] })).toEqual([running]);
    expect(await ids({ status: ["running"], name: ["nothing-like-it"] })).toEqual([]);
    await fails(engine().containers.list({ filters: { smell: ["sweet"] } }), "invalid");
    await fails(engine().containers.list({ filters: { status: ["asleep"] } }), "invalid");
    await engine().containers.remove(running, { force: true });
  });

  test("prune removes what does not run, by label when asked", async () => {
    const mark = fresh("mark");
    const made = await create(engine(), "exit 0", { Labels: { mark } });
    const running = await start(engine(), endless, { Labels: { mark } });
    const { ContainersDeleted } = await engine().containers.prune({ label: [`mark=${mark}`] });
    expect(ContainersDeleted).toEqual([made]);
    expect(await statusOf(engine(), running)).toBe("running");
    await engine().containers.remove(running, { force: true });
  });
}

export function containerStreams(host: () => Host): void {
  const engine = () => host().engine;

  test("a log holds both streams in lines, from its end when asked", async () => {
    const id = await start(engine(), "echo one; echo two >&2; echo three");
    await engine().containers.wait(id);
    const whole = await logOf(engine().containers.logs(id));
    expect(whole.filter((line) => line.startsWith("stdout"))).toEqual(["stdout: one", "stdout: three"]);
    expect(whole.filter((line) => line.startsWith("stderr"))).toEqual(["stderr: two"]);
    expect(await logOf(engine().containers.logs(id, { tail: 1 }))).toEqual(whole.slice(-1));
    expect(await logOf(engine().containers.logs(await create(engine(), "exit 0")))).toEqual([]);
  });

  test("a followed log ends with the container", async () => {
    const id = await start(engine(), "echo one; read line; echo got $line", { OpenStdin: true });
    const following = logOf(engine().containers.logs(id, { follow: true }));
    await engine().containers.attach(id, collect("word\n"));
    expect(await following).toEqual(["stdout: one", "stdout: got word"]);
  });

  test("attach: what is typed goes in, what is written comes out, and the exit status at the end", async () => {
    const id = await start(engine(), "read line; echo got $line; echo bad >&2; exit 4", { OpenStdin: true });
    const streams = collect("word\n");
    expect(await engine().containers.attach(id, streams)).toEqual({ detached: false, exitCode: 4 });
    expect([streams.out(), streams.err()]).toEqual(["got word\n", "bad\n"]);
    await fails(engine().containers.attach(id, collect()), "not-running");
  });

  test("attach ahead of the start misses nothing, whoever starts it", async () => {
    const id = await create(engine(), "echo first; read line; echo got $line; exit 3", { OpenStdin: true });
    const streams = collect("word\n");
    const attached = Promise.withResolvers<void>();
    const ended = engine().containers.attach(id, streams, { ahead: true, onAttached: attached.resolve });
    await attached.promise;
    await engine().containers.start(id);
    expect(await ended).toEqual({ detached: false, exitCode: 3 });
    expect(streams.out()).toBe("first\ngot word\n");
  });

  test("attach is left by its signal, and the container goes on", async () => {
    const id = await start(engine(), endless);
    const abort = new AbortController();
    const attached = Promise.withResolvers<void>();
    const ended = engine().containers.attach(id, collect(), { onAttached: attached.resolve, signal: abort.signal });
    await attached.promise;
    abort.abort();
    expect(await ended).toEqual({ detached: true });
    expect(await statusOf(engine(), id)).toBe("running");
    await engine().containers.remove(id, { force: true });
  });

  test("attach with what was logged before", async () => {
    const id = await start(engine(), "echo first; read line; echo got $line", { OpenStdin: true });
    await expect.poll(async () => logOf(engine().containers.logs(id)), { timeout: 20_000 }).toEqual(["stdout: first"]);
    const streams = collect("word\n");
    await engine().containers.attach(id, streams, { past: true });
    expect(streams.out()).toBe("first\ngot word\n");
  });

  test("a terminal has the size that it is given", async () => {
    const id = await start(engine(), "read line; stty size", { OpenStdin: true, Tty: true });
    const streams = collect(new PassThrough());
    const ended = engine().containers.attach(id, streams);
    await engine().containers.resize(id, { columns: 70, rows: 20 });
    (streams.stdin as PassThrough).write("\r");
    await ended;
    expect(streams.out()).toContain("20 70");
    await fails(engine().containers.resize(id, { columns: 70, rows: 20 }), "not-running");
  });

  test("start with streams loses nothing of the beginning", async () => {
    const id = await create(engine(), "echo first; exit 5");
    const streams = collect();
    expect(await engine().containers.start(id, streams, { stdout: true, stderr: true })).toEqual({ detached: false, exitCode: 5 });
    expect(streams.out()).toBe("first\n");
  });

  test("run: created, started, waited for and removed in one", async () => {
    const streams = collect("word\n");
    const run = engine().containers.run(
      {
        Image: "busybox",
        Cmd: ["sh", "-c", "read line; echo $line; exit 6"],
        HostConfig: { NetworkMode: "none", AutoRemove: true },
        OpenStdin: true,
        AttachStdin: true,
        StdinOnce: true,
      },
      streams,
      { stdin: true, stdout: true, stderr: true },
    );
    const { Id, exitCode } = await finish(run);
    expect([exitCode, streams.out()]).toEqual([6, "word\n"]);
    await fails(engine().containers.inspect(Id), "not-found");
  });

  test("one sample of measurements, of what is named or of all that runs", async () => {
    const id = await start(engine(), endless);
    const samples = await Array.fromAsync(engine().containers.stats([id]));
    expect(samples).toHaveLength(1);
    expect(samples[0]).toMatchObject([{ ID: id, memory: { usage: expect.any(Number) }, pids: { current: expect.any(Number) } }]);
    const all = await Array.fromAsync(engine().containers.stats([]));
    expect(all.flat().map(({ ID }) => ID)).toContain(id);
    await fails(Array.fromAsync(engine().containers.stats(["nobody"])), "not-found");
    await engine().containers.remove(id, { force: true });
  });

  test("a table of its processes, while it runs", async () => {
    const id = await start(engine(), endless);
    const { Titles, Processes } = await engine().containers.top(id);
    expect(Titles).toContain("PID");
    expect(Processes.length).toBeGreaterThan(0);
    await engine().containers.remove(id, { force: true });
    await fails(engine().containers.top(await create(engine(), "exit 0")), "not-running");
  });
}
