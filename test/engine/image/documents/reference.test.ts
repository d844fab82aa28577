import { expect, test } from "vitest";
import { familiar, full, parseReference, parseTag, withTag } from "../../../../engine/image/documents/reference.ts";

const digest = `sha256:${"a".repeat(64)}`;

test.each([
  ["python", "docker.io/library/python", "python"],
  ["python:3.9", "docker.io/library/python:3.9", "python:3.9"],
  ["docker.io/python", "docker.io/library/python", "python"],
  ["index.docker.io/library/python", "docker.io/library/python", "python"],
  ["team/app:1", "docker.io/team/app:1", "team/app:1"],
  ["localhost/app", "localhost/app", "localhost/app"],
  ["localhost:5000/app:v1", "localhost:5000/app:v1", "localhost:5000/app:v1"],
  ["Registry/app", "Registry/app", "Registry/app"],
  ["[::1]:5000/a/b", "[::1]:5000/a/b", "[::1]:5000/a/b"],
  [`app@${digest}`, `docker.io/library/app@${digest}`, `app@${digest}`],
  [`app:1@${digest}`, `docker.io/library/app:1@${digest}`, `app:1@${digest}`],
  ["a__b/c--d.e_f", "docker.io/a__b/c--d.e_f", "a__b/c--d.e_f"],
])("%s", (text, whole, short) => {
  const reference = parseReference(text);
  expect(full(reference)).toBe(whole);
  expect(familiar(reference)).toBe(short);
  expect(parseReference(full(reference))).toEqual(reference);
});

test("a name without tag and digest means latest", () => {
  expect(full(withTag(parseReference("python")))).toBe("docker.io/library/python:latest");
  expect(full(withTag(parseReference(`python@${digest}`)))).toBe(`docker.io/library/python@${digest}`);
});

test.each([
  "",
  "Python",
  "a/B",
  ":tag",
  "a:",
  "a:-x",
  `a:${"x".repeat(129)}`,
  "a@sha256:12",
  `a@${digest}@${digest}`,
  "a//b",
  "a/",
  "/a",
  "a..b/c",
  "-a",
  "a b",
  "a\n",
  "a".repeat(64),
  `${"a".repeat(250)}/bcdef`,
  "../etc/passwd",
])("refuses %j", (text) => {
  expect(() => parseReference(text)).toThrowError(expect.objectContaining({ code: "invalid" }));
});

test.each([
  [`app@${digest}`, "refusing to create a tag with a digest reference"],
  ["sha256:1", "refusing to create an ambiguous tag using digest algorithm as name"],
])("%s is no tag", (text, why) => {
  expect(() => parseTag(text)).toThrow(why);
});
