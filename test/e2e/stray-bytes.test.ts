/** Bytes that are not UTF-8, in what berth is called with and in Dockerfiles: kept, refused or said to be lost, never lost in silence. */
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { launcher } from "../support/driver.ts";
import { busyboxTar } from "../support/rootfs.ts";
import { type Outcome, outcomeOf, Program } from "./program.ts";

const program = new Program();
const scratch = () => join(program.root, "scratch");
const bytes = (text: string) => Buffer.from(text, "latin1");
const odd = () => Buffer.concat([Buffer.from(scratch()), bytes("/a\xe4b")]);

beforeAll(() => program.ok(["import", busyboxTar(), "busybox"]));
afterAll(() => program[Symbol.asyncDispose]());
beforeEach(() => {
  mkdirSync(odd(), { recursive: true });
  writeFileSync(Buffer.concat([odd(), bytes("/f")]), "content\n");
});

/** A line for the shell: $ODD is such a word, and `berth` the program. */
function line(text: string, quick: string): Promise<Outcome> {
  const script = `ODD=$(printf 'a\\344b'); cd '${scratch()}'; berth() { BERTH_QUICK=${quick} '${launcher}' "$@"; }; ${text}`;
  return outcomeOf(execFile("sh", ["-c", script], { env: { PATH: process.env["PATH"], ...program.env } }));
}

describe.each([
  ["the quick program", "1"],
  ["Node", "0"],
])("words, with %s", (_, quick) => {
  test("for the container's process are said to be lost", async () => {
    const lost = /^WARNING: "(X=)?a\ufffdb" is not UTF-8: each byte that is not is taken for U\+FFFD\n$/;
    const run = "run --rm --network none";
    expect(await line(`berth ${run} -e "X=$ODD" busybox sh -c 'echo $X'`, quick)).toEqual({
      status: 0,
      stdout: "a\ufffdb\n",
      stderr: expect.stringMatching(lost),
    });
    expect((await line(`X=$ODD; export X; berth ${run} -e X busybox true`, quick)).stderr).toMatch(lost);
    expect((await line(`berth ${run} busybox echo "$ODD"`, quick)).stderr).toMatch(lost);
    // U+FFFD itself is a character as others.
    expect((await line(`berth ${run} busybox echo "$(printf 'a\\357\\277\\275b')"`, quick)).stderr).toBe("");
  });

  test("that name something of the host's are refused, and nothing is made in their place", async () => {
    for (const words of [
      `run --rm -v "$PWD/$ODD:/x" busybox true`,
      `run --rm --mount "type=bind,source=$PWD/$ODD,target=/x" busybox true`,
      `run --rm --cidfile "$ODD" busybox true`,
      `build -o "$ODD/out" .`,
      `build "$ODD"`,
    ]) {
      const { status, stderr } = await line(`berth ${words}`, quick);
      expect([status > 0, stderr]).toEqual([true, expect.stringMatching(/^berth: cannot use ".*a\ufffdb.*": its bytes are not UTF-8\n/)]);
    }
    expect(readdirSync(scratch())).toHaveLength(1);
  });

  test("a current directory with such a name is not mistaken for another", async () => {
    expect((await line(`cd "$ODD"; berth run --rm -v .:/x busybox ls /x`, quick)).stderr).toContain('cannot mount "/proc/self/cwd"');
    expect(readdirSync(scratch())).toHaveLength(1);
  });
});

describe("a Dockerfile", () => {
  const build = (...lines: string[]) => {
    writeFileSync(join(scratch(), "Dockerfile"), bytes(["FROM busybox", ...lines, ""].join("\n")));
    return line("berth build -o out .", "0");
  };

  test("copies names and contents with all their bytes", async () => {
    expect((await build("# caf\xe4", "COPY a\xe4b/f /caf\xe4/", "COPY <<EOF /here", "caf\xe4", "EOF")).stderr).not.toContain("ERROR");
    expect(existsSync(Buffer.concat([Buffer.from(scratch()), bytes("/out/caf\xe4/f")]))).toBe(true);
    expect(readFileSync(join(scratch(), "out/here"))).toEqual(bytes("caf\xe4\n"));
  });

  test.each([
    [["ENV A=\xe4"], "2:7"],
    [["RUN echo \\", "  caf\xe4"], "3:6"],
    [["RUN <<EOF", "echo \xe4", "EOF"], "3:1"],
    [["LABEL \xe4=1"], "2:7"],
    [["ONBUILD RUN echo \xe4"], "2:18"],
  ])("says where it cannot keep them: %j", async (lines, place) => {
    const { status, stderr } = await build(...lines);
    expect([status, stderr]).toEqual([1, expect.stringContaining(`Dockerfile:${place}: only names and contents of files`)]);
  });
});
