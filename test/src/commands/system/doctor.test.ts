/** How `berth doctor` shows its findings. */
import { expect, test } from "vitest";
import doctor, { describe } from "../../../../src/commands/system/doctor.ts";
import { painter } from "../../../../src/print.ts";

const plain = painter(false);

test("a remedy stands below its finding, and the last line sums up", () => {
  const text = describe(
    [
      { name: "kernel", status: "ok", detail: "Linux 6.1" },
      { name: "user namespaces", status: "warning", detail: "switched off", remedy: "sysctl -w user.max_user_namespaces=15000" },
    ],
    plain,
  );
  expect(text).toBe(
    [
      "kernel           ok       Linux 6.1",
      "user namespaces  warning  switched off",
      "                          remedy: sysctl -w user.max_user_namespaces=15000",
      "",
      "Containers work here; 1 thing could be better.",
      "",
    ].join("\n"),
  );
});

test("an error decides the exit status and the summary", () => {
  const findings = [{ name: "conmon", status: "error" as const, detail: "not found", remedy: "apt-get install -y conmon" }];
  expect(describe(findings, plain)).toContain("1 thing berth needs does not work here.");
  expect(doctor.exitStatus?.(findings)).toBe(1);
  expect(doctor.exitStatus?.([{ name: "kernel", status: "warning", detail: "", remedy: "x" }])).toBe(0);
});

test("what a program said of itself cannot paint the terminal", () => {
  expect(describe([{ name: "conmon", status: "ok", detail: "2.1\x1b[31m" }], plain)).not.toContain("\x1b");
});
