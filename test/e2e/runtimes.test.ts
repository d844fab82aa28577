/** A container keeps the runtime that it was made for, whatever the default of later commands is. */
import { expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { busyboxTar } from "../support/rootfs.ts";
import { Program } from "./program.ts";

test.each([
  ["runc", "crun"],
  ["crun", "runc"],
])("%s, while the default is %s", async (made, other) => {
  await using program = new Program({ BERTH_RUNTIME: other });
  await program.ok(["import", busyboxTar(), "busybox"]);
  const inspect = async (name: string, format: string) => (await program.ok(["inspect", "-f", format, name])).trim();
  const check = ["--health-cmd", "test -e /well", "--health-interval", "100ms", "--health-retries", "1"];
  await program.ok(["--runtime", made, "run", "-d", "--name", "stays", ...check, "busybox", "sleep", "1000"]);
  expect(await inspect("stays", "{{.HostConfig.Runtime}}")).toBe(made);
  expect(await program.ok(["exec", "stays", "echo", "heard"])).toBe("heard\n");
  await eventually(async () => expect(await inspect("stays", "{{.State.Health.Status}}")).toBe("unhealthy"));
  await program.ok(["exec", "stays", "touch", "/well"]);
  await eventually(async () => expect(await inspect("stays", "{{.State.Health.Status}}")).toBe("healthy"));
  await program.ok(["update", "--memory", "64m", "stays"]);
  await program.ok(["restart", "-t", "0", "stays"]);
  expect(await program.ok(["exec", "stays", "echo", "again"])).toBe("again\n");

  await program.ok(["--runtime", made, "run", "-d", "--name", "fails", "--restart", "on-failure:2", "busybox", "false"]);
  await eventually(async () =>
    expect(await inspect("fails", "{{.RestartCount}} {{.State.Status}} {{.State.ExitCode}}")).toBe("2 exited 1"),
  );

  await program.ok(["create", "--name", "default", "busybox", "true"]);
  expect(await inspect("default", "{{.HostConfig.Runtime}}")).toBe(other);
  // What could not be started with one runtime is free to be started with another.
  expect((await program.run(["--runtime", "/no/such/runtime", "run", "-d", "--name", "none", "busybox", "true"])).status).toBe(125);
  await program.ok(["start", "none"]);
  expect(await program.ok(["--runtime", made, "run", "--rm", "busybox", "echo", "by itself"])).toBe("by itself\n");
});
