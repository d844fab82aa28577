/** The form of `run` as a container was made: its line is the container's own, but for the name. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { readRunLine } from "../../../src/commands/container/run-line.ts";
import { lineOf, lineOfField, wordsOf } from "../../../views/forms/form.ts";
import { buildForm, networkForm, pullForm, volumeForm } from "../../../views/forms/objects.ts";
import { runForm, runOfContainer, runOfImage } from "../../../views/forms/run.ts";
import { openScene, type Scene } from "../../src/commands/scene.ts";

let scene: Scene;

beforeAll(async () => {
  scene = await openScene();
});

afterAll(() => scene[Symbol.asyncDispose]());

test.for([
  ["busybox"],
  ["-it", "busybox"],
  ["-it", "--rm", "busybox", "sh"],
  ["-i", "busybox"],
  ["-t", "busybox"],
  ["-p", "8080:80", "-p", "53/udp", "-e", "TEXT=two words", "-e", "-dash=1", "-v", "data:/data:ro", "-v", "/a b:/x", "busybox"],
  ["--restart", "on-failure:3", "--network", "none", "--memory", "64m", "--cap-drop", "ALL", "-l", "a=b", "-u", "1:2", "busybox"],
  ["--entrypoint", "/bin/sh", "busybox", "-c", "echo 'it''s'; exit $HOME"],
])("%j", async (words) => {
  await scene.berth("create", "--name", "it", ...words);
  const values = await runOfContainer(scene.engine, "it");
  const { words: own } = await readRunLine(scene.engine, "it");
  await scene.berth("rm", "-v", "it");
  const line = lineOf(runForm, values);
  const nameless = own.filter((word, at) => word !== "--name" && own[at - 1] !== "--name");
  // "-i -t" is written in one, and a flag may stand elsewhere.
  const sorted = (list: readonly string[]) => list.flatMap((word) => (word === "-it" ? ["-i", "-t"] : [word])).sort();
  expect(sorted(line)).toEqual(sorted(nameless));
  expect(line.slice(line.indexOf("busybox"))).toEqual(nameless.slice(nameless.indexOf("busybox")));
});

test("an image is tried with a terminal", () => {
  expect(lineOf(runForm, runOfImage("busybox")).join(" ")).toBe("run -it --rm busybox");
});

test.each([
  [
    runForm,
    { image: "web", ports: "80:80 '81:81'", env: "A='b c'", command: "sh -c 'ls -l'", mode: "" },
    "run -d -p 80:80 -p 81:81 -e A=b c web sh -c ls -l",
  ],
  [
    buildForm,
    { context: ".", tags: "a b:2", file: "x/Dockerfile", target: "app", args: "V=1", cache: "not used" },
    "build -t a -t b:2 -f x/Dockerfile --target app --build-arg V=1 --no-cache .",
  ],
  [pullForm, { image: "a/b", platform: "linux/arm64", tags: "all of the repository" }, "pull --platform linux/arm64 --all-tags a/b"],
  [
    volumeForm,
    { name: "data", options: "type=tmpfs o=size=1m", labels: "a=b" },
    "volume create -o type=tmpfs -o o=size=1m --label a=b data",
  ],
  [
    networkForm,
    { name: "front", subnet: "10.1.0.0/24", way: "none", other: "--ip-range 10.1.0.0/25" },
    "network create --subnet 10.1.0.0/24 --internal --ip-range 10.1.0.0/25 front",
  ],
] as const)("%#: a form's line", (spec, values, line) => {
  expect(lineOf(spec, values).join(" ")).toBe(line);
});

test("a field that is wrong is so by itself", async () => {
  const place = { cwd: "/", env: {} };
  const check = (name: string, text: string) =>
    runForm.check!(
      lineOfField(runForm, runForm.fields.find((field) => field.name === name)!, { [name]: text, ports: "nonsense", ...{ [name]: text } }),
      place,
    );
  await expect(check("ports", "99999:80")).rejects.toThrow("99999");
  await expect(check("restart", "sometimes")).rejects.toThrow("unknown policy");
  await expect(check("other", "--memory lots")).rejects.toThrow("lots");
  await expect(check("env", "A=b")).resolves.toBeUndefined();
  expect(() => wordsOf(runForm.fields.at(-1)!, "echo 'open")).toThrow(/quote/);
});
