/** A process that lets its runtime trace it, and stops, does not keep the runtime busy for ever. */
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { arch, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { finish, importBusybox, openTestEngine, type TestEngine } from "../../support/engine.ts";
import { eventually } from "../../support/eventually.ts";
import { plainFace, terminalFace } from "../container/faces.ts";

/** ptrace(PTRACE_TRACEME); kill(getpid(), SIGSTOP); for (;;) pause(); */
const code = Buffer.from(
  ["b865000000", "31ff", "31f6", "31d2", "4531d2", "0f05", "b827000000", "0f05", "89c7", "be13000000", "b83e000000", "0f05"].join("") +
    ["b822000000", "0f05", "ebf7"].join(""),
  "hex",
);

/** A program of one segment, elf(5). */
function program(): Buffer {
  const header = Buffer.alloc(120);
  header.write("\x7fELF\x02\x01\x01", "latin1");
  header.writeUInt16LE(2, 16); // ET_EXEC
  header.writeUInt16LE(62, 18); // EM_X86_64
  header.writeUInt32LE(1, 20);
  header.writeBigUInt64LE(0x400078n, 24); // where it begins
  header.writeBigUInt64LE(64n, 32); // the program header
  header.writeUInt16LE(64, 52);
  header.writeUInt16LE(56, 54);
  header.writeUInt16LE(1, 56);
  header.writeUInt32LE(1, 64); // PT_LOAD
  header.writeUInt32LE(5, 68); // to read and execute
  header.writeBigUInt64LE(0x400000n, 80);
  const size = BigInt(header.length + code.length);
  header.writeBigUInt64LE(size, 96);
  header.writeBigUInt64LE(size, 104);
  header.writeBigUInt64LE(0x1000n, 112);
  return Buffer.concat([header, code]);
}

const directory = mkdtempSync(join(tmpdir(), "berth-traced-"));
let made: TestEngine;
beforeAll(async () => {
  writeFileSync(join(directory, "traced"), program());
  chmodSync(join(directory, "traced"), 0o755);
  made = openTestEngine();
  await importBusybox(made.engine);
});
afterAll(async () => {
  rmSync(directory, { recursive: true, force: true });
  await made[Symbol.asyncDispose]();
});

test.skipIf(arch() !== "x64")(
  "the runtime is ended, and what it waited for",
  async () => {
    const { containers } = made.engine;
    const HostConfig = { NetworkMode: "none", Runtime: "crun", Binds: [`${directory}:/x:ro`] };
    const { Id } = await finish(containers.create({ Image: "busybox", Cmd: ["sleep", "1000"], HostConfig }));
    await containers.start(Id);
    expect(await containers.exec(Id, { Cmd: ["/x/traced"] }, plainFace())).toMatchObject({ exitCode: 137 });
    const face = terminalFace();
    expect(await containers.exec(Id, { Cmd: ["/x/traced"], Tty: true }, face)).toMatchObject({ exitCode: 137 });
    // What was killed is gone a moment later.
    await eventually(async () => expect((await containers.top(Id)).Processes).toHaveLength(1));
    await containers.remove(Id, { force: true });
  },
  180_000,
); // four seconds of processor time, on a machine that may be busy

test.skipIf(arch() !== "x64")("a process of a run without a monitor only waits, until it is killed", async () => {
  const { containers } = made.engine;
  const HostConfig = { NetworkMode: "none", AutoRemove: true, Binds: [`${directory}:/x:ro`] };
  const alone = finish(containers.run({ Name: "alone", Image: "busybox", Cmd: ["/x/traced"], HostConfig }, plainFace(), {}));
  const traced = async () => readFileSync(`/proc/${(await containers.inspect("alone")).State.Pid}/status`, "latin1");
  await eventually(async () => expect(await traced()).toMatch(/^State:\tt /m));
  await containers.kill("alone");
  expect(await alone).toMatchObject({ exitCode: 137 });
});
