/** Leases: of the living they are left alone, of the dead they are found, whoever has their pid now. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, test } from "vitest";
import { deadLeases, dropLease, takeLease } from "../../../engine/state/leases.ts";
import { isAlive, startOf, thisOwner } from "../../../engine/sys/owner.ts";
import { openTestEngine } from "../../support/engine.ts";

test("a lease is there until it is released, once or twice, or its scope ends", async () => {
  await using opened = openTestEngine();
  const { engine: house } = opened;
  const rows = () => house.db.all("SELECT kind, subject, owner_pid FROM leases ORDER BY id");
  const lease = takeLease(house, "layer", "abc");
  {
    using _ = takeLease(house, "container", "def");
    expect(rows()).toEqual([
      { kind: "layer", subject: "abc", owner_pid: process.pid },
      { kind: "container", subject: "def", owner_pid: process.pid },
    ]);
    expect(deadLeases(house)).toEqual([]);
  }
  lease.release();
  lease.release();
  expect(rows()).toEqual([]);
});

test("those of the dead are found: of a process that is gone, a zombie, one whose pid another has, an earlier boot", async () => {
  await using opened = openTestEngine();
  const { engine: house } = opened;
  const child = spawn("sleep", ["1000"], { stdio: "ignore" });
  await once(child, "spawn");
  const start = startOf(child.pid!);
  const [ticks, boot] = start.split("@");
  const owners = { living: start, another: `${Number(ticks) + 1}@${boot}`, "earlier boot": `${ticks}@00000000`, nobody: "" };
  for (const [subject, owner_start] of Object.entries(owners))
    house.db.insert("leases", { kind: "step", subject, owner_pid: child.pid!, owner_start, created: 1 });
  house.db.insert("leases", { kind: "step", subject: "no pid", owner_pid: 0, owner_start: start, created: 1 });
  const dead = () => deadLeases(house).map(({ subject }) => subject);
  expect(dead()).toEqual(["another", "earlier boot", "nobody", "no pid"]);
  const exited = once(child, "exit");
  child.kill("SIGKILL");
  await exited;
  expect(dead()).toEqual(["living", "another", "earlier boot", "nobody", "no pid"]);
  for (const { id } of deadLeases(house)) dropLease(house, id);
  expect(house.db.all("SELECT * FROM leases")).toEqual([]);
});

test("a process knows itself", () => {
  const { pid, start } = thisOwner();
  expect(isAlive(pid, start)).toBe(true);
  expect(isAlive(pid, `${start}0`)).toBe(false);
  expect(startOf(-1)).toBe("");
});
