/** Compiled ahead, a profile is the very program that crun itself would have made of it. */
import { appendFileSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { defaultSeccomp, type Seccomp } from "../../../../engine/container/spec/seccomp.ts";
import { filterOf } from "../../../../engine/container/spec/seccomp-filter.ts";
import { hostFacts } from "../../../../engine/runtime/host-facts.ts";
import { finish, importBusybox, openTestEngine, type TestEngine } from "../../../support/engine.ts";

let made: TestEngine;
beforeAll(async () => {
  made = openTestEngine({ runtime: "crun" });
  await importBusybox(made.engine);
});
afterAll(() => made[Symbol.asyncDispose]());

const refusing = (...rules: Seccomp["syscalls"]): Seccomp => ({ ...allowAll, syscalls: rules });
const facts = { ...hostFacts(), capabilities: [] as string[] };
const { architectures = [] } = defaultSeccomp(facts);
const allowAll: Seccomp = { defaultAction: "SCMP_ACT_ALLOW", architectures, syscalls: [] };

const profiles: Record<string, Seccomp> = {
  "docker's default": defaultSeccomp(facts),
  "docker's default with every capability's calls": defaultSeccomp({
    ...facts,
    capabilities: ["CAP_SYS_ADMIN", "CAP_SYS_TIME", "CAP_BPF"],
  }),
  "every action": refusing(
    { names: ["mkdir"], action: "SCMP_ACT_ERRNO" },
    { names: ["rmdir"], action: "SCMP_ACT_ERRNO", errnoRet: 38 },
    { names: ["swapon"], action: "SCMP_ACT_KILL" },
    { names: ["swapoff"], action: "SCMP_ACT_KILL_THREAD" },
    { names: ["reboot"], action: "SCMP_ACT_KILL_PROCESS" },
    { names: ["acct"], action: "SCMP_ACT_TRAP" },
    { names: ["sync"], action: "SCMP_ACT_LOG" },
    { names: ["syslog"], action: "SCMP_ACT_TRACE", errnoRet: 5 },
    { names: ["getpid"], action: "SCMP_ACT_ALLOW" },
    { names: ["no_such_call", "chroot"], action: "SCMP_ACT_ERRNO" },
  ),
  "every comparison": refusing(
    ...["NE", "LT", "LE", "EQ", "GE", "GT", "MASKED_EQ"].map((op, index) => ({
      names: ["mbind", "move_pages"],
      action: "SCMP_ACT_ERRNO",
      errnoRet: 20 + index,
      args: [{ index: index % 6, value: 0x1_0000_0003 + index, valueTwo: 2, op: `SCMP_CMP_${op}` }],
    })),
  ),
  "several comparisons": refusing({
    names: ["mbind"],
    action: "SCMP_ACT_ERRNO",
    args: [0, 1, 2].map((index) => ({ index, value: index + 7, op: "SCMP_CMP_EQ" })),
  }),
  "alternatives for one argument": refusing({
    names: ["mbind"],
    action: "SCMP_ACT_ERRNO",
    args: [3, 4].map((value) => ({ index: 1, value, op: "SCMP_CMP_EQ" })),
  }),
};

/** What the runtime loads into a container with a profile. */
async function loaded(profile: Seccomp): Promise<Buffer> {
  const { containers, paths } = made.engine;
  const HostConfig = { NetworkMode: "none", SecurityOpt: [`seccomp=${JSON.stringify(profile)}`] };
  const { Id } = await finish(containers.create({ Image: "busybox", Cmd: ["sleep", "1000"], HostConfig }));
  await containers.start(Id);
  const program = readFileSync(join(paths.runtime, Id, "seccomp.bpf"));
  await containers.remove(Id, { force: true });
  return program;
}

test.each(Object.entries(profiles))("%s", async (_, profile) => {
  const filter = Buffer.from(filterOf(made.engine, profile) ?? "", "base64");
  expect(filter.length).toBeGreaterThan(0);
  // With flags it is crun that compiles.
  const own = await loaded({ ...profile, flags: ["SECCOMP_FILTER_FLAG_SPEC_ALLOW"] });
  expect(filter.subarray(-own.length).equals(own)).toBe(true);
  expect(filter.length === own.length).toBe(profile.defaultAction === "SCMP_ACT_ALLOW");
  expect(filter.equals(await loaded(profile))).toBe(true);
});

/** What classic BPF answers to a system call (bpf(4), `struct seccomp_data`). */
function answer(program: Buffer, architecture: number, number: number): number {
  const data = [number, architecture];
  let value = 0;
  for (let at = 0; ; at++) {
    const [code, ifTrue, ifFalse] = [program.readUInt16LE(at * 8), program[at * 8 + 2]!, program[at * 8 + 3]!];
    const constant = program.readUInt32LE(at * 8 + 4);
    if (code === 0x20) value = data[constant / 4] ?? 0;
    else if (code === 0x05) at += constant;
    else if (code === 0x15) at += value === constant ? ifTrue : ifFalse;
    else if (code === 0x25) at += value > constant ? ifTrue : ifFalse;
    else if (code === 0x35) at += value >= constant ? ifTrue : ifFalse;
    else if (code === 0x06) return constant;
    else throw new Error(`operation ${code.toString(16)}`);
  }
}

test("calls newer than the profile do not exist, older ones that it lacks are not permitted", () => {
  const [x64, x86] = [0xc000003e, 0x40000003];
  const [allow, EPERM, ENOSYS, kill] = [0x7fff0000, 0x50001, 0x50026, 0];
  const of = (x32: boolean) => Buffer.from(filterOf(made.engine, defaultSeccomp({ ...facts, architecture: "amd64", x32 }))!, "base64");
  const [plain, wide] = [of(false), of(true)];
  expect([0, 134, 499, 600].map((number) => answer(plain, x64, number))).toEqual([allow, EPERM, ENOSYS, ENOSYS]); // read, uselib
  expect([3, 86, 499].map((number) => answer(plain, x86, number))).toEqual([allow, EPERM, ENOSYS]);
  const x32 = 0x40000000;
  expect([x32, x32 + 999].map((number) => answer(plain, x64, number))).toEqual([kill, kill]);
  expect([0, 134, 499, x32, x32 + 134, x32 + 999].map((number) => answer(wide, x64, number))).toEqual([
    ...[allow, EPERM, ENOSYS],
    ...[allow, EPERM, ENOSYS],
  ]);
});

describe("what the runtime should judge itself", () => {
  const rule = { names: ["mkdir"], action: "SCMP_ACT_ERRNO" };
  const compare = (args: Partial<NonNullable<Seccomp["syscalls"][number]["args"]>[number]>) =>
    refusing({ ...rule, args: [{ index: 0, value: 1, op: "SCMP_CMP_EQ", ...args }] });
  test.each<[string, Seccomp]>([
    ["flags", { ...allowAll, flags: [] }],
    ["a listener", refusing({ names: ["mkdir"], action: "SCMP_ACT_NOTIFY" })],
    ["an unknown action", refusing({ names: ["mkdir"], action: "SCMP_ACT_PONDER" })],
    ["an unknown default action", { ...allowAll, defaultAction: "SCMP_ACT_PONDER" }],
    ["an errno for an action without", refusing({ names: ["mkdir"], action: "SCMP_ACT_ALLOW", errnoRet: 1 })],
    ["an unknown architecture", { ...allowAll, architectures: ["SCMP_ARCH_PDP11"] }],
    ["an unknown comparison", compare({ op: "SCMP_CMP_ROUGHLY" })],
    ["a seventh argument", compare({ index: 6 })],
    ["a number with a fraction", compare({ value: 1.5 })],
    ["a number beyond JavaScript's", compare({ value: 2 ** 63 })],
  ])("%s", (_, profile) => {
    expect(filterOf(made.engine, profile)).toBeUndefined();
  });

  test("and its words are the user's", async () => {
    const start = loaded(refusing({ names: ["mkdir"], action: "SCMP_ACT_PONDER" }));
    await expect(start).rejects.toMatchObject({ code: "runtime-failed", message: expect.stringContaining("SCMP_ACT_PONDER") });
  });
});

describe("kept", () => {
  const profile = refusing({ names: ["mkdir"], action: "SCMP_ACT_ERRNO", errnoRet: 17 });
  let file: string;
  let filter: string | undefined;
  beforeEach(() => {
    const directory = join(made.engine.paths.run, "seccomp");
    rmSync(directory, { recursive: true, force: true });
    filter = filterOf(made.engine, profile);
    file = join(directory, readdirSync(directory)[0]!);
  });

  /** A filter that nobody would compile, so that one can tell where the answer is from. */
  const marked = (text: string) => text.replace(/[^\n]+\n$/, "AAAA\n");

  test("it is not compiled again", () => {
    writeFileSync(file, marked(readFileSync(file, "utf8")));
    expect(filterOf(made.engine, profile)).toBe("AAAA");
  });

  test.each<[string, () => void]>([
    ["half written", () => truncateSync(file, readFileSync(file).length - 3)],
    ["empty", () => truncateSync(file, 0)],
    ["longer than it should be", () => appendFileSync(file, "more\n")],
    ["of another profile", () => writeFileSync(file, marked(readFileSync(file, "utf8").replace('"errnoRet":17', '"errnoRet":18')))],
    ["of another library", () => writeFileSync(file, marked(readFileSync(file, "utf8").replace(/ [\d.]+\n/, " 0\n")))],
    ["of a library that is gone", () => writeFileSync(file, marked(readFileSync(file, "utf8").replace(/\n\S+ /, "\n/nowhere ")))],
    ["not base64", () => writeFileSync(file, readFileSync(file, "utf8").replace(/[^\n]+\n$/, "\0\0\0\0\n"))],
  ])("a file that is %s is made anew", (_, damage) => {
    damage();
    expect(filterOf(made.engine, profile)).toBe(filter);
    expect(readFileSync(file, "utf8").endsWith(`\n${filter}\n`)).toBe(true);
  });
});
