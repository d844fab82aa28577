/** Files that are meant to fill the memory, or never to end, are refused where they begin to. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { hostReader } from "../../../engine/compose/index.ts";
import { failure, load } from "../../support/compose-files.ts";

const place = ({ location }: { location?: { file: string; line: number } }) => `${location?.file}:${location?.line}`;

test("aliases that multiply", async () => {
  const levels = "bcdefghi".split("").map((name, at) => `  ${name}: &${name} [${Array(9).fill(`*${"abcdefgh"[at]}`).join(", ")}]`);
  const error = await failure({ "compose.yaml": `x-bomb:\n  a: &a [${Array(9).fill("lol").join(", ")}]\n${levels.join("\n")}\n` });
  expect(error).toMatchObject({ code: "compose", message: expect.stringContaining("aliases stand for more than 100000 values") });
  expect(place(error)).toMatch(/^\/project\/compose.yaml:\d+$/);
});

test("merges that multiply", async () => {
  const names = "abcdefghijklmnopqrst".split("");
  const levels = names.slice(1).map((name, at) => `  ${name}: &${name} {<<: [*${names[at]}, *${names[at]}], k: {<<: *${names[at]}}}`);
  const error = await failure({ "compose.yaml": `x-bomb:\n  a: &a {x: 1, y: {z: 1}}\n${levels.join("\n")}\nservices: {}\n` });
  expect(error.message).toMatch(/aliases stand for more than/);
});

test.each([
  ["lists", "[".repeat(20_000)],
  ["mappings", "{a: ".repeat(20_000)],
  ["blocks", Array.from({ length: 500 }, (_, depth) => `${" ".repeat(depth)}a:`).join("\n")],
])("%s without end", async (_, text) => {
  const error = await failure({ "compose.yaml": text });
  expect(error).toMatchObject({ code: "compose" });
  expect(error.location).toBeDefined();
});

test("a large file", async () => {
  const directory = mkdtempSync(join(tmpdir(), "berth-compose-large-"));
  try {
    writeFileSync(join(directory, "compose.yaml"), `services: {a: {image: x}} #${"x".repeat(10_000_000)}`);
    const error = await failure({}, { cwd: directory, reader: hostReader });
    expect(error.message).toBe(`cannot read "${join(directory, "compose.yaml")}": it is larger than 4 MB`);
    writeFileSync(join(directory, "compose.yaml"), "services: {a: {image: x, env_file: big.env}}");
    writeFileSync(join(directory, "big.env"), `A=${"x".repeat(10_000_000)}`);
    expect(await failure({}, { cwd: directory, reader: hostReader })).toMatchObject({ location: { line: 1, column: 26 } });
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test("files that include each other twice", async () => {
  const files = Object.fromEntries(Array.from({ length: 20 }, (_, at) => [`f${at}.yaml`, `include: [f${at + 1}.yaml, f${at + 1}.yaml]`]));
  const error = await failure({ ...files, "f20.yaml": "services: {a: {image: x}}", "compose.yaml": "include: [f0.yaml]" });
  expect(error.message).toMatch(/the project has more than 1000 files/);
});

test("variables that hold each other twice", async () => {
  const lines = Array.from({ length: 40 }, (_, at) => `V${at + 1}=$V${at}$V${at}`);
  const error = await failure({ "compose.yaml": "services: {}", ".env": `V0=xxxxxxxx\n${lines.join("\n")}\n` });
  expect(place(error)).toBe("/project/.env:19");
  const nested = await failure({ "compose.yaml": `services: {a: {image: "${"${A:-".repeat(10_000)}x${"}".repeat(10_000)}"}}` });
  expect(nested.message).toMatch(/^services\.a\.image: invalid interpolation format/);
});

test("ports without end", async () => {
  const ports = [1, 2, 3].map((host) => `"127.0.0.${host}:1-65535:1-65535"`).join(", ");
  expect((await failure({ "compose.yaml": `services:\n  a: {image: x, ports: [${ports}]}` })).message).toMatch(/more than 100000 ports/);
});

test("what is only large is read", async () => {
  const services = Array.from(
    { length: 1500 },
    (_, at) => `  s${at}: {image: x, depends_on: [${at ? `s${at - 1}` : ""}], labels: {n: "${at}"}}`,
  );
  const { model } = await load({ "compose.yaml": `services:\n${services.join("\n")}` });
  expect(Object.keys(model.services)).toHaveLength(1500);
});
