/**
 * `npm run test:vm`: berth on a host as most are, Debian with systemd and cgroup v2, with crun and with runc. A virtual
 * machine without network, its processors emulated (no KVM is needed), boots from a cached image, finds a copy of this
 * checkout on its second disk, runs test/vm/ and some of the shared tests, and goes off. Not part of `npm test`: it
 * takes a quarter of an hour, and minutes more the first time.
 *
 *     npm run test:vm -- [--shell] [NAME of a test file…]
 *
 * --shell gives a shell in it instead.
 */
import { spawn, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { constants, tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { guestImage, makeDisk, takeKernel } from "./image.ts";

const home = new URL("../..", import.meta.url).pathname;
const emulator = "qemu-system-x86_64";

/** Aborted by what would end this process: then the machine is killed, and what was made for it removed. */
const stopped = new AbortController();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => stopped.abort(128 + constants.signals[signal]));

/** Packages of the development tools alone: no test in the machine needs them. */
const leftOut = ["typescript", "@typescript", "@biomejs", ".cache"];

/** The second disk: what is needed to run and to test. */
function packCheckout(work: string): string {
  const staging = join(work, "checkout");
  mkdirSync(staging);
  const skip = new Set([".git", "node_modules"]);
  const copy = (from: string, to: string, omit: ReadonlySet<string>) => {
    mkdirSync(to, { recursive: true });
    for (const name of spawnSync("ls", ["-A", from], { encoding: "utf8" }).stdout.trim().split("\n"))
      if (!omit.has(name)) cpSync(join(from, name), join(to, name), { recursive: true, verbatimSymlinks: true });
  };
  copy(home, staging, skip);
  copy(join(home, "node_modules"), join(staging, "node_modules"), new Set(leftOut));
  const disk = join(work, "checkout.ext4");
  makeDisk(disk, staging, 2 ** 30);
  rmSync(staging, { recursive: true });
  return disk;
}

interface Choice {
  shell: boolean;
  only: string[];
}

/** Both disks are scratch: what the machine writes goes with it. */
function commandLine(work: string, image: string, { shell, only }: Choice): string[] {
  const { kernel, initrd } = takeKernel(image, work);
  const parameters = [
    ...["root=/dev/vda", "rw", "quiet", "console=ttyS0", "systemd.show_status=false", "fsck.mode=skip", "panic=-1"],
    ...(shell ? ["vm.shell=1", "systemd.mask=serial-getty@ttyS0.service"] : []),
    ...(only.length > 0 ? [`vm.only=${only.join(",")}`] : []),
  ];
  const disk = (file: string) => ["-drive", `file=${file},format=raw,if=virtio,snapshot=on,cache=unsafe`];
  return [
    ...["-machine", "q35", "-cpu", "max", "-accel", "tcg,thread=multi", "-smp", "2", "-m", "2G", "-display", "none", "-no-reboot"],
    ...["-kernel", kernel, "-initrd", initrd, "-append", parameters.join(" "), "-nic", "none"],
    ...disk(image),
    ...disk(packCheckout(work)),
    ...["-serial", shell ? "mon:stdio" : `file:${join(work, "console.log")}`, "-device", "virtio-serial-pci"],
    ...["-chardev", shell ? `file,id=results,path=${join(work, "results.log")}` : "stdio,id=results,signal=off"],
    ...["-device", "virtconsole,chardev=results"],
  ];
}

/** Runs the machine to its end, passing on what it says; the tests' status. */
async function boot(work: string, args: string[], shell: boolean): Promise<number> {
  const machine = spawn(emulator, args, {
    stdio: shell ? "inherit" : ["ignore", "pipe", "inherit"],
    env: { ...process.env, TMPDIR: work },
  });
  stopped.signal.addEventListener("abort", () => machine.kill("SIGKILL"));
  const end = new Promise<void>((resolve, reject) => machine.once("error", reject).once("close", () => resolve()));
  let status = shell ? 0 : Number.NaN;
  if (machine.stdout)
    for await (const line of createInterface({ input: machine.stdout })) {
      const said = /^vm: status (\d+)$/.exec(line);
      if (said) status = Number(said[1]);
      else process.stdout.write(`${line}\n`);
    }
  await end;
  if (stopped.signal.aborted) return stopped.signal.reason as number;
  if (!Number.isNaN(status)) return status;
  const log = join(work, "console.log");
  process.stdout.write(existsSync(log) ? readFileSync(log, "utf8").slice(-4000) : "");
  process.stdout.write("vm: the machine ended before the tests did\n");
  return 1;
}

async function main(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { shell: { type: "boolean", default: false } },
  });
  if (process.arch !== "x64") throw new Error(`the machine gets this one's npm packages, and is an x64 one; this is ${process.arch}`);
  const work = mkdtempSync(join(tmpdir(), "berth-vm-"));
  try {
    process.stdout.write("vm: making its disks (minutes the first time)\n");
    return await boot(work, commandLine(work, guestImage(), { ...values, only: positionals }), values.shell);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

process.exitCode = await main(process.argv.slice(2));
