/** Completion: the candidates from live state, and the bash script that asks for them. */
import { execFileSync } from "node:child_process";
import { afterAll, beforeAll, expect, test } from "vitest";
import { completionScript } from "../../../../src/commands/session/completion-scripts.ts";
import { openScene, type Scene } from "../scene.ts";

let scene: Scene;

beforeAll(async () => {
  scene = await openScene();
  await scene.text("create", "--name", "stopped", "busybox", "true");
  await scene.text("run", "-d", "--name", "running", "busybox", "sleep", "1000");
});
afterAll(() => scene[Symbol.asyncDispose]());

test.each([
  [["st"], ["start", "stats", "stop"]],
  [["image", "rem"], ["remove"]],
  [["help", "sto"], ["stop"]],
  [["stop", ""], ["running"]],
  [["start", ""], ["stopped"]],
  [
    ["rm", ""],
    ["running", "stopped"],
  ],
  [
    ["run", "--net"],
    ["--network", "--network-alias"],
  ],
  [["run", "--network", "h"], ["host"]],
  [["run", "--pull=a"], ["--pull=always"]],
  [["run", "--restart", "un"], ["unless-stopped"]],
  [["ps", "--filter", "health=u"], ["health=unhealthy"]],
  [["--ro"], ["--root"]],
  [["run", "busybox:"], ["busybox:latest"]],
  [
    ["kill", "-s", "U"],
    ["USR1", "USR2"],
  ],
  [
    ["completion", ""],
    ["bash", "fish", "zsh"],
  ],
])("the last word of %j", async (words, candidates) => {
  expect((await scene.berth("complete", "--", ...words)).result).toEqual(candidates);
});

/** What bash would insert for a line, after the words that berth was asked with. */
function completeInBash(line: string, answer: string): string[] {
  const berth = `berth() { printf '%s\n' ${answer}; printf '<%s>\n' "$@" >&3; }`;
  const run = `exec 3>&1; COMP_LINE=$1; COMP_POINT=\${#1}; _berth; printf '%s\n' "\${COMPREPLY[@]}"`;
  const output = execFileSync("bash", ["-c", `${completionScript("bash")}\n${berth}\n${run}`, "bash", line], { encoding: "utf8" });
  return output.trim().split("\n");
}

test("bash asks with whole words, and inserts what follows the last colon or equals sign", () => {
  expect(completionScript("bash")).toContain("complete -F _berth berth");
  const lines: [string, string, string[]][] = [
    ["berth st", "start stop", ["<complete>", "<-->", "<st>", "start", "stop"]],
    ["berth stop ", "one two", ["<complete>", "<-->", "<stop>", "<>", "one", "two"]],
    ["berth run busybox:la", "busybox:latest", ["<complete>", "<-->", "<run>", "<busybox:la>", "latest"]],
    ["berth run --pull=a", "--pull=always", ["<complete>", "<-->", "<run>", "<--pull=a>", "always"]],
  ];
  for (const [line, answer, expected] of lines) expect(completeInBash(line, answer)).toEqual(expected);
});

test("every shell's script asks berth itself; others are unknown", () => {
  for (const shell of ["bash", "zsh", "fish"]) expect(completionScript(shell)).toContain("berth complete -- ");
  expect(() => completionScript("csh")).toThrow('no completion for "csh"');
});
