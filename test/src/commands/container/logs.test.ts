/** What `logs` prints, and of which lines. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { openScene, type Scene } from "../scene.ts";

let scene: Scene;

beforeAll(async () => {
  scene = await openScene();
});
afterAll(() => scene[Symbol.asyncDispose]());

/** Runs a container to its end. */
async function ended(name: string, flags: readonly string[], ...command: string[]): Promise<void> {
  await scene.text("run", "-d", "--name", name, ...flags, "busybox", ...command);
  await scene.text("wait", name);
}

test("--since and --until take a line's own stamp, to the nanosecond", async () => {
  await ended("stamped", [], "sh", "-c", "for n in 1 2 3 4 5; do echo $n; sleep 0.01; done");
  const stamps = (await scene.text("logs", "-t", "stamped")).split("\n").map((line) => line.split(" ")[0]!);
  expect(stamps).toHaveLength(5);
  expect(await scene.text("logs", "--since", stamps[3]!, "stamped")).toBe("4\n5");
  expect(await scene.text("logs", "--until", stamps[1]!, "stamped")).toBe("1\n2");
  expect(await scene.text("logs", "--since", neighbour(stamps[3]!, 1n), "stamped")).toBe("5");
  expect(await scene.text("logs", "--until", neighbour(stamps[1]!, -1n), "stamped")).toBe("1");
});

/** The stamp so many nanoseconds later. */
function neighbour(stamp: string, by: bigint): string {
  const [whole = "", fraction = ""] = stamp.slice(0, -1).split(".");
  return `${whole}.${String(BigInt(fraction) + by).padStart(9, "0")}Z`;
}

test("--details shows what --log-opt names: labels, variables, a tag", async () => {
  const options = ["labels=b,a", "labels-regex=^x", "env=WHO", "env-regex=^LANG", "tag={{.Name}}/{{.ImageName}}"].flatMap((option) => [
    "--log-opt",
    option,
  ]);
  const given = [
    "--label",
    "a=1 & 2",
    "--label",
    "b=é",
    "--label",
    "c=no",
    "--label",
    "xy=z",
    "-e",
    "WHO=me",
    "-e",
    "LANGUAGE=de",
    "-e",
    "OTHER=no",
  ];
  await ended("detailed", [...options, ...given], "echo", "line");
  const details = "LANGUAGE=de,WHO=me,a=1+%26+2,b=%C3%A9,tag=detailed%2Fbusybox,xy=z";
  expect(await scene.text("logs", "--details", "detailed")).toBe(`${details} line`);
  expect(await scene.text("logs", "--details", "-t", "detailed")).toMatch(new RegExp(`^\\S+Z ${details.replaceAll("+", "\\+")} line$`));
  await ended("plain", [], "echo", "line");
  expect(await scene.text("logs", "--details", "plain")).toBe(" line");
});
