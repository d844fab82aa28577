/** Processes that outlive berth leave the control group that systemd would kill them in; others stay. */
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { lastingEntries } from "../../../engine/process/lasting.ts";
import { spawnProcess } from "../../../engine/process/spawn.ts";

const tree = mkdtempSync(join(tmpdir(), "berth-cgroup-"));
const undo: (() => void)[] = [() => rmSync(tree, { recursive: true, force: true })];
afterEach(() => {
  for (const each of undo.splice(0)) each();
});

test("every layout has its places, and who is at the root stays there", () => {
  const make = (layout: string, ...files: string[]) => {
    for (const file of files) {
      mkdirSync(join(tree, layout, file, ".."), { recursive: true });
      writeFileSync(join(tree, layout, file), "");
    }
    return join(tree, layout);
  };
  const v2 = make("v2", "cgroup.controllers", "cgroup.procs");
  const hybrid = make("hybrid", "unified/cgroup.procs", "systemd/cgroup.procs", "memory/cgroup.procs");
  const v1 = make("v1", "systemd/cgroup.procs", "memory/cgroup.procs");
  const session = "/user.slice/user-0.slice/session-3.scope";
  expect(lastingEntries(`0::${session}\n`, v2)).toEqual([`${v2}/berth/monitors/cgroup.procs`]);
  expect(lastingEntries("0::/\n", v2)).toEqual([]);
  expect(lastingEntries("0::/berth/monitors\n", v2)).toEqual([]);
  const both = `4:memory:/user.slice\n1:name=systemd:${session}\n0::${session}\n`;
  expect(lastingEntries(both, hybrid)).toEqual(["systemd", "unified"].map((name) => `${hybrid}/${name}/berth/monitors/cgroup.procs`));
  expect(lastingEntries(both, v1)).toEqual([`${v1}/systemd/berth/monitors/cgroup.procs`]);
  expect(lastingEntries("4:memory:/user.slice\n0::/\n", hybrid)).toEqual([]);
});

/** This process in a group of its own, as in a session. */
function enterGroup(): void {
  const root = existsSync("/sys/fs/cgroup/cgroup.controllers") ? "/sys/fs/cgroup" : "/sys/fs/cgroup/unified";
  const [, before = ""] = /^0::(.*)$/m.exec(readFileSync("/proc/self/cgroup", "utf8"))!;
  const own = `${root}/berth-test-${process.pid}`;
  mkdirSync(own);
  writeFileSync(`${own}/cgroup.procs`, String(process.pid));
  undo.push(() => {
    writeFileSync(`${root}${before}/cgroup.procs`, String(process.pid));
    rmdirSync(own);
  });
}

const groupOf = (pid: number) => /^0::(.*)$/m.exec(readFileSync(`/proc/${pid}/cgroup`, "utf8"))?.[1];

test("what is detached lives elsewhere, with its arguments and descriptors; what is not stays", async () => {
  enterGroup();
  const script = 'read word <&3; echo "$1 $word" >&4; read end <&3';
  const args = ["-c", script, "sh", "two  words --"];
  for (const detached of [true, false]) {
    const child = spawnProcess("/bin/sh", args, { stdio: ["ignore", "pipe", "pipe", "pipe", "pipe"], detached });
    const [, , , input, output] = child.stdio;
    (input as NodeJS.WritableStream).write("in\n");
    const [answer] = (await once(output as NodeJS.ReadableStream, "data")) as [Buffer];
    expect(answer.toString()).toBe("two  words -- in\n");
    expect(groupOf(child.pid!)).toBe(detached ? "/berth/monitors" : groupOf(process.pid));
    const ended = once(child, "close");
    (input as NodeJS.WritableStream).end();
    await ended;
  }
});
