/**
 * A container that shares a volume with one that is being started, and leads the places of its mounts elsewhere while the
 * runtime works: onto /proc, which it would then make up, and onto /dev, whose null masks files and whose console is bound
 * over (CVE-2025-31133, CVE-2025-52565, CVE-2025-52881). What starts must have the kernel's files, masked as they should be.
 */
import { afterAll, beforeAll, expect, test } from "vitest";
import { busyboxTar } from "../support/rootfs.ts";
import { Program } from "./program.ts";

/** Starts by each runtime. `BERTH_RACES=100` for a hunt. */
const tries = Number(process.env["BERTH_RACES"] ?? 8);

const program = new Program();
const plain = ["--network", "none"];

beforeAll(async () => {
  await program.ok(["import", busyboxTar(), "busybox"]);
  const bait = `cd /bait
    ln -s /proc/sysrq-trigger null; ln -s /proc/sys/kernel/core_pattern console; mknod ptmx c 5 2; mkdir pts 1
    ln -s /proc/sys/kernel/core_pattern pts/0; echo made up >kcore; mkdir -p sys/kernel self/attr; echo made up >sys/kernel/core_pattern`;
  await program.ok(["run", "--rm", ...plain, "-v", "bait:/bait", "busybox", "sh", "-c", bait]);
  const swap = `while :; do for place in /proc /proc/sys /dev /dev/pts /sys; do
    mkdir /v/sub; rm -rf /v/sub; ln -s $place /v/sub; rm -rf /v/sub
  done; done 2>/dev/null`;
  await program.ok(["run", "-d", ...plain, "-v", "shared:/v", "busybox", "sh", "-c", swap]);
});
afterAll(() => program[Symbol.asyncDispose]());

/** Runs in the one that starts. It only opens what it must not be able to write. */
const look = `
  type() { stat -f -c %t "$1"; }
  [ "$(type /proc) $(type /proc/self) $(type /proc/sys)" = "9fa0 9fa0 9fa0" ] || echo "another /proc"
  [ -e /dev/kcore -o -d /dev/self ] && echo "another /dev"
  [ "$(stat -L -c %t:%T /dev/null)" = 1:3 ] || echo "another /dev/null"
  [ "$(stat -L -c %t /dev/console)" = 88 ] || echo "another console"
  for path in acpi asound interrupts kcore keys latency_stats sched_debug scsi timer_list timer_stats; do
    path=/proc/$path
    [ -e $path ] || continue
    [ -d $path ] && [ -n "$(ls -A $path)" ] && echo "$path shows"
    [ -d $path ] || [ "$(stat -L -c %t:%T $path)" = 1:3 ] || echo "$path shows"
  done
  for path in /proc/sysrq-trigger /proc/sys/kernel/core_pattern /proc/irq/default_smp_affinity; do
    (: >>$path) 2>/dev/null && echo "$path opens to be written"
  done
  echo looked`;

const refused = /cannot be mounted because|another one moved the place of a mount|cannot start the container/;

test.each(["crun", "runc"])("what another container leads elsewhere lands on nothing of the kernel's, with %s", async (runtime) => {
  const mounts = ["-v", "shared:/x", "-v", "bait:/x/sub"];
  const line = ["run", "--rm", "-t", ...plain, "--runtime", runtime, ...mounts, "busybox", "sh", "-c", look];
  for (let count = 0; count < tries; count++) {
    const { status, stdout, stderr } = await program.run(line);
    if (status === 0) expect(stdout).toBe("looked\r\n");
    else expect({ status, stdout, stderr }).toEqual({ status: 125, stdout: "", stderr: expect.stringMatching(refused) });
  }
});
