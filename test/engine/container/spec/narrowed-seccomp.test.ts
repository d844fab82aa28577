import { describe, expect, test } from "vitest";
import { narrowedSeccomp } from "../../../../engine/container/spec/narrowed-seccomp.ts";
import { defaultSeccomp, type SeccompRule } from "../../../../engine/container/spec/seccomp.ts";

const facts = { capabilities: [], architecture: "amd64", kernel: [6, 1] as const, x32: false };
const allow = "SCMP_ACT_ALLOW";

const narrowed = (syscalls: object[], more: object = {}) =>
  narrowedSeccomp(JSON.stringify({ defaultAction: "SCMP_ACT_ERRNO", syscalls, ...more }), facts);
const rulesFor = (name: string, { syscalls }: { syscalls: SeccompRule[] }) =>
  syscalls.filter(({ names, action }) => action === allow && names.includes(name)).map(({ args = [] }) => args);

test("docker's own profile leaves docker's own", () => {
  const base = defaultSeccomp(facts);
  const made = narrowed(base.syscalls);
  const callsOf = ({ syscalls }: { syscalls: SeccompRule[] }) =>
    new Set(syscalls.filter(({ action }) => action === allow).flatMap(({ names }) => names));
  // clone3 is denied by both.
  expect(callsOf(made)).toEqual(callsOf(base));
  for (const name of ["personality", "socket", "clone"]) expect(rulesFor(name, made)).toEqual(rulesFor(name, base));
});

test("conditions of both hold", () => {
  const condition = { index: 1, value: 2, op: "SCMP_CMP_EQ" };
  const made = narrowed([
    { names: ["read", "socket", "mount"], action: allow, args: [condition] },
    { names: ["personality"], action: allow, args: [{ index: 0, value: 99, op: "SCMP_CMP_EQ" }] },
    { names: ["write"], action: allow },
  ]);
  expect(rulesFor("read", made)).toEqual([[condition]]);
  expect(rulesFor("socket", made)).toEqual([[{ index: 0, value: 40, op: "SCMP_CMP_NE" }, condition]]);
  expect(rulesFor("write", made)).toEqual([[]]);
  expect(rulesFor("mount", made)).toEqual([]); // docker's does not allow it
  expect(rulesFor("personality", made)).toEqual([]); // nor 99
  expect(rulesFor("open", made)).toEqual([]);
});

test("how a call is denied is the image's word; flags and architectures are docker's", () => {
  const made = narrowed([{ names: ["ptrace"], action: "SCMP_ACT_ERRNO", errnoRet: 13 }], {
    ...{ defaultAction: "SCMP_ACT_KILL_PROCESS", flags: ["SECCOMP_FILTER_FLAG_SPEC_ALLOW"], architectures: ["SCMP_ARCH_ARM"] },
  });
  expect(made).toMatchObject({ defaultAction: "SCMP_ACT_KILL_PROCESS", architectures: defaultSeccomp(facts).architectures });
  expect(made).not.toHaveProperty("flags");
  expect(made.syscalls).toContainEqual({ names: ["ptrace"], action: "SCMP_ACT_ERRNO", errnoRet: 13 });
});

describe("what does not say what is allowed is refused", () => {
  test.each<[string, object[], object]>([
    ["its defaultAction SCMP_ACT_ALLOW denies nothing", [], { defaultAction: "SCMP_ACT_ALLOW" }],
    ["its defaultAction SCMP_ACT_LOG denies nothing", [], { defaultAction: "SCMP_ACT_LOG" }],
    ["it has the action SCMP_ACT_NOTIFY", [{ names: ["read"], action: "SCMP_ACT_NOTIFY" }], {}],
    [
      "it allows read and denies it",
      [
        { names: ["read"], action: allow },
        { names: ["read"], action: "SCMP_ACT_ERRNO", args: [{ index: 0, value: 1, op: "SCMP_CMP_EQ" }] },
      ],
      {},
    ],
    [
      "a rule for read has two conditions for one argument",
      [{ names: ["read"], action: allow, args: [0, 1].map((value) => ({ index: 0, value, op: "SCMP_CMP_NE" })) }],
      {},
    ],
  ])("%s", (why, syscalls, more) => {
    expect(() => narrowed(syscalls, more)).toThrow(`cannot use the seccomp profile of an image: ${why}`);
  });
});

test.each([
  "null",
  "[]",
  '{"defaultAction":"SCMP_ACT_ERRNO","syscalls":"all"}',
  '{"defaultAction":"SCMP_ACT_ERRNO","syscalls":[null]}',
  '{"defaultAction":"SCMP_ACT_ERRNO","syscalls":[{"names":"read","action":"SCMP_ACT_ALLOW"}]}',
  '{"defaultAction":"SCMP_ACT_ERRNO","syscalls":[{"names":[{}],"action":"SCMP_ACT_ALLOW"}]}',
  '{"defaultAction":"SCMP_ACT_ERRNO","syscalls":[{"names":["read"],"action":"SCMP_ACT_ALLOW","args":[{"index":-1,"value":0,"op":"SCMP_CMP_EQ"}]}]}',
])("%s is no profile", (text) => {
  expect(() => narrowedSeccomp(text, facts)).toThrow(/^cannot (use|decode) the seccomp profile/);
});
