/** Several hosts in one UI: their list, using another, all containers in one list, and a host that is slow or goes away. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { EngineError } from "../../engine/errors.ts";
import type { SystemInfo } from "../../engine/index.ts";
import type { Connection, ConnectionState } from "../../engine/remote/index.ts";
import type { HostEngine, TuiHost } from "../../src/tui-hosts.ts";
import { container, type FakeEngine, fakeEngine } from "../support/fake-engine.ts";
import { everyLook, openLook, shot } from "./shot.ts";
import { absent, cursorOn, fake, hosts, open, press, terminal } from "./tui-scene.ts";

let far: FakeEngine;
let connection: FakeConnection;

/** A connection that a test breaks and mends. */
class FakeConnection implements Connection {
  readonly address = "ssh://me@build";
  state: ConnectionState = { status: "connecting" };
  #listeners = new Set<(state: ConnectionState) => void>();

  watch(listener: (state: ConnectionState) => void): () => void {
    this.#listeners.add(listener);
    if (this.state.status === "connecting") this.become(there);
    return () => this.#listeners.delete(listener);
  }

  become(state: ConnectionState): void {
    this.state = state;
    for (const listener of this.#listeners) listener(state);
  }
}

const there: ConnectionState = { status: "connected", peer: { kind: "docker", version: "1.47", api: 147, ahead: 0 }, latency: 12 };
const gone = (): ConnectionState => ({ status: "lost", since: Date.now(), error: new EngineError("network", "the host does not answer") });

function host(name: string, engine: HostEngine): TuiHost {
  const isOpened = name === "local";
  const flags = isOpened ? ["-H", "local"] : ["-c", name];
  return { name, address: isOpened ? "this machine" : `ssh://me@${name}`, flags, isOpened, open: async () => engine };
}

beforeEach(() => {
  far = fakeEngine();
  connection = new FakeConnection();
  far.containers.push(container("api", { Labels: { tier: "back" } }), container("web"));
  for (const { cannot, engine, containers } of [fake, far]) {
    delete cannot["system.info"];
    engine.system.info = async () => {
      const ContainersRunning = containers.filter(({ State }) => State === "running").length;
      return { ServerVersion: "28.1", ContainersRunning, Containers: containers.length, NCPU: 4, MemTotal: 2 ** 33 } as SystemInfo;
    };
  }
  hosts.push(host("local", fake.engine), host("build", Object.assign(far.engine, { connection })));
});

afterEach(() => hosts.splice(0));

test("the list says what each host is, what runs there, and which is in use", async () => {
  await open(140, 24);
  await press("7", /● {2}build .*docker .* 2\/2 .*connected, 12 ms/);
  expect(terminal.screen.text()).toMatch(/● {2}local +this machine .* 2\/3 .*in use/);
  await terminal.screen.waitFor(/build .*25% of 4/);
});

test("another host is used from a key on: lists, command lines, what it cannot do", async () => {
  far.cannot["containers.pause"] = "that host freezes nothing";
  await open(140, 24);
  await press("7", /build .*connected/);
  await press("j", cursorOn("build"));
  await press("\r", /build .*in use/);
  await press("1", /● {2}api/);
  expect(terminal.screen.lines()[0]).toContain("berth 1.2.3  build");
  expect(terminal.screen.text()).not.toContain("old");
  await press("r", "$ berth -c build restart api ✓");
  expect(far.calls).toEqual(["restart api"]);
  expect(fake.calls).toEqual([]);
  await press("p", "that host freezes nothing");
  await press(":restart web\r", "$ berth restart web ✓");
  expect(far.calls).toEqual(["restart api", "restart web"]);
  await press(":-H local restart web\r", "$ berth -H local restart web ✓");
  expect(fake.calls).toEqual(["restart web"]);
  await press(":-c nowhere ps\r", 'there is no host "nowhere" here');
});

test("the load of this machine stands in the header while this machine is in use", async () => {
  const header = () => terminal.screen.lines()[0]!;
  await open(140, 24);
  await terminal.screen.waitFor(() => /load \d/.test(header()));
  await press("7", /build .*connected/);
  await press("j", cursorOn("build"));
  await press("\r", /build .*in use/);
  await terminal.screen.waitFor(() => header().includes("2 running of 2") && !header().includes("load"));
  await press("k", cursorOn("local"));
  await press("\r", /local .*in use/);
  await terminal.screen.waitFor(() => /2 running of 3 .*load \d/.test(header()));
});

test("not while the UI was opened on another", async () => {
  Object.assign(fake.engine, { connection });
  await open(140, 24);
  await terminal.screen.waitFor("2 running of 3");
  expect(terminal.screen.lines()[0]).not.toContain("load");
});

test("the containers of all hosts stand in one list, and keys are about the host of each", async () => {
  far.log.push("from afar");
  await open(140, 24);
  await press("M", /● {2}api +build/);
  expect(terminal.screen.text()).toMatch(/● {2}db +local/);
  await terminal.screen.waitFor(/6 Projects 0/);
  await press("/api\r", cursorOn("api"));
  await press("l", /logs of api[\s\S]*from afar/);
  await press("q", cursorOn("api"));
  await press("x", /^:-c build exec -it api/m);
  await press("\x1b", / s stop/);
  await press("\x1b", absent("/api"));
  await press("/web\r", /\/web 2 of 5/);
  await press("*", "2 marked");
  await press("r", "restart web ✓");
  await terminal.screen.waitFor(() => far.calls.length + fake.calls.length === 2);
  expect([fake.calls, far.calls]).toEqual([["restart web"], ["restart web"]]);
  far.containers.push(container("newer"));
  far.emit("container", "create");
  await press("\x1b", /newer +build/);
  await press("M", absent("HOST"));
});

test("a host that goes away is said at once, and its lists are read again when it is back", async () => {
  await open(140, 24);
  await press("7", /build .*connected/);
  await press("j\r", /build .*in use/);
  await press("1", /● {2}api/);
  connection.become(gone());
  await terminal.screen.waitFor(/berth 1.2.3 {2}build {2}✗ the host does not answer/);
  await press("7", /✗ {2}build .*gone /);
  far.containers.push(container("new"));
  connection.become(there);
  await terminal.screen.waitFor(/● {2}build .*in use/);
  await press("1", /● {2}new/);
  expect(terminal.screen.lines()[0]).not.toContain("✗");
});

test("a host that never answers freezes nothing, and what comes too late from it is not shown", async () => {
  const late = Promise.withResolvers<void>();
  const list = far.engine.containers.list.bind(far.engine.containers);
  far.engine.containers.list = async (options) => late.promise.then(() => list(options));
  await open(140, 24);
  await press("7", /build .*connected/);
  await press("j\r", /build .*in use/);
  await press("1", "loading …");
  await press("7", cursorOn("build"));
  await press("k", cursorOn("local"));
  await press("\r", /local .*in use/);
  await press("1", /● {2}db/);
  late.resolve();
  await press("jk", cursorOn("web"));
  expect(terminal.screen.text()).not.toContain("api");
});

test.each(everyLook)("the list at %d columns and %d rows, %s", async (columns, rows, look) => {
  const lost = new FakeConnection();
  hosts.push(host("prod", Object.assign(fakeEngine().engine, { connection: lost })));
  lost.become({ ...gone(), since: Date.now() - 3 * 3600_000 } as ConnectionState);
  const idle = host("spare", fakeEngine().engine);
  hosts.push({ ...idle, open: () => new Promise(() => {}) });
  await openLook(look, columns, rows);
  const isWide = columns >= 110;
  await press(
    "7",
    [60, 120].includes(columns)
      ? /local .*2\/3[\s\S]*build .*2\/2 .*connected[\s\S]*prod .*gone/
      : /25% of 4[\s\S]*25% of 4[\s\S]*prod .*gone/,
  );
  await press("j", cursorOn("build"));
  await press("j", isWide ? /What is wrong[\s\S]*the host does not answer/ : cursorOn("prod"));
  await expect(shot("hosts", look, { tabs: false })).toMatchFileSnapshot(`screens/hosts-${look}-${columns}x${rows}.txt`);
});

test("contexts are forgotten after a question; this machine has none", async () => {
  await open(100, 24);
  await press("7", /build/);
  await press("d", '"local" has no context');
  await press("jd", 'Forget the context "build"?');
  await press("n", absent("Forget"));
});
