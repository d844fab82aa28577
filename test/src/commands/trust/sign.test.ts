/** `berth key`, `sign` and `verify` as command lines: files, passwords, what is printed, how they end. */
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Engine, Terminal } from "../../../../engine/index.ts";
import type { Io } from "../../../../src/commands/command.ts";
import { execute } from "../../../../src/commands/execute.ts";
import { pushImage, type ServerScene, startServer } from "../../../engine/registry/server/scene.ts";
import { fileOf, textOf } from "../../../engine/trust/scene.ts";
import { finish } from "../../../support/engine.ts";

let cwd: string;
let server: ServerScene;
beforeAll(async () => {
  cwd = mkdtempSync(join(tmpdir(), "berth-trust-"));
  server = await startServer();
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  rmSync(cwd, { recursive: true, force: true });
});

function berth(words: string[], { env = {}, terminal }: { env?: Io["env"]; terminal?: Terminal } = {}) {
  const streams = { stdout: new PassThrough(), stderr: new PassThrough(), ...(terminal && { terminal }) };
  const io: Io = { streams, confirm: async () => false, cwd, env };
  return finish(execute({ engine: {} as Engine, io, signal: new AbortController().signal }, words));
}

/** A terminal where somebody types these lines. @returns what it showed in `shown` */
function typing(...lines: string[]): { terminal: Terminal; shown: () => string } {
  const [input, output] = [new PassThrough(), new PassThrough()];
  let shown = "";
  output.on("data", (data: Buffer) => {
    shown += data.toString();
    const next = /: $/.test(data.toString()) ? lines.shift() : undefined;
    if (next !== undefined) setImmediate(() => input.write(`${next}\r`));
  });
  const terminal = { input, output, setRaw: () => {} } as unknown as Terminal;
  return { terminal, shown: () => shown };
}

test("a key is made, with a password that is typed and not shown; nobody else can read it, and nothing is overwritten", async () => {
  const { terminal, shown } = typing("hidden words", "hidden words");
  const { result } = await berth(["key", "generate", "-o", "typed"], { terminal });
  expect(result).toMatchObject({ PrivateKey: "typed.key", PublicKey: "typed.pub", Kind: "ECDSA P-256" });
  expect(shown()).not.toContain("hidden");
  expect([statSync(join(cwd, "typed.key")).mode & 0o777, statSync(join(cwd, "typed.pub")).mode & 0o777]).toEqual([0o600, 0o644]);
  const printed = await berth(["key", "public", "typed.key"], { terminal: typing("hidden words").terminal });
  expect(printed.result).toBe(readFileSync(join(cwd, "typed.pub"), "utf8").trimEnd());
  await expect(berth(["key", "generate", "-o", "typed"], { env: { COSIGN_PASSWORD: "" } })).rejects.toMatchObject({ code: "conflict" });
  await expect(berth(["key", "generate", "-o", "fresh"], { terminal: typing("one", "two").terminal })).rejects.toThrow(
    "the two passwords are not the same",
  );
  await expect(berth(["key", "generate", "-o", "fresh"])).rejects.toThrow("this is no terminal");
  expect(existsSync(join(cwd, "fresh.key"))).toBe(false);
});

test("an imported key keeps its public half", async () => {
  const env = { BERTH_KEY_PASSWORD: "new", BERTH_OLD_KEY_PASSWORD: "secret" };
  await berth(["key", "import", "-o", "imported", fileOf("cosign2.key")], { env });
  expect(readFileSync(join(cwd, "imported.pub"), "utf8")).toBe(textOf("cosign2.pub"));
});

test("signed by its digest, and verified; 77 when it is not", async () => {
  const { digest } = await pushImage(server, "team/app", "1");
  const ref = `${server.host}/team/app:1`;
  writeFileSync(join(cwd, "leaf.pem"), textOf("leaf.pem"));
  const signed = await berth(["sign", "--key", "leaf.pem", "--format", "simple", "--format", "bundle", "-a", "commit=4f2a", ref]);
  expect(signed.result).toMatchObject({ Reference: `${server.host}/team/app@${digest}` });
  const { status, result } = await berth([
    "verify",
    "--certificate",
    fileOf("leaf.crt"),
    "--key",
    fileOf("cosign2.pub"),
    "-a",
    "commit=4f2a",
    ref,
  ]);
  // The certificate is trusted, but it did not come with the signature: its key alone is not asked for.
  expect([status, result]).toMatchObject([77, { Verified: false }]);
  await expect(berth(["verify", ref])).rejects.toMatchObject({ code: "usage" });
  await expect(berth(["verify", "--key", fileOf("cosign2.pub"), "--at-least", "2", ref])).rejects.toThrow("cannot ask for 2 of 1 signers");
  await expect(berth(["sign", "--key", "leaf.pem", "--format", "bundel", ref])).rejects.toMatchObject({ suggestion: "bundle" });
  await expect(berth(["sign", "--key", "missing.key", ref])).rejects.toThrow('cannot read "missing.key"');
});
