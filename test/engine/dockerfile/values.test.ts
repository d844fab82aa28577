/** The small readers of values: modes, durations, sizes, ports, records, suggestions, shell commands. */
import { describe, expect, it } from "vitest";
import { parseSize } from "../../../engine/dockerfile/directive-values.ts";
import { parseMemory } from "../../../engine/dockerfile/instructions/memory.ts";
import { isImageReference, splitReference } from "../../../engine/dockerfile/lint/image-reference.ts";
import { parseCommands } from "../../../engine/dockerfile/lint/shell-commands.ts";
import { applyFileMode, isFileMode } from "../../../engine/dockerfile/mode.ts";
import { parsePorts } from "../../../engine/dockerfile/ports.ts";
import { parseRecord } from "../../../engine/dockerfile/record.ts";
import { suggestInstruction } from "../../../engine/dockerfile/unknown-instruction.ts";
import { parseDuration } from "../../../engine/duration.ts";
import { nearestName } from "../../../engine/suggest.ts";

describe("file modes", () => {
  it.each(["0", "755", "0644", "7777", "u=rw", "u=rwX,go=rX", "+x", "a-w", "g+s", "o=", "+t", "u=g", "u+r-w"])("%s is one", (text) => {
    expect(isFileMode(text)).toBe(true);
  });

  it.each(["", "8", "17777", "rwx", "u=q", "u", "x=r", "u=rw,", "0o755"])("%j is none", (text) => {
    expect(isFileMode(text)).toBe(false);
  });

  it.each([
    ["755", 0o600, false, 0o755],
    ["u=rw,go=r", 0o777, false, 0o644],
    ["+x", 0o644, false, 0o755],
    ["a-w", 0o666, false, 0o444],
    ["go=", 0o777, false, 0o700],
    ["u=rwX,go=rX", 0o600, false, 0o644],
    ["u=rwX,go=rX", 0o700, false, 0o755],
    ["u=rwX,go=rX", 0o600, true, 0o755],
    ["u+s,g+s,+t", 0o755, false, 0o7755],
    ["g=u", 0o700, false, 0o770],
    ["u=rwx,u-x", 0o000, false, 0o600],
    ["o+w-r", 0o644, false, 0o642],
    ["u=rw", 0o4755, false, 0o655],
  ])("%s of %o (directory: %s) is %o", (text, mode, directory, result) => {
    expect(applyFileMode(text, mode, directory).toString(8)).toBe(result.toString(8));
  });
});

it.each([
  ["5m", 300e9],
  ["1h30m5s", 5405e9],
  ["1.5s", 1.5e9],
  ["500ms", 5e8],
  ["10us", 1e4],
  ["10µs", 1e4],
  ["3ns", 3],
  ["0", 0],
  ["-1s", -1e9],
  ["5", undefined],
  ["", undefined],
  ["s", undefined],
  ["1s2", undefined],
  ["1 s", undefined],
])("the duration %j is %d ns", (text, result) => {
  expect(parseDuration(text)).toBe(result);
});

it.each([
  ["64m", 67_108_864],
  ["1.5GB", 1_610_612_736],
  ["512", 512],
  ["1KiB", 1024],
  ["x", undefined],
])("%j of memory is %d bytes", (text, result) => {
  expect(parseMemory(text)).toBe(result);
});

it.each([
  ["120MB", 120e6],
  ["120 mib", 120 * 1024 * 1024],
  ["1.5G", 1.5e9],
  ["10", 10],
  ["", undefined],
  ["-1MB", undefined],
])("the budget %j is %d bytes", (text, result) => {
  expect(parseSize(text)).toBe(result);
});

it("spells out ranges of ports and lowers protocols", () => {
  expect(parsePorts(["80", "53/UDP", "7000-7002/sctp", "127.0.0.1:8080:81", "[::1]:82:82/tcp", "+9"])).toEqual([
    "80/tcp",
    "53/udp",
    "7000/sctp",
    "7001/sctp",
    "7002/sctp",
    "81/tcp",
    "82/tcp",
    "9/tcp",
  ]);
});

it.each([
  ["a,b", ["a", "b"]],
  ["", [""]],
  ["a,", ["a", ""]],
  ['"a,b",c', ["a,b", "c"]],
  ['"a ""b"""', ['a "b"']],
  ['a"b', undefined],
  ['"a', undefined],
  ['"a"b', undefined],
])("the record %j is %j", (text, result) => {
  expect(parseRecord(text)).toEqual(result);
});

it.each([
  ["chwon", "chown"],
  ["form", "from"],
  ["chown", undefined],
  ["xy", undefined],
  ["something", undefined],
])("near %j is %j", (word, result) => {
  expect(nearestName(word, ["chown", "chmod", "from", "link"])).toBe(result);
});

it.each([
  ["COPY.", "/app", "COPY . /app"],
  ["copy./a", "/b", "copy ./a /b"],
  ["RUN:", "make", "RUN make"],
  ['CMD["a"]', "", 'CMD ["a"]'],
  ["ENTRYPOINT[", '"a"]', 'ENTRYPOINT [ "a"]'],
  ["runmake", "", "run make"],
  ["WROKDIR", "/app", "WORKDIR /app"],
  ["Expos", "80", "EXPOSE 80"],
  ["apt-get", "install", undefined],
  ["", "", undefined],
])("%j %j suggests %j", (keyword, rest, result) => {
  expect(suggestInstruction(keyword, rest)).toBe(result);
});

it.each(["debian", "debian:12", "a/b/c", "localhost:5000/x:y", "example.org/a-b__c.d", `x@sha256:${"0".repeat(64)}`, "[::1]:5000/x"])(
  "%s can be an image",
  (text) => {
    expect(isImageReference(text)).toBe(true);
  },
);

it.each(["", "Debian", "a:", "a//b", "a@sha256:1", "a b", "-a", "a/", "0".repeat(64)])("%j can be none", (text) => {
  expect(isImageReference(text)).toBe(false);
});

it("splits references", () => {
  expect(splitReference("registry:5000/a/b:1@sha256:0")).toEqual({ name: "registry:5000/a/b", tag: "1", digest: "sha256:0" });
  expect(splitReference("registry:5000/a")).toEqual({ name: "registry:5000/a" });
});

it.each<[string, [string[], boolean][]]>([
  [
    "a b && c || d; e & f\ng",
    [
      [["a", "b"], false],
      [["c"], false],
      [["d"], false],
      [["e"], false],
      [["f"], false],
      [["g"], false],
    ],
  ],
  [
    "a | b |& c",
    [
      [["a"], true],
      [["b"], true],
      [["c"], false],
    ],
  ],
  ["a 'b && c' \"d | e\" f\\ g", [[["a", "b && c", "d | e", "f g"], false]]],
  ["A=1 B=2 env C=3 a", [[["a"], false]]],
  [
    "if a; then b; fi",
    [
      [["a"], false],
      [["b"], false],
      [["fi"], false],
    ],
  ],
  [
    "(a; b) && { c; }",
    [
      [["a"], false],
      [["b"], false],
      [["c"], false],
    ],
  ],
  ["a $(b | c) `d | e` x", [[["a", "$(b | c)", "`d | e`", "x"], false]]],
  [
    "a # b | c\nd \\\n e",
    [
      [["a"], false],
      [["d", "e"], false],
    ],
  ],
  ["a ${b} {c,d}", [[["a", "${b}", "{c,d}"], false]]],
  ["a 'open", [[["a", "open"], false]]],
  ["a $(open", [[["a", "$(open"], false]]],
  ["", []],
])("the commands of %j", (script, expected) => {
  expect(parseCommands(script).map(({ words, piped }) => [words, piped])).toEqual(expected);
});
