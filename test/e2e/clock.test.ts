/** A clock that jumps by a day, back and forth, between commands and while containers run (libfaketime in the commands). */
import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { residue } from "../support/residue.ts";
import { busyboxTar } from "../support/rootfs.ts";
import { Program } from "./program.ts";

const library = "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1";

test.for(["1", "0"])("commands on a clock that jumps (BERTH_QUICK=%s)", { timeout: 180_000 }, async (quick, context) => {
  if (!existsSync(library)) context.skip(`needs the file ${library}`);
  const settings = { BERTH_QUICK: quick };
  await using program = new Program(settings);
  /** Seconds that the clock is ahead; elapsed time is left as it is. */
  const at = async (offset: number, ...args: string[]) => {
    Object.assign(program.env, { LD_PRELOAD: library, FAKETIME: `${offset < 0 ? "" : "+"}${offset}`, DONT_FAKE_MONOTONIC: "1" });
    try {
      return await program.run(args);
    } finally {
      delete program.env["LD_PRELOAD"];
    }
  };
  const ok = async (offset: number, ...args: string[]) => {
    const outcome = await at(offset, ...args);
    expect({ args, offset, ...outcome, stdout: "" }).toEqual({ args, offset, status: 0, stdout: "", stderr: "" });
    return outcome.stdout;
  };
  const day = 86_400;
  const jumps = [day, -day, 0, -day, day];
  await ok(day, "import", busyboxTar(), "busybox");
  for (const [turn, jump] of jumps.entries()) {
    const back = -jump;
    const name = `turn${turn}`;
    await ok(
      jump,
      "run",
      "-d",
      "--name",
      name,
      "--network",
      "none",
      "--restart",
      "on-failure:2",
      "busybox",
      "sh",
      "-c",
      "echo told; sleep 1000",
    );
    expect(await ok(back, "ps", "--format", "{{.Names}} {{.State}}")).toBe(`${name} running\n`);
    expect(await ok(back, "exec", name, "echo", "alive")).toBe("alive\n");
    expect(await ok(back, "logs", name)).toBe("told\n");
    await ok(back, "stop", "-t", "1", name);
    await ok(jump, "start", name);
    await ok(back, "restart", "-t", "0", name);
    await ok(back, "kill", name);
    expect(await ok(jump, "wait", name)).toBe("137\n");
    // Times are those that were told; durations are never negative.
    expect(await ok(back, "ps", "-a", "--format", "{{.Status}}|{{.RunningFor}}")).not.toMatch(/-\d|NaN/);
    expect(await ok(jump, "run", "--rm", "--network", "none", "busybox", "echo", "fine")).toBe("fine\n");
    await ok(back, "rm", "-f", name);
    expect((await ok(2 * day, "events", "--since", "0", "--until", "0s", "-f", `container=${name}`)).trim().split("\n").at(-1)).toContain(
      "destroy",
    );
  }
  // A restart policy and the supervisor of logs, in processes that containers start themselves.
  await ok(
    day,
    "run",
    "-d",
    "--name",
    "again",
    "--restart",
    "always",
    "--network",
    "none",
    "--log-opt",
    "max-size=10k",
    "busybox",
    "sh",
    "-c",
    "seq 3000; sleep 0.3",
  );
  await eventually(async () => expect(Number(await ok(-day, "inspect", "-f", "{{.RestartCount}}", "again"))).toBeGreaterThan(1));
  await ok(0, "rm", "-f", "again");
  await ok(-day, "rmi", "busybox");
  await eventually(() => expect(residue(program.root, { expectEmpty: true })).toEqual([]));
});
