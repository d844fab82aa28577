/** SIGINT, SIGTERM and SIGHUP in the middle: berth ends with the signal's status and takes back what it was making. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { launcher } from "../support/driver.ts";
import { eventually } from "../support/eventually.ts";
import { residue } from "../support/residue.ts";
import { busyboxTar } from "../support/rootfs.ts";
import { Program } from "./program.ts";

async function interrupt(program: Program, args: string[], signal: NodeJS.Signals, said: string): Promise<number | null> {
  const child = spawn(launcher, args, { env: { ...process.env, ...program.env }, cwd: "/", stdio: ["ignore", "pipe", "pipe"] });
  let text = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (text += chunk.toString()));
  const ended = once(child, "close");
  await eventually(() => expect(text).toContain(said));
  child.kill(signal);
  const [status] = (await ended) as [number | null];
  return status;
}

test("a build is cancelled by SIGINT, SIGTERM and SIGHUP alike, and nothing of it stays", async () => {
  await using program = new Program();
  await program.ok(["import", busyboxTar(), "busybox"]);
  const work = mkdtempSync(join(tmpdir(), "berth-interruption-"));
  try {
    writeFileSync(join(work, "Dockerfile"), "FROM busybox\nRUN echo at work; sleep 1000\n");
    for (const [signal, status] of [
      ["SIGINT", 130],
      ["SIGTERM", 143],
      ["SIGHUP", 129],
    ] as const) {
      expect(await interrupt(program, ["build", "--progress", "plain", work], signal, "at work\n"), signal).toBe(status);
      await eventually(() => expect(residue(program.root), signal).toEqual([]));
    }
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
});

test("a container in the foreground gets the signal; its status is berth's", async () => {
  await using program = new Program();
  await program.ok(["import", busyboxTar(), "busybox"]);
  const script = 'trap "exit 11" INT; trap "exit 12" TERM; trap "exit 13" HUP; echo ready; while true; do sleep 0.05; done';
  for (const [signal, status] of [
    ["SIGINT", 11],
    ["SIGTERM", 12],
    ["SIGHUP", 13],
  ] as const) {
    expect(await interrupt(program, ["run", "--rm", "busybox", "sh", "-c", script], signal, "ready\n"), signal).toBe(status);
    expect(await interrupt(program, ["run", "--name", signal, "busybox", "sh", "-c", script], signal, "ready\n"), signal).toBe(status);
    await program.ok(["rm", signal]);
  }
  await eventually(() => expect(residue(program.root)).toEqual([]));
});
