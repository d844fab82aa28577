/**
 * Hostile words in every place that takes one: no shell, rule set or name file ever runs them, and what berth prints of
 * them cannot steer a terminal.
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { launcher } from "../support/driver.ts";
import { eventually } from "../support/eventually.ts";
import { busyboxTar } from "../support/rootfs.ts";
import { Program } from "./program.ts";

const program = new Program();
const scratch = mkdtempSync(join(tmpdir(), "berth-hostile-"));
/** Made if any shell ever sees a word of these tests. */
const proof = join(scratch, "owned");

beforeAll(() => program.ok(["import", "--change", 'CMD ["sh"]', busyboxTar(), "busybox"]));
afterAll(async () => {
  await program[Symbol.asyncDispose]();
  rmSync(scratch, { recursive: true, force: true });
});

const colours = "\u001b[31mred\u001b]0;title\u0007\u001b[2J";
const commands = `$(touch ${proof})\`touch ${proof}\`'; touch ${proof}; '"; touch ${proof}; "`;
const rules = '"; flush ruleset; add table inet owned; "';
const lines = "first\nsecond third";
const words = { colours, commands, rules, lines, "bidirectional override": "\u202egnp.exe", "eight-bit controls": "\u009b31m" };

/** What a terminal would obey: C0 but tab and line feed, DEL, C1. */
const controls = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/;

const places: [string, (word: string) => string[]][] = [
  ["an unknown command", (word) => [word]],
  ["an unknown flag", (word) => ["run", `--${word}`, "busybox"]],
  ["a container's name", (word) => ["create", "--name", word, "busybox"]],
  ["a container to look up", (word) => ["rm", word]],
  ["an image", (word) => ["run", "--pull", "never", word]],
  ["a tag", (word) => ["tag", "busybox", word]],
  ["a network's name", (word) => ["network", "create", word]],
  ["a network to join", (word) => ["run", "--rm", "--network", word, "busybox", "true"]],
  ["a subnet", (word) => ["network", "create", "--subnet", word, "hostile"]],
  ["a volume's name", (word) => ["volume", "create", word]],
  ["a bind", (word) => ["run", "--rm", "--network", "none", "-v", `${word}:/x`, "busybox", "true"]],
  ["a mount", (word) => ["run", "--rm", "--network", "none", "--mount", `type=bind,source=${word},target=/x`, "busybox", "true"]],
  ["a port", (word) => ["run", "--rm", "-p", word, "busybox", "true"]],
  ["an address", (word) => ["run", "--rm", "--ip", word, "busybox", "true"]],
  ["a hardware address", (word) => ["run", "--rm", "--mac-address", word, "busybox", "true"]],
  ["a name server", (word) => ["run", "--rm", "--network", "none", "--dns", word, "busybox", "true"]],
  ["a user", (word) => ["run", "--rm", "--network", "none", "--user", word, "busybox", "true"]],
  ["a capability", (word) => ["run", "--rm", "--network", "none", "--cap-add", word, "busybox", "true"]],
  ["a device", (word) => ["run", "--rm", "--network", "none", "--device", `/dev/${word}`, "busybox", "true"]],
  ["a sysctl", (word) => ["run", "--rm", "--network", "none", "--sysctl", word, "busybox", "true"]],
  ["a limit", (word) => ["run", "--rm", "--network", "none", "--ulimit", word, "busybox", "true"]],
  ["a profile", (word) => ["run", "--rm", "--network", "none", "--security-opt", `seccomp=${word}`, "busybox", "true"]],
  ["a program", (word) => ["run", "--rm", "--network", "none", "busybox", word]],
  ["a path to copy", (word) => ["cp", `kept:/${word}`, "-"]],
  ["a filter", (word) => ["ps", "--filter", `status=${word}`]],
  ["a template", (word) => ["ps", "--format", `{{.Nope ${word}`]],
];

test("a file of variables is the container's alone: it does not steer the program that reads it", async () => {
  const file = join(scratch, "env");
  writeFileSync(file, `NODE_OPTIONS=--require=${join(scratch, "no-such-module.cjs")}\n`);
  const line = ["run", "--rm", "--network", "none", "--env-file", file, "busybox", "env"];
  expect(await program.ok(line)).toContain("NODE_OPTIONS=--require=");
  const missing = await program.run(["run", "--rm", "--env-file", join(scratch, "nowhere"), "busybox", "true"]);
  expect(missing).toMatchObject({ status: 125, stderr: expect.stringMatching(/^berth: .*no such file/) });
});

describe.each(Object.entries(words))("%s", (_, word) => {
  test.each(places)("in %s is refused without obeying it", async (_place, line) => {
    const { status, stdout, stderr } = await program.run(line(word));
    expect(status).not.toBe(0);
    expect(stdout + stderr).not.toMatch(controls);
    expect(stderr).toMatch(/^(berth|format:\d+:\d+): /);
    expect(existsSync(proof)).toBe(false);
  });
});

describe("words that are the user's own to choose", () => {
  const id = "kept";
  beforeAll(async () => {
    const labels = Object.entries(words).flatMap(([name, word]) => ["--label", `${name.replaceAll(" ", "-")}=${word}`]);
    const env = Object.entries(words).flatMap(([name, word]) => ["--env", `${name.replaceAll(" ", "_")}=${word}`]);
    const text = Object.values(words).join(" ");
    await program.ok([
      "create",
      "--name",
      id,
      "--network",
      "none",
      ...labels,
      ...env,
      "busybox",
      "sh",
      "-c",
      'printf %s "$commands"',
      text,
    ]);
  });

  test("reach the container as they are, and no shell on the way", async () => {
    expect(await program.ok(["start", "-a", id])).toBe(commands);
    expect(existsSync(proof)).toBe(false);
    const [{ Config }] = JSON.parse(await program.ok(["inspect", id])) as [{ Config: { Labels: Record<string, string>; Env: string[] } }];
    for (const [name, word] of Object.entries(words)) {
      expect(Config.Labels[name.replaceAll(" ", "-")]).toBe(word);
      expect(Config.Env).toContain(`${name.replaceAll(" ", "_")}=${word}`);
    }
  });

  test.each([
    ["ps", ["ps", "-a", "--no-trunc"]],
    ["ps by template", ["ps", "-a", "--no-trunc", "--format", "{{.Labels}} {{.Command}}"]],
    ["ps as JSON", ["ps", "-a", "--format", "json"]],
    ["inspect", ["inspect", id]],
    ["events", ["events", "--since", "1h", "--until", "0s"]],
    ["events as JSON", ["events", "--since", "1h", "--until", "0s", "--format", "json"]],
  ])("cannot steer the terminal in %s", async (_, line) => {
    const out = await program.ok(line);
    expect(out).toMatch(/red/);
    expect(out).not.toMatch(controls);
  });

  test("cannot steer it in a template of inspect either, while a script gets them as they are", async () => {
    const line = ["inspect", "--format", "{{.Config.Labels.colours}}", id];
    expect(await program.ok(line)).toBe(`${colours}\n`);
    const quoted = [launcher, ...line].map((each) => `'${each}'`).join(" ");
    const typed = execFileSync("script", ["-qec", quoted, "/dev/null"], { encoding: "utf8", env: { ...process.env, ...program.env } });
    expect(typed).toContain("\\x1b[31mred");
    expect(typed.replaceAll("\r", "")).not.toMatch(controls);
  });

  test("cannot steer the terminal by the names of files, in diff and in the history of an image", async () => {
    await program.ok(["run", "--name", "files", "--network", "none", "busybox", "sh", "-c", 'touch "/$(printf "\\033[31mfile\\nname")"']);
    expect(await program.ok(["diff", "files"])).toMatch(/^A \/\S+file\S+name\n$/);
    await program.ok(["commit", "-m", colours, "-a", colours, "files", "hostile:1"]);
    for (const line of [["history", "--no-trunc", "hostile:1"], ["image", "inspect", "hostile:1"], ["diff", "files"], ["images"]]) {
      expect(await program.ok(line)).not.toMatch(controls);
    }
  });

  test("cannot steer the terminal by the command lines of processes, in top", async () => {
    await program.ok(["run", "-d", "--name", "processes", "--network", "none", "busybox", "sh", "-c", `sleep 1000; : ${colours}`]);
    await eventually(async () => expect(await program.ok(["top", "processes"])).toMatch(/red/));
    expect(await program.ok(["top", "processes"])).not.toMatch(controls);
    await program.ok(["rm", "-f", "processes"]);
  });
});
