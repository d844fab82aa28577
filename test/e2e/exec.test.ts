/** `exec -it` from the shell, as at a real terminal. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Driver } from "../support/driver.ts";
import { eventually } from "../support/eventually.ts";
import { busyboxTar } from "../support/rootfs.ts";
import { Program } from "./program.ts";

const program = new Program();

beforeAll(() => program.ok(["import", busyboxTar(), "busybox"]));
afterAll(() => program[Symbol.asyncDispose]());

describe.each(["runc", "crun"])("%s", (runtime) => {
  const name = `host-${runtime}`;
  const exec = (...args: string[]) => new Driver(["exec", "-it", ...args], { env: program.env, columns: 91, rows: 27 });

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

    await using failing = exec(name, "nosuch");
    expect(await failing.exited).toBe(127);
    expect((await failing.screen.waitFor(/not found/)).match(/not found/g)).toHaveLength(1);
  });
});
