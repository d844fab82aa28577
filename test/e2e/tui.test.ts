/** Journeys of the built binary at a real terminal, over real containers in a state directory of their own. */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { Driver, type DriverOptions, launcher } from "../support/driver.ts";
import { importBusybox, openTestEngine, type TestEngine } from "../support/engine.ts";
import { eventually } from "../support/eventually.ts";

let home: TestEngine;

/** Runs a command line in another process, as a user in a second shell would. */
function berth(...words: string[]): string {
  return execFileSync(launcher, ["--root", home.root, ...words], { encoding: "utf8", cwd: "/" });
}

function open(options: DriverOptions = {}): Driver {
  return new Driver(["--root", home.root], options);
}

/** The state letter of proc(5): T is stopped. */
function processState(pid: number): string {
  return readFileSync(`/proc/${pid}/stat`, "latin1").replace(/^.*\) /s, "")[0] ?? "";
}

const absent = (text: string) => (screen: string) => !screen.includes(text);

beforeAll(async () => {
  home = openTestEngine();
  await importBusybox(home.engine);
});

/** Each journey starts with no container. */
afterEach(() => {
  const ids = berth("ps", "-aq").split("\n").filter(Boolean);
  if (ids.length > 0) berth("rm", "-f", ...ids);
});

afterAll(async () => {
  await home[Symbol.asyncDispose]();
});

describe("the TUI of the built binary", () => {
  test("sees a container of another shell appear, stops, starts, follows and removes it", async () => {
    await using tui = open();
    await tui.screen.waitFor("No containers yet.");
    berth("run", "-d", "--name", "ticker", "busybox:latest", "sh", "-c", "i=0; while true; do i=$((i+1)); echo tick $i; sleep 0.2; done");
    await tui.screen.waitFor(/● {2}ticker.*Up/);
    await tui.press("l", /logs of ticker.*following/);
    await tui.screen.waitFor("tick 5");
    await tui.press("q", /Ima(ges)? 1/);
    berth("kill", "ticker");
    await tui.screen.waitFor("Exited (137)");
    await tui.press("s", "$ berth start ticker ✓");
    await tui.screen.waitFor(/● {2}ticker.*Up/);
    await tui.press("d", 'Remove container "ticker"?');
    expect(tui.screen.text()).toContain("running and will be killed first");
    await tui.press("\r", (text) => !text.includes("Remove container"));
    await tui.press("d", 'type "yes" and ⏎: ___');
    await tui.press("yes", "⏎: yes");
    await tui.press("\r", "$ berth rm -f ticker ✓");
    await tui.screen.waitFor("No containers yet.");
    expect(berth("ps", "-aq")).toBe("");
    tui.type("q");
    expect(await tui.exited).toBe(0);
  });

  test("notices a container that ends by itself", async () => {
    await using tui = open();
    await tui.screen.waitFor("No containers yet.");
    berth("run", "-d", "--name", "brief", "busybox:latest", "sh", "-c", "read x < /wait; exit 3");
    await tui.screen.waitFor(/brief.*Exited \(\d+\)/);
    berth("rm", "brief");
    await tui.screen.waitFor("No containers yet.");
  });

  test("a second attach shows the present screen at once, in the modes of its program, which hears of no answer", async () => {
    const program = "printf '\\033[?1049h\\033[?25lfull screen\\033[c'; stty raw; head -c 1 | od -c; sleep 1000";
    berth("run", "-dit", "--name", "painted", "busybox:latest", "sh", "-c", program);
    await using tui = open();
    await tui.screen.waitFor(/painted.*Up/);
    await tui.press("a", /^full screen/m);
    await tui.press("\x02x", /Ima(ges)? 1/);
    await tui.press("a", /^full screen/m);
    await tui.press("k", /^full screen.*k/m); // the first byte that came
    berth("rm", "-f", "painted");
  });

  test("an open log goes on with its container when that is started again, and says when it is gone", async () => {
    berth("run", "--name", "again", "busybox:latest", "sh", "-c", "echo one life");
    await using tui = open();
    await tui.screen.waitFor(/again/);
    await tui.press("l", /^one life/m);
    berth("start", "-a", "again");
    await tui.screen.waitFor(/^one life\n— again was started again —\none life/m);
    berth("rename", "again", "other");
    await tui.screen.waitFor(/logs of other/);
    berth("rm", "-f", "other");
    await tui.screen.waitFor(/logs of other .* removed/);
  });

  test("attaches, resizes, leaves, opens a shell beside, comes back, detaches; the container keeps running", async () => {
    berth("run", "-dit", "--name", "shell", "busybox:latest", "sh");
    await using tui = open({ columns: 100, rows: 40 });
    await tui.screen.waitFor(/● {2}shell.*Up/);
    await tui.press("a", "1 attach shell");
    await tui.press("stty size\r", "37 100");
    tui.resize(90, 32);
    await tui.screen.waitFor("1 attach shell");
    await tui.press("clear; until stty size | grep '29 90'; do :; done\r", /^29 90/m);
    await tui.press("echo a''live; KEPT=yes\r", /^alive/m);
    await tui.press("\x02d", "w: 1 terminal");
    await tui.press("e", "2 exec shell sh");
    await tui.press("echo in the ''shell\r", /^in the shell/m);
    // A row never loses its last cell, however its characters may be measured.
    for (const text of ["ｶﾞﾊﾟ", "தமிழ்", "กำก็", "👨‍👩‍👧‍👦", "🫩"]) {
      const end = tui.screen.text().match(/┃$/gm)?.length ?? 0;
      await tui.press(`printf '%s\\033[999G┃\\n' '${text}'\r`, (shown) => (shown.match(/┃$/gm)?.length ?? 0) > end);
    }
    // One line: busybox throws away what is typed together with a terminal's answer to its prompt.
    await tui.press("clear; exit\r", absent("2 exec shell sh"));
    for (let time = 0; time < 5; time++) {
      await tui.press("\x02d", "w: 1 terminal");
      await tui.press("e", "2 exec shell sh");
      await tui.press("echo ty''ped ahead\r", /^typed ahead/m);
      await tui.press("exit\r", absent("2 exec shell sh"));
    }
    await tui.press("echo kept: $KEPT\r", "kept: yes");
    await tui.press("\x10\x11", "it keeps running");
    await tui.screen.waitFor(/● {2}shell.*Up/);
    expect(berth("inspect", "--format", "{{.State.Running}}", "shell").trim()).toBe("true");
    berth("rm", "-f", "shell");
  });

  test("a container without a shell: one with tools is offered, and goes when it is left", async () => {
    const file = `${home.root}/Dockerfile`;
    writeFileSync(file, "FROM scratch\nCOPY --from=busybox:latest /bin/busybox /sleep\n");
    berth("build", "-q", "-t", "bare", "-f", file, home.root);
    berth("run", "-d", "--name", "bare", "bare", "/sleep", "1000");
    await using tui = open();
    await tui.screen.waitFor(/● {2}bare.*Up/);
    await tui.press("e", 'There is no shell in "bare". Open one with tools beside it?');
    await tui.press("y", "1 debug bare");
    await tui.press("ls /target/sl*; cat /proc/1/cmdline\r", /^\/target\/sleep\n\/sleep/m);
    await tui.press("exit\r", /Ima(ges)? 2/);
    expect(berth("ps", "-a", "--format", "{{.Names}}").trim()).toBe("bare");
    berth("rm", "-f", "bare");
    berth("rmi", "bare");
  });

  test("what a command printed in a terminal stays until Enter; a session that was worked in goes", async () => {
    await using tui = open();
    await tui.screen.waitFor("No containers yet.");
    await tui.press(":", "⏎ run");
    await tui.press("run -it --rm busybox:latest echo from ''inside\r", "ended with exit status 0: ⏎ closes it");
    expect(tui.screen.text()).toContain("from inside");
    await tui.press("x", "⏎ closes it");
    await tui.press("\r", "No containers yet.");
    await tui.press(":", "⏎ run");
    await tui.press("run -it --rm busybox:latest sh\r", "/ #");
    await tui.press("exit\r", "No containers yet.");
    expect(tui.screen.text()).not.toContain("closes it");
  });

  test("a container removed under an attached terminal leaves its last words", async () => {
    berth("run", "-dit", "--name", "doomed", "busybox:latest", "sh");
    await using tui = open();
    await tui.screen.waitFor(/● {2}doomed.*Up/);
    await tui.press("a", "1 attach doomed");
    await tui.press("echo last ''words\r", /^last words/m);
    berth("rm", "-f", "doomed");
    await tui.screen.waitFor("ended with exit status 137: ⏎ closes it");
    expect(tui.screen.text()).toMatch(/^last words/m);
    await tui.press("q", "No containers yet.");
  });

  test("keys are heard while a log pours", async () => {
    berth("run", "-d", "--name", "fast", "busybox:latest", "sh", "-c", "yes abcdefghijklmnopqrstuvwxyz");
    await using tui = open({ columns: 140 });
    await tui.screen.waitFor(/● {2}fast.*Up/);
    await tui.press("l", /logs of fast.*following/);
    await tui.screen.waitFor(/^abcdefghijklmnopqrstuvwxyz$/m);
    await tui.press("k", /logs of fast.*running/);
    await tui.press("/nowhere\r", '"nowhere" is not in here');
    await tui.press("q", /Ima(ges)? 1/);
    berth("rm", "-f", "fast");
    await tui.screen.waitFor("No containers yet.");
  });

  test("palette, filter, help, and a terminal as it was", async () => {
    berth("create", "--name", "one", "busybox:latest");
    berth("create", "--name", "two", "busybox:latest");
    await using tui = open();
    await tui.screen.waitFor("two");
    await tui.press("/two", (text) => text.includes("1 of 2") && !/○ {2}one/.test(text));
    await tui.press("\x1b", /○ {2}one/);
    await tui.press("?", "stop what runs, start what does not");
    await tui.press("q", /Ima(ges)? 1/);
    await tui.press(":", "⏎ run");
    await tui.press("run --rm busybox:latest echo from ''inside\r", "✓ from inside");
    await tui.press(":rm one two\r", "No containers yet.");
    await tui.screen.waitFor("$ berth rm one two ✓");
    expect(tui.screen.alternate).toBe(true);
    tui.type("q");
    expect(await tui.exited).toBe(0);
    await eventually(() => expect(tui.screen.alternate).toBe(false)); // the emulator reads in its own time
    expect(tui.screen.raw.slice(tui.screen.raw.lastIndexOf("\x1b[?1049l"))).toContain("\x1b[?25h");
    expect(tui.screen.raw).toContain("\x1b[?1000l");
  });

  test.each(["SIGTERM", "SIGHUP"])("gives the terminal back on %s", async (signal) => {
    await using tui = open();
    await tui.screen.waitFor("No containers yet.");
    tui.kill(signal);
    expect(await tui.exited).toBe(signal === "SIGTERM" ? 143 : 129);
    expect(tui.screen.raw).toContain("\x1b[?1049l");
  });

  test("Ctrl-Z gives the terminal back, fg takes it again", async () => {
    berth("create", "--name", "one", "busybox:latest");
    await using tui = open();
    await tui.screen.waitFor(/○ {2}one/);
    tui.type("\x1a");
    await tui.screen.waitFor(() => !tui.screen.alternate);
    await eventually(() => expect(processState(tui.pid)).toBe("T"));
    expect(tui.screen.raw.slice(tui.screen.raw.lastIndexOf("\x1b[?1049h"))).toMatch(/\x1b\[\?1000l.*\x1b\[\?1049l/s);
    const before = tui.screen.raw.length;
    tui.resize(90, 26);
    tui.kill("SIGCONT");
    await tui.screen.waitFor((text) => tui.screen.alternate && /○ {2}one/.test(text));
    await tui.screen.waitFor(/q quit/);
    await eventually(() => expect(tui.screen.raw.slice(before)).toContain("\x1b[?1000h"));
    await tui.press("?", "stop what runs, start what does not");
    await tui.press("q", /Ima(ges)? 1/);
    tui.type("q");
    expect(await tui.exited).toBe(0);
  });

  test("gives the terminal back when something throws, and says what", async () => {
    const bomb = "process.on('SIGUSR2',()=>{throw(Error('boom'))})";
    await using tui = open({ env: { NODE_OPTIONS: `--import=data:text/javascript,${bomb}` } });
    await tui.screen.waitFor("No containers yet.");
    tui.kill("SIGUSR2");
    expect(await tui.exited).not.toBe(0);
    await eventually(() => expect(tui.screen.alternate).toBe(false));
    expect(tui.screen.text()).toContain("boom");
    expect(tui.screen.raw.slice(tui.screen.raw.lastIndexOf("\x1b[?1049l"))).toContain("\x1b[?25h");
    expect(tui.screen.raw).toContain("\x1b[?1000l");
  });

  test("leaves standard error alone", () => {
    const file = `${home.root}/stderr`;
    const { status } = spawnSync("script", ["-qec", `${launcher} --root ${home.root} 2>${file}`, "/dev/null"], {
      input: "q",
      env: { ...process.env, TERM: "xterm" },
    });
    expect(status).toBe(0);
    expect(readFileSync(file, "utf8")).toBe("");
  });
});

describe("files", () => {
  test("a container's are browsed, edited in an editor, copied out and in, and gone with it", async () => {
    const place = mkdtempSync(join(tmpdir(), "berth-files-"));
    onTestFinished(() => rmSync(place, { recursive: true, force: true }));
    const editor = join(place, "editor.sh");
    writeFileSync(editor, '#!/bin/sh\necho edited by hand >> "$1"\n', { mode: 0o755 });
    berth(
      "run",
      "-d",
      "--name",
      "site",
      "busybox:latest",
      "sh",
      "-c",
      "mkdir -p /srv/deep && echo first > /srv/deep/page && exec sleep 1000",
    );
    await using tui = open({ env: { EDITOR: editor }, cwd: place });
    await tui.screen.waitFor(/● {2}site.*Up/);
    await tui.press("F", /container site: Files.*A .*srv\//s);
    await tui.press("/", "search:");
    await tui.press("page\r", /1 of 1.*first/s);
    await tui.press("e", /\/srv\/deep\/page written/);
    await tui.screen.waitFor("edited by hand");
    expect(berth("exec", "site", "cat", "/srv/deep/page")).toBe("first\nedited by hand\n");
    await tui.press("s", ":cp site:/srv/deep/page .");
    await tui.press("\r", "$ berth cp site:/srv/deep/page . ✓");
    expect(readFileSync(join(place, "page"), "utf8")).toBe("first\nedited by hand\n");
    await tui.press("u", ":cp  site:/srv/deep");
    await tui.press("page", ":cp page site:/srv/deep");
    await tui.press("\r", "$ berth cp page site:/srv/deep ✓");
    berth("exec", "site", "rm", "-r", "/srv/deep");
    await tui.screen.waitFor(/▾ srv\/.*\n *empty/);
    berth("rm", "-f", "site");
    await tui.screen.waitFor(/container site: Files.*removed/);
    await tui.press("q", "No containers yet.");
  });

  test("an image's layers are looked into one by one", async () => {
    const dockerfile = "FROM busybox\nRUN mkdir /d && echo one > /d/one\nRUN rm /d/one && echo two > /d/two\n";
    execFileSync(launcher, ["--root", home.root, "build", "-q", "-t", "layered", "-"], { input: dockerfile });
    onTestFinished(() => void berth("rmi", "layered"));
    await using tui = open({ columns: 120 });
    await tui.press("2", "layered");
    await tui.press("/", (text) => text.includes("\n/"));
    await tui.press("layered\r", absent("busybox:latest"));
    await tui.press("F", /all layers.*d\//s);
    await tui.press("[", /layer 3\/3.*C .*▸ d\//s);
    await tui.press("\r", /D .*one\s.*A .*two\s/s);
    await tui.press("]", /all layers.*two/s);
    await tui.press("q", /Ima(ges)? 2/);
  });
});
