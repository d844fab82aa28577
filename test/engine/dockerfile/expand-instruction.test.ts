/** What each instruction expands, and what it checks only then. */
import { describe, expect, it } from "vitest";
import { displayText, expandInstruction, parseDockerfile, parseTrigger, runProgram } from "../../../engine/dockerfile/index.ts";
import type { AnyInstruction, InstructionOf } from "../../../engine/dockerfile/types.ts";
import { EngineError } from "../../../engine/errors.ts";

const variables = new Map(Object.entries({ v: "value", empty: "", ports: "80 443/udp", dir: "/a b", q: '"' }));

function parse(text: string): AnyInstruction {
  const isFrom = /^\s*from/i.test(text);
  const { stages } = parseDockerfile(isFrom ? text : `FROM scratch\n${text}`, { file: "Dockerfile" });
  return isFrom ? stages[0]!.from : stages[0]!.instructions[0]!;
}

const expandText = (text: string, override?: (name: string) => string | undefined) =>
  expandInstruction(parse(text), variables, { escape: "\\", ...(override ? { override } : {}) });

describe("expandInstruction", () => {
  it.each<[string, object]>([
    ["FROM --platform=linux/$v image:$v", { image: "image:value", platform: "linux/value" }],
    [
      "ENV A=$v B='$v' \"$v\"=x",
      {
        variables: [
          { key: "A", value: "value" },
          { key: "B", value: "$v" },
          { key: "value", value: "x" },
        ],
      },
    ],
    [
      "ENV A=1 B=$A",
      {
        variables: [
          { key: "A", value: "1" },
          { key: "B", value: "" },
        ],
      },
    ],
    ["ENV A $v and \\$v", { variables: [{ key: "A", value: "value and $v", legacy: true }] }],
    ['LABEL a.$v="two $v"', { labels: [{ key: "a.value", value: "two value" }] }],
    [
      "COPY --chown=$v --chmod=0$none --from=x --exclude=$v $v/* ${dir} /$v/",
      { sources: ["value/*", "/a b"], destination: "/value/", chown: "value", exclude: ["$v"], from: "x" },
    ],
    [
      "ADD --checksum=sha256:${none:-24454f830cdb571e2c4ad15481119c43b3cafd48dd869a9b2945d1036d1dc68d} https://e.org/$v /",
      { sources: ["https://e.org/value"], checksum: "sha256:24454f830cdb571e2c4ad15481119c43b3cafd48dd869a9b2945d1036d1dc68d" },
    ],
    ['WORKDIR "$dir"', { path: "/a b" }],
    ["USER $v:$v", { user: "value:value" }],
    ["EXPOSE $ports 8${v:+0}", { ports: ["80", "443/udp", "80"] }],
    ['VOLUME ["$dir", "/x"]', { volumes: ["/a b", "/x"] }],
    ["STOPSIGNAL SIG${none:-TERM}", { signal: "SIGTERM" }],
    [
      "RUN --mount=type=cache,target=/$v,id=$v-id echo $v",
      { command: { form: "shell", script: "echo $v" }, mounts: [{ type: "cache", target: "/value", id: "value-id" }] },
    ],
    ["CMD echo $v", { command: { form: "shell", script: "echo $v" } }],
    ['ENTRYPOINT ["$v"]', { command: { form: "exec", argv: ["$v"] } }],
    ['SHELL ["$v"]', { shell: ["$v"] }],
    ["HEALTHCHECK CMD test $v", { test: ["CMD-SHELL", "test $v"] }],
    ["ONBUILD COPY $v /", { expression: "COPY $v /" }],
    ["MAINTAINER $v", { maintainer: "$v" }],
  ])("%s", (text, expected) => {
    expect(expandText(text).instruction).toMatchObject(expected);
  });

  it("expands heredocs whose delimiter is not quoted, with the backslash whatever the escape directive says", () => {
    const copy = parse("COPY <<A <<'B' /x\n\"$v\" it's \\$v `$v\nA\n$v\nB\n") as InstructionOf<"copy">;
    const { instruction } = expandInstruction(copy, variables, { escape: "`" });
    expect(instruction.inline).toEqual([
      { name: "A", data: '"value" it\'s $v `value\n', expand: true },
      { name: "B", data: "$v\n", expand: false },
    ]);
  });

  it("gives ARG the caller's value, else its default, which sees the names before it", () => {
    const { instruction } = expandText("ARG a=$v b=$a-$c c d=$none", (name) => (name === "a" ? "$given" : undefined));
    expect((instruction as InstructionOf<"arg">).args).toEqual([
      { key: "a", value: "$given" },
      { key: "b", value: "$given-" },
      { key: "c" },
      { key: "d", value: "" },
    ]);
  });

  it("does not look at a default that is not used", () => {
    expect(() => expandText('ARG a="${none:?give a}"')).toThrow("none: give a");
    expect((expandText('ARG a="${none:?give a}"', () => "given").instruction as InstructionOf<"arg">).args).toEqual([
      { key: "a", value: "given" },
    ]);
  });

  it("leaves the parsed instruction as it was and tells which variables it used", () => {
    const copy = parse("COPY $v $none /");
    const before = structuredClone(copy);
    const { matched, unmatched } = expandInstruction(copy, variables, { escape: "\\" });
    expect(copy).toEqual(before);
    expect([[...matched], [...unmatched]]).toEqual([["v"], ["none"]]);
  });

  it.each([
    ["FROM $none", "base name ($none) should not be blank"],
    ["FROM --platform=$none scratch", "empty platform value from expression $none"],
    ["COPY --chmod=0$v a /", "invalid chmod parameter: '0value'. it should be octal string and between 0 and 07777"],
    ["COPY --chmod=17777 a /", "invalid chmod parameter: '17777'. it should be octal string and between 0 and 07777"],
    ['COPY "a b" /', 'failed to process "\\"a": unexpected end of statement while looking for matching double-quote'],
    ["COPY ${v:?x} ${none:?where to} /", "failed to process \"${none:?where\": syntax error: missing '}'"],
    ["ADD --checksum=sha256:12 https://e.org/a /", 'invalid checksum digest length: "sha256:12"'],
    ["ADD --checksum=md5:12 https://e.org/a /", 'unsupported digest algorithm: "md5"'],
    ["ADD --checksum=12 https://e.org/a /", 'invalid checksum digest format: "12"'],
    ["EXPOSE 80/tpc", 'invalid port: "80/tpc": invalid proto: tpc'],
    ["EXPOSE 65536", "invalid containerPort: 65536"],
    ["EXPOSE 90-80", "invalid containerPort: 90-80"],
    ["EXPOSE 1:80-90", "invalid ranges specified for container and host Ports: 80-90 and 1"],
    ["EXPOSE x:80", "invalid hostPort: x"],
    ["EXPOSE 999.1.1.1:80:80", "invalid IP address: 999.1.1.1"],
    ["EXPOSE /tcp", 'invalid port: "/tcp": no port specified'],
    ["STOPSIGNAL SIGTREM", "invalid signal: SIGTREM"],
    ["STOPSIGNAL 0", "invalid signal: 0"],
    ["VOLUME $none", "VOLUME specified can not be an empty string"],
    ["RUN --mount=type=$v,target=/x true", 'unsupported mount type "value"'],
    ["RUN --mount=type=secret,id=$empty true", "invalid secret mount. one of source, target required"],
  ])("rejects %s at its line", (text, message) => {
    const error = rejection(() => expandText(text));
    expect(error).toBeInstanceOf(EngineError);
    expect(error).toMatchObject({
      code: "dockerfile",
      message,
      location: { file: "Dockerfile", line: text.startsWith("FROM") ? 1 : 2, column: 1 },
    });
    expect((error as EngineError).location?.source).toContain(text);
  });
});

function rejection(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
}

describe("runProgram", () => {
  it.each<[string, object]>([
    ["RUN a | b", { form: "shell", script: "a | b" }],
    ['RUN ["a", "b"]', { form: "exec", argv: ["a", "b"] }],
    ["RUN <<EOF\na\nb\nEOF", { form: "shell", script: "a\nb\n" }],
    ["RUN <<-EOF\n\ta\n\t\tb\n\tEOF", { form: "shell", script: "a\nb\n" }],
    ["RUN <<EOF\n#!/usr/bin/env python\nprint()\nEOF", { form: "file", name: "EOF", data: "#!/usr/bin/env python\nprint()\n" }],
    ["RUN <<-EOF\n\t#!/bin/sh\n\techo\nEOF", { form: "file", name: "EOF", data: "#!/bin/sh\necho\n" }],
    ["RUN cat <<EOF > /x\nbody\nEOF", { form: "shell", script: "cat <<EOF > /x\nbody\nEOF" }],
    ["RUN <<A cat 3<<B\na\nA\nb\nB", { form: "shell", script: "<<A cat 3<<B\na\nA\nb\nB" }],
  ])("%j", (text, expected) => {
    expect(runProgram(parse(text) as InstructionOf<"run">)).toEqual(expected);
  });
});

describe("displayText", () => {
  it("shows variables expanded and the keyword in capitals", () => {
    expect(displayText("copy $v '/x' $none", variables, { escape: "\\", raw: false })).toBe("COPY value /x ");
    expect(displayText('run echo "$v" $none', variables, { escape: "\\", raw: true })).toBe('RUN echo "value" $none');
  });

  it("shows what it cannot read as it is", () => {
    expect(displayText("RUN echo it's $v", variables, { escape: "\\", raw: true })).toBe("RUN echo it's $v");
  });
});

describe("parseTrigger", () => {
  it("reads what an image keeps, heredocs too", () => {
    expect(parseTrigger("COPY . /app", { file: "base:1" }).trigger).toMatchObject({ kind: "copy", sources: ["."], destination: "/app" });
    expect(parseTrigger("RUN <<EOF\necho\nEOF", { file: "base:1" }).trigger).toMatchObject({
      kind: "run",
      heredocs: [{ content: "echo\n" }],
    });
  });

  it.each([
    ["", "onbuild trigger should be a single expression"],
    ["RUN a\nRUN b", "onbuild trigger should be a single expression"],
    ["FROM scratch", "FROM isn't allowed as an ONBUILD trigger"],
    ["ONBUILD RUN a", "ONBUILD isn't allowed as an ONBUILD trigger"],
    ["COPPY a b", 'unknown instruction "COPPY"'],
  ])("rejects %j", (text, message) => {
    expect(() => parseTrigger(text, { file: "base:1" })).toThrow(message);
    expect(() => parseTrigger(text, { file: "base:1" })).toThrow(
      expect.objectContaining({ location: expect.objectContaining({ file: "base:1" }) }),
    );
  });
});
