/** `exec -it` from the shell, as at a real terminal. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Driver, launcher } from "../support/driver.ts";
import { eventually } from "../support/eventually.ts";
import { busyboxTar } from "../support/rootfs.ts";
import { Program } from "./program.ts";

const program = new Program();

beforeAll(() => program.ok(["import", busyboxTar(), "busybox"]));
afterAll(() => program[Symbol.asyncDispose]());

describe.each(["runc", "crun"])("%s", (runtime) => {
  const name = `host-${runtime}`;
  const exec = (...args: string[]) => new Driver(["exec", "-it", ...args], { env: program.env, columns: 91, rows: 27 });

  /** Exit codes of its execs so far, in the order in which they ended. */
  const ends = async () => {
    const line = ["events", "--since", "10m", "--until", "0s", "--format", "{{.Action}} {{.Actor.Attributes.exitCode}}"];
    const all = await program.ok([...line, "-f", `container=${name}`, "-f", "event=exec_die"]);
    return all.split("\n").filter(Boolean);
  };

  beforeAll(() => program.ok(["run", "-d", "--runtime", runtime, "--name", name, "busybox", "sleep", "1000"]));
  afterAll(() => program.ok(["rm", "-f", name]));

  test("the detach keys leave what runs there, and its terminal with it", async () => {
    await using terminal = exec("-w", "/tmp", name, "sh");
    await terminal.screen.waitFor("/tmp #");
    terminal.type("trap 'touch hup' HUP; echo $$ > pid; until [ -e go ]; do sleep 0.1; done; seq 100000 && echo done > end\r");
    await eventually(async () => expect(await program.ok(["exec", name, "cat", "/tmp/pid"])).toMatch(/^\d+\n$/));
    terminal.type("\x10\x11");
    expect(await terminal.exited).toBe(0);
    expect(await program.ok(["events", "--since", "1m", "--until", "0s", "--format", "{{.Action}}", "-f", `container=${name}`])).toContain(
      "exec_detach",
    );
    await program.ok(["exec", name, "touch", "/tmp/go"]);
    // It writes more than a terminal holds: somebody reads it.
    await eventually(async () => expect(await program.ok(["exec", name, "cat", "/tmp/end"])).toBe("done\n"), 20_000);
    expect((await program.run(["exec", name, "ls", "/tmp/hup"])).status).toBe(1);
    expect(await program.ok(["exec", name, "cat", "/tmp/pid"])).toBe(await program.ok(["exec", name, "pidof", "sh"]));
    await program.ok(["exec", name, "sh", "-c", "kill -KILL $(cat /tmp/pid)"]);
    await eventually(async () => expect((await program.run(["exec", name, "pidof", "sh"])).status).toBe(1));
    await eventually(async () => expect(await ends()).toContain("exec_die 137"));
  });

  test("one in the background says how it ended, and leaves no file; one that cannot start says why", async () => {
    const before = (await ends()).length;
    expect(await program.run(["exec", "-d", name, "sh", "-c", "until [ -e /tmp/end-it ]; do sleep 0.1; done; exit 7"])).toMatchObject({
      status: 0,
      stdout: "",
      stderr: "",
    });
    expect(await ends()).toHaveLength(before);
    await program.ok(["exec", name, "touch", "/tmp/end-it"]);
    await eventually(async () => expect((await ends()).slice(before)).toContain("exec_die 7"));
    const failing = await program.run(["exec", "-d", name, "nosuch"]);
    expect(failing).toMatchObject({ status: 1, stderr: expect.stringContaining('cannot execute "nosuch"') });
    const id = (await program.ok(["inspect", "-f", "{{.Id}}", name])).trim();
    await eventually(() =>
      expect(readdirSync(join(program.root, "containers", id, "bundle")).filter((each) => /^exec-/.test(each))).toEqual([]),
    );
  });

  test("other keys, the size, the status and the runtime's errors come through", async () => {
    await using terminal = exec("--detach-keys", "ctrl-x,y", name, "sh");
    await terminal.screen.waitFor("/ #");
    terminal.type("stty size; cat\r");
    await terminal.screen.waitFor("27 91");
    terminal.type("a\x10\x11b\x18z\r"); // neither the default keys nor the beginning of those asked for
    await terminal.screen.waitFor(/a\^Pb\^Xz\nabz$/); // what cat has read, so that ^C is for it
    terminal.type("\x03");
    await terminal.screen.waitFor(/\n\/ #$/);
    terminal.resize(77, 20);
    terminal.type("until [ \"$(stty size)\" = '20 77' ]; do sleep 0.1; done; echo re-sized\r");
    await terminal.screen.waitFor(/^re-sized/m);
    terminal.type("exit 6\r");
    expect(await terminal.exited).toBe(6);

    const outside = await program.run(["exec", "-w", "/etc/passwd", name, "true"]);
    expect([outside.status, outside.stderr]).toEqual([126, expect.stringMatching(/not a directory/i)]);

    await using failing = exec(name, "nosuch");
    expect(await failing.exited).toBe(127);
    expect((await failing.screen.waitFor(/not found/)).match(/not found/g)).toHaveLength(1);
  });

  test("keys typed before it runs are its own, and its last words arrive", { timeout: 300_000 }, async () => {
    for (const line of [`exec -it ${name} sh`, `run -it --rm --runtime ${runtime} busybox sh`]) {
      for (let time = 0; time < 10; time++) {
        await using terminal = new Driver(line.split(" "), { env: program.env });
        terminal.type("seq 300\recho an''swer; exit 5\r"); // long before there is a shell
        expect(await terminal.exited).toBe(5);
        // A shell asks where the cursor is; on a busy machine the screen answers when the shell has gone on.
        await terminal.screen.waitFor(/299\n300\n(.*\n)*(\^\[\[\d+;\d+R)*answer$/m);
      }
    }
  });

  test("a terminal has its size before the program can look, and its name in TERM", { timeout: 300_000 }, async () => {
    const look = ["sh", "-c", "stty size; echo $TERM"];
    for (const line of [
      ["exec", "-it", name],
      ["exec", "-t", name],
      ["run", "-it", "--rm", "--runtime", runtime, "busybox"],
    ]) {
      for (let time = 0; time < 10; time++) {
        await using terminal = new Driver([...line, ...look], { env: program.env, columns: 91, rows: 27 });
        expect(await terminal.exited).toBe(0);
        await terminal.screen.waitFor(/^27 91\nxterm$/m);
      }
    }
    await using started = new Driver(["run", "-dit", "--name", `${name}-size`, "--runtime", runtime, "busybox", ...look], {
      env: program.env,
      columns: 91,
      rows: 27,
    });
    expect(await started.exited).toBe(0);
    await program.ok(["wait", `${name}-size`]);
    expect(await program.ok(["logs", `${name}-size`])).toMatch(/^27 91\r?\n/);
    await using again = new Driver(["start", "-ai", `${name}-size`], { env: program.env, columns: 66, rows: 22 });
    expect(await again.exited).toBe(0);
    await again.screen.waitFor(/^22 66$/m);
    await program.ok(["rm", `${name}-size`]);
  });

  test("only standard input need be a terminal to type; without -i nothing need be one", async () => {
    const shell = (script: string) =>
      new Driver(["-c", script, "sh", launcher], { env: program.env, columns: 91, rows: 27, program: "/bin/sh" });
    for (const line of [`exec -it ${name}`, `run -it --rm --runtime ${runtime} busybox`]) {
      await using piped = shell(`"$1" ${line} sh -c 'stty size; read x; echo got $x' | tr a-z A-Z`);
      piped.type("word\r");
      await piped.screen.waitFor(/^27 91\n(.*\n)*GOT WORD/m);
    }
    for (const [input, size] of [
      ["", "27 91"],
      ["</dev/null", "27 91"],
      ["<&-", "27 91"],
      ["</dev/null | cat", "24 80"],
    ] as const) {
      await using terminal = shell(`"$1" exec -t ${name} stty size ${input}`);
      expect(await terminal.exited).toBe(0);
      await terminal.screen.waitFor(size);
    }
    await using refused = shell(`</dev/null "$1" exec -it ${name} true`);
    expect(await refused.exited).toBe(1);
    await refused.screen.waitFor("the input device is not a TTY");
  });
});
