import { describe, expect, test } from "vitest";
import { parseDockerfile } from "../../../engine/dockerfile/index.ts";
import { parseSecurityProfile, withSecurityProfile } from "../../../engine/dockerfile/security-profile.ts";

const file = "/etc/company/profile";

/** What holds, by name, and what is overruled. */
function merged(own: string[], profile: string[]) {
  const { berth } = parseDockerfile([...own.map((line) => `# berth:${line}`), "FROM scratch"].join("\n"), { file: "Dockerfile" });
  const made = withSecurityProfile(berth, parseSecurityProfile(profile.map((line) => `# berth:${line}\n`).join(""), file));
  return {
    holds: Object.fromEntries(Object.entries(made.berth).map(([field, { location, text }]) => [field, `${location.file}: ${text}`])),
    overruled: made.overruled.map(({ name }) => name),
  };
}

test("what either demands holds", () => {
  expect(merged(["no-shell"], ["user non-root", "no-secrets"])).toEqual({
    holds: { noShell: "Dockerfile: ", user: `${file}: non-root`, noSecrets: `${file}: ` },
    overruled: [],
  });
});

describe("of two demands the stricter holds", () => {
  test.each([
    ["max-size=10MB", "max-size=20MB", "own"],
    ["max-size=20MB", "max-size=10MB", "profile"],
    ["min-efficiency=0.9", "min-efficiency=0.8", "own"],
    ["min-efficiency=0.8", "min-efficiency=0.9", "profile"],
    ["no-setuid", "no-setuid except=/bin/su", "own"],
    ["no-setuid except=/bin/su", "no-setuid", "profile"],
    ["memory 64m", "memory 1g", "own"],
    ["memory 1g", "memory 64m", "profile"],
    ["read-only off", "read-only", "profile"],
    ["read-only", "read-only off", "own"],
    ["cap-drop NET_RAW", "cap-drop ALL add=KILL", "profile"],
    ["cap-drop ALL", "cap-drop ALL add=KILL", "own"],
    ["seccomp a.json", "seccomp b.json", "profile"],
    ["user non-root", "user non-root", "own"],
  ])("%s against %s: %s", (own, profile, which) => {
    const { holds, overruled } = merged([own], [profile]);
    expect(Object.values(holds)[0]?.startsWith(file)).toBe(which === "profile");
    expect(overruled).toHaveLength(which === "profile" ? 1 : 0);
  });
});

test("a profile has comments and directives, and nothing else", () => {
  expect(parseSecurityProfile("# ours\n\n# berth:pinned\n", file).pinned).toMatchObject({ value: true, directory: "/etc/company" });
  for (const [text, line] of [
    ["# berth:pinned\nFROM scratch\n", 2],
    ["# berth:pinnned\n", 1],
  ] as const) {
    expect(() => parseSecurityProfile(text, file)).toThrow(expect.objectContaining({ location: expect.objectContaining({ file, line }) }));
  }
});
