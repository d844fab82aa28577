/** The TUI on a fake terminal over the fake engine: every view, key and dialog. What containers really do is tested in test/e2e. */
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { eventually } from "../support/eventually.ts";
import { container } from "../support/fake-engine.ts";
import { absent, cursorOn, fake, open, press, selected, terminal, typeAhead } from "./tui-scene.ts";

describe("lists", () => {
  test("show what there is, with counts, ports and key hints", async () => {
    await open();
    const text = await terminal.screen.waitFor("2 running of 3");
    expect(text).toMatch(/● {2}web +busybox:latest +Up 2 hours .*8080→80/);
    expect(text).toMatch(/■ {2}old/);
    expect(text).toContain("1 Containers 3  2 Images 2  3 Volumes 0");
    expect(text).toMatch(/s stop a attach e shell l logs d remove \/ filter : command \? help q quit/);
  });

  test("the one in front is read before anything else is asked for, which loads much of the engine", async () => {
    const held = Promise.withResolvers<void>();
    const listening = Promise.withResolvers<void>();
    const asked: string[] = [];
    const { engine } = fake;
    const { events, capabilities } = engine;
    const { list } = engine.containers;
    engine.containers.list = async (options) => held.promise.then(() => list(options));
    engine.events = (options) => {
      listening.resolve();
      return events(options);
    };
    engine.capabilities = () => {
      asked.push("capabilities");
      return capabilities();
    };
    for (const room of ["images", "volumes", "networks"] as const) {
      const { list } = engine[room];
      engine[room].list = ((...options: []) => {
        asked.push(room);
        return list(...options);
      }) as never;
    }
    const opened = open();
    await listening.promise;
    expect(asked).toEqual([]);
    held.resolve();
    await opened;
    expect(asked.sort()).toEqual(["capabilities", "images", "networks", "volumes"]);
  });

  test("what the host cannot do is grey, and its key says why", async () => {
    fake.cannot["containers.pause"] = "this host freezes nothing";
    fake.cannot["containers.attach"] = "this host has no sessions";
    await open(140);
    const last = () => terminal.screen.styled(23);
    await terminal.screen.waitFor(() => last().includes("⟦d⟧ a attach"));
    expect(last()).not.toContain("⟦d⟧ l logs");
    await press("p", "this host freezes nothing");
    await press("a", "this host has no sessions");
    expect(fake.calls).toEqual([]);
  });

  test("move by letters, arrows and several keys in one read", async () => {
    await open();
    await press("j", cursorOn("db"));
    await press("\x1b[B", cursorOn("old"));
    await press("kk", cursorOn("web"));
    await press("G", cursorOn("old"));
    await press("g", cursorOn("web"));
    await press("\x1b[6~", cursorOn("old"));
    await press("\x1b[H", cursorOn("web"));
  });

  test("switch by number, Tab and arrows", async () => {
    await open();
    await press("2", "python:3.9");
    await press("\t", "No volumes.");
    await press("\x1b[C", "No networks.");
    await press("\x1b[Z", "No volumes.");
    await press("1", "● ");
  });

  test("scroll ten thousand rows with the cursor in sight", async () => {
    fake.containers.length = 0;
    for (let index = 0; index < 10_000; index++) fake.containers.push(container(`c${String(index).padStart(5, "0")}`));
    await open();
    await press("G", cursorOn("c09999"));
    await press("\x1b[5~", cursorOn("c09980"));
    await press("g", cursorOn("c00000"));
    await press("/c0777\r", /10 of 10000/);
  });

  test("filter as one types; Enter keeps it, Esc clears it", async () => {
    await open();
    const filtered = await press("/db", absent("web"));
    expect(filtered).toContain("/db 1 of 3");
    await press("\r", / s stop/);
    expect(terminal.screen.text()).not.toContain("web");
    await press("\x1b", "web");
    await press("/zzz", 'nothing matches "zzz"');
    await press("\x1b", "web");
    await press("/!db !old", (text) => text.includes("web") && !/■ {2}old|● {2}db/.test(text));
    await press("\x1b", "db");
  });

  test("keep the cursor on its row when others come and go", async () => {
    await open();
    await press("j", cursorOn("db"));
    fake.containers.unshift(container("first"));
    fake.emit("container", "create");
    await terminal.screen.waitFor("of 4");
    expect(selected()).toContain("db");
  });

  test("show what another process did, at once", async () => {
    await open();
    fake.containers[0] = { ...fake.containers[0]!, State: "exited", Status: "Exited (137) 1 second ago" };
    fake.emit("container", "die");
    await terminal.screen.waitFor("Exited (137)");
    await terminal.screen.waitFor("1 running of 3");
  });

  test("count the uptime on without asking the engine", async () => {
    const asked: number[] = [];
    const list = fake.engine.containers.list.bind(fake.engine.containers);
    fake.engine.containers.list = (options) => {
      asked.push(1);
      return list(options);
    };
    fake.containers[0] = { ...fake.containers[0]!, Status: "Up 1 second", StartedAt: new Date(Date.now() - 1000).toISOString() };
    await open();
    await terminal.screen.waitFor((text) => Number(/Up (\d+) second/.exec(text)?.[1]) > 2);
    expect(asked).toHaveLength(1);
  });

  test("measure what runs only while the columns are in sight", async () => {
    await open(100, 24);
    await terminal.screen.waitFor(/web +busybox:latest +Up 2 hours +12% +4\.3M/);
    expect(fake.measuring).toBe(1);
    await press("2", "python:3.9");
    await eventually(() => expect(fake.measuring).toBe(0));
    await press("1", /12% +4\.3M/);
    await press("l", /logs of web/);
    await eventually(() => expect(fake.measuring).toBe(0));
    await press("q", /12% +4\.3M/);
    terminal.resize(50, 24);
    await terminal.screen.waitFor(absent("4.3M"));
    await eventually(() => expect(fake.measuring).toBe(0));
  });

  test("say of what has ended nothing that it used while it ran", async () => {
    await open(100, 24);
    await terminal.screen.waitFor(/web +busybox:latest +Up 2 hours +12% +4\.3M/);
    await press("s", /■ {2}web +busybox:latest +Exited[^%M]*$/m);
  });

  test("measure those in sight only", async () => {
    fake.containers.length = 0;
    for (let index = 10; index < 99; index++) fake.containers.push(container(`c${index}`));
    const asked: number[] = [];
    const stats = fake.engine.containers.stats.bind(fake.engine.containers);
    fake.engine.containers.stats = (refs, options) => {
      asked.push(refs.length);
      return stats(refs, options);
    };
    await open(100, 24);
    await terminal.screen.waitFor(/c10 .*12% +4\.3M/);
    await press("G", /c98 .*12% +4\.3M/);
    expect(asked).toEqual([19, 19]);
    await eventually(() => expect(fake.measuring).toBe(1));
  });

  test("offer the demo where there is nothing", async () => {
    fake.containers.length = 0;
    await open();
    const text = await terminal.screen.waitFor("No containers yet.");
    expect(text).toContain("Press D for a demo");
  });

  test("say what failed to load, with the hint", async () => {
    await open();
    await press("5", "No builds yet.");
    fake.engine.builder.list = () => Promise.reject(new Error("the disk is on fire"));
    fake.emit("builder", "prune");
    await terminal.screen.waitFor("the disk is on fire");
    expect(terminal.screen.text()).toContain("hint:");
  });

  test("neutralise names, show wide characters and emoji", async () => {
    fake.containers.push(container("évil\x1b[2J\x07", { Image: "漢字の画像:最新", Command: "echo 👨‍👩‍👧 ok" }));
    await open(200);
    const text = await terminal.screen.waitFor("évil\\x1b[2J\\x07");
    expect(text).toContain("漢字の画像:最新");
    expect(text).toContain("web");
  });
});

describe("actions", () => {
  test("stop and start, with the command line in sight", async () => {
    await open();
    await press("s", "$ berth stop web ✓");
    await terminal.screen.waitFor("1 running of 3");
    await press("s", "$ berth start web ✓");
    await terminal.screen.waitFor("2 running of 3");
    expect(fake.calls).toEqual(["stop web", "start web"]);
  });

  test("restart, pause and unpause", async () => {
    await open();
    await press("r", "$ berth restart web ✓");
    await press("p", "(Paused)");
    await press("p", "$ berth unpause web ✓");
    expect(fake.calls).toEqual(["restart web", "pause web", "unpause web"]);
  });

  test("remove only after a question that names the container", async () => {
    await open();
    const question = await press("d", 'Remove container "web"?');
    expect(question).toContain("is running and will be killed first");
    await press("n", absent("Remove container"));
    expect(fake.calls).toEqual([]);
    await press("d", 'Remove container "web"?');
    await press("y", 'type "yes" and ⏎: y__');
    await press("es", 'type "yes" and ⏎: yes');
    await press("\r", "$ berth rm -f web ✓");
    await terminal.screen.waitFor("1 running of 2");
  });

  test("a question about many names the first and counts the rest", async () => {
    for (let index = 0; index < 200; index++) fake.containers.push(container(`another-${index}`));
    await open(80, 24);
    await press("*", "203 marked");
    const question = await press("d", "and 197 more?");
    expect(question).toContain('Remove 203 containers "web", "db", "old"');
    expect(question).toContain('type "yes" and ⏎: ___   n no');
    await press("n", absent("and 197 more?"));
    expect(fake.calls).toEqual([]);
  });

  test("apply to all marked rows", async () => {
    await open();
    await press(" ", "1 marked");
    await press(" ", "2 marked");
    await press("s", "$ berth stop web db ✓");
    await terminal.screen.waitFor("0 running of 3");
    expect(terminal.screen.text()).not.toContain("marked");
  });

  test("say why they cannot be done", async () => {
    await open();
    await press("G", cursorOn("old"));
    await press("w", "no terminal is open");
    await press("a", '"old" is not running: start it with s');
  });

  test.each(["a", "e", "x"])("what is typed for a terminal that %s cannot open is no key of the list", async (key) => {
    await open();
    await press("G", cursorOn("old"));
    vi.useFakeTimers({ toFake: ["Date"] }); // who types makes no pause, however busy the machine is
    onTestFinished(() => void vi.useRealTimers());
    await typeAhead(key);
    for (const typed of "tdy") await typeAhead(typed);
    await terminal.screen.waitFor(/nobody got what was typed for the terminal: tdy/);
    expect(terminal.screen.text()).toContain('"old" is not running: start it with s');
    expect(fake.calls).toEqual([]);
    expect(fake.containers).toHaveLength(3);
  });

  test("show an error with its hint", async () => {
    await open();
    fake.containers.splice(0, 1);
    await press("r", 'no such container: "web"');
    expect(terminal.screen.text()).toContain("hint:");
    expect(terminal.screen.text()).toContain("$ berth restart web ✗");
  });
});

describe("detail pane", () => {
  test("stands beside the list on a wide screen, with tables and the log's end", async () => {
    fake.log.push("first line", "\x1b[31msecond\x1b[0m line");
    await open(140, 50);
    const text = await terminal.screen.waitFor("second line");
    expect(text).toMatch(/│ 80\/tcp +0\.0\.0\.0:8080/);
    expect(text).toMatch(/│ COLOUR +blue/);
    expect(text).toContain("running, pid 4242");
    fake.append("third line");
    await terminal.screen.waitFor("third line");
  });

  test("leaves when the screen becomes narrow", async () => {
    await open(140, 30);
    await terminal.screen.waitFor("running, pid 4242");
    terminal.resize(90, 30);
    await terminal.screen.waitFor((text) => text.includes("web") && !text.includes("running, pid 4242"));
  });
});

describe("logs", () => {
  const lines = Array.from({ length: 100 }, (_, index) => `line ${index}`);

  test("follow, pause, and go on", async () => {
    fake.log.push(...lines);
    await open();
    await press("l", /logs of web.*following/);
    await terminal.screen.waitFor("line 99");
    fake.append("a new one");
    await terminal.screen.waitFor("a new one");
    await press("p", "paused, 0 more");
    fake.append("held back");
    await terminal.screen.waitFor("paused, 1 more");
    expect(terminal.screen.text()).not.toContain("held back");
    await press("p", "held back");
    await press("q", "Images 2");
  });

  test("search, scroll, wrap and show times", async () => {
    fake.log.push(...lines, "x".repeat(150));
    await open();
    await press("l", "x".repeat(100));
    await press("/line 42\r", /logs of web.*\/line 42/);
    await terminal.screen.waitFor(/^line 42$/m);
    await press("g", /^line 0$/m);
    await press("t", /2024-05-01T10:00:00\.123Z line 0/);
    await press("t", /^line 0$/m);
    await press("G", "following");
    await press("w", "cut");
    expect(terminal.screen.lines().filter((line) => line.includes("xxx"))).toHaveLength(1);
    await press("\x1b", "Images 2");
  });
});

describe("palette", () => {
  test("runs any command line and shows its output", async () => {
    await open();
    await press(":", "⏎ run");
    await press("ps -a\r", "CONTAINER ID");
    await press("\x1b[C\x1b[C", "NAMES");
    expect(terminal.screen.text()).toMatch(/Exited \(0\).* +old/s);
    await press("\x1b", "Images 2");
    await press("v", "CONTAINER ID");
    await press("q", "Images 2");
  });

  test("completes words from the live state", async () => {
    await open();
    await press(":sto", "stop");
    await press("\t", /^:stop$/m);
    await press("d", (text) => / db /.test(text));
    await press("\t", /^:stop db$/m);
    await press("\r", "$ berth stop db ✓");
    expect(fake.calls).toEqual(["stop db"]);
  });

  test("keeps a history", async () => {
    await open();
    await press(":ps\r", "CONTAINER ID");
    await press("q", "Images 2");
    await press(":\x1b[A", /^:ps$/m);
    await press("\x15", /^:$/m);
    await press("\x1b", absent("⏎ run"));
  });

  test("says what is wrong with a line", async () => {
    await open();
    await press(":stp web\r", "unknown command");
    expect(terminal.screen.text()).toContain('did you mean "stop"?');
    await press(":ps 'open\r", "hint:");
  });

  test("takes pasted text without running it", async () => {
    await open();
    await press(":", "⏎ run");
    await press("\x1b[200~stop web\n\x1b[201~", /^:stop web$/m);
    expect(fake.calls).toEqual([]);
  });

  test("Escape closes it, also when a paste comes right behind", async () => {
    await open();
    await press(":", "⏎ run");
    await press("\x1b\x1b[200~stop web\n\x1b[201~", absent("⏎ run"));
    await press(":", /^:$/m);
    expect(fake.calls).toEqual([]);
  });
});

describe("views of an object", () => {
  test("get the screen however short they are, so that q leads back", async () => {
    fake.engine.images.history = async () => [];
    await open();
    await press("2", "python:3.9");
    await press("H", /berth history .*1\/1/);
    await press("q", "Images 2");
    await press("1", "web");
  });
});
