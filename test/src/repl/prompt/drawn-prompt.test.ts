/** The prompt that the launcher draws before the program is there: what it looks like, what is typed at it, what is left behind. */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { Driver, launcher } from "../../../support/driver.ts";

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), "berth-drawn-"));
  onTestFinished(() => rmSync(made, { recursive: true }));
  return made;
}

/** A shell at a terminal, with $BERTH and a root in $WORK. */
function shell(script: string, work: string, env: Record<string, string> = {}): Driver {
  const own = { BERTH: launcher, WORK: work, DOCKER_CONFIG: work, XDG_STATE_HOME: work, XDG_CACHE_HOME: work, ...env };
  return new Driver(["-c", script], { program: "/bin/sh", env: own });
}

test("it stands before Node is there, and what is typed at it comes through: no echo, no signal, no line", async () => {
  const home = folder();
  for (const name of ["bin", "dist", "node_modules/.bin"]) mkdirSync(join(home, name), { recursive: true });
  for (const name of ["bin/berth", "package.json"]) cpSync(join(launcher, "../..", name), join(home, name));
  writeFileSync(join(home, "dist/main.cjs"), "");
  const node = "#!/bin/sh\nhead -c 5 >$WORK/typed\nstty $BERTH_TERMINAL\necho; echo read\n";
  writeFileSync(join(home, "node_modules/.bin/node"), node, { mode: 0o755 });
  await using terminal = shell('"$BERTH" repl', home, { BERTH: join(home, "bin/berth") });
  await terminal.screen.waitFor(/^berth \S+ 'help repl' .* leaves\.\nberth>$/);
  terminal.type("a\x03\x04\rb");
  expect(await terminal.screen.waitFor(/read/)).toMatch(/^berth \S+ .*\nberth> ?\nread$/);
  expect(await terminal.exited).toBe(0);
  expect(readFileSync(join(home, "typed"), "latin1")).toBe("a\x03\x04\rb");
});

test("it is the session's own, and the terminal is for what runs, and in the end, as it was", async () => {
  const work = folder();
  const screenOf = async (env: Record<string, string>) => {
    await using terminal = shell('exec "$BERTH" --root "$WORK/root" repl', work, env);
    terminal.type("typed");
    const screen = await terminal.screen.waitFor(/berth> typed$/);
    terminal.type("\x15\x04");
    expect(await terminal.exited).toBe(0);
    return screen;
  };
  expect(await screenOf({})).toBe(await screenOf({ BERTH_HOST: "local" })); // which the launcher leaves to the program
  const script = 'stty -echok; stty -g >$WORK/before; "$BERTH" --root "$WORK/root" repl; stty -g >$WORK/after; echo over';
  await using terminal = shell(script, work);
  await terminal.screen.waitFor(/^berth \S+ .*\nberth>$/);
  await terminal.press("print x\x03", /berth> print x\^C\nberth>$/);
  await terminal.press(`! sh -c 'stty -g >${work}/during; echo "[$BERTH_TERMINAL]"'\r`, /\n\[\]\nberth>$/);
  await terminal.press("\x04", /over$/);
  const [before, during, after] = ["before", "during", "after"].map((name) => readFileSync(join(work, name), "utf8"));
  expect([during, after]).toEqual([before, before]);
});

test("where no session comes of it, it goes", async () => {
  const work = folder();
  await using terminal = shell('stty -g >$WORK/before; "$BERTH" --root "" repl; stty -g >$WORK/after; echo over', work);
  const screen = await terminal.screen.waitFor(/over$/);
  expect(screen.replace(/^berth \S+ 'help.*\n/, "")).toMatch(/^berth: invalid argument "" for "--root"/);
  expect(readFileSync(join(work, "after"), "utf8")).toBe(readFileSync(join(work, "before"), "utf8"));
});

test.each([
  ["SIGHUP", 129],
  ["SIGTERM", 143],
] as const)("%s before the session is there leaves the terminal as it was", async (signal, status) => {
  const work = folder();
  // The program says at its very beginning what is to be done at its end.
  const raise = `(name) => name === "exit" && queueMicrotask(() => process.kill(process.pid, "${signal}"))`;
  writeFileSync(join(work, "preload.cjs"), `process.on("newListener", ${raise});`);
  const script = 'stty -g >$WORK/before; "$BERTH" --root "$WORK/root" repl; echo "status $?"; stty -g >$WORK/after; echo over';
  await using terminal = shell(`trap : INT; ${script}`, work, { NODE_OPTIONS: `--require=${work}/preload.cjs` });
  expect(await terminal.screen.waitFor(/over$/)).toContain(`status ${status}`);
  expect(readFileSync(join(work, "after"), "utf8")).toBe(readFileSync(join(work, "before"), "utf8"));
});
