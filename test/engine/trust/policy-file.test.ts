/** Policy files: what they mean, where what is wrong in them stands, and who may write to them. */
import { chmodSync, copyFileSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { EngineError } from "../../../engine/errors.ts";
import { parseReference } from "../../../engine/image/documents/reference.ts";
import { parseContainersPolicy } from "../../../engine/trust/containers-policy.ts";
import { loadPolicies } from "../../../engine/trust/load-policies.ts";
import { ruleFor } from "../../../engine/trust/policy.ts";
import { parsePolicy } from "../../../engine/trust/policy-file.ts";
import { TrustedFiles } from "../../../engine/trust/trusted-files.ts";
import fc from "../../support/property.ts";
import { fileOf, textOf } from "./scene.ts";

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "berth-policy-"));
  for (const name of ["cosign2.pub", "cosign3.pub", "root.crt"]) copyFileSync(fileOf(name), join(directory, name));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const parse = (text: string) => parsePolicy(text, join(directory, "policy.yaml"), new TrustedFiles());
const reference = (name: string) => parseReference(name);

const whole = `version: 1
allow-override: true
local: accept
load: verify
default: reject
keys:
  release: cosign2.pub
  ops: |
${textOf("cosign3.pub").replace(/^/gm, "    ")}
authorities:
  corp: {certificate: root.crt, identities: ["CN=Release,*"]}
rules:
  - match: docker.io/library/*
    action: accept
  - match: [registry.example/old/**, "*.evil.example/**"]
    action: reject
    reason: it is not maintained
  - match: registry.example/**
    signed-by: [release, ops, corp]
    at-least: 2
    annotations: {env: prod}
    attestations:
      - provenance
      - {type: https://example/audit, signed-by: ops}
`;

describe("what a policy says", () => {
  test("rules in their order, the first that fits", async () => {
    const policy = await parse(whole);
    expect(policy).toMatchObject({ allowsOverride: true, local: "accept", load: "verify" });
    const actionOf = (name: string) => ruleFor(policy, reference(name)).action;
    expect(["python", "registry.example/old/app:1", "a.evil.example/x", "registry.example/app", "team/app"].map(actionOf)).toEqual([
      ...["accept", "reject", "reject", "verify", "reject"],
    ]);
    expect(ruleFor(policy, undefined).action).toBe("reject");
    const rule = ruleFor(policy, reference("registry.example/a/b/c"));
    expect(rule.name).toBe(`the rule for "registry.example/**" (${join(directory, "policy.yaml")}:22)`);
    expect(rule.action === "verify" && rule.requirements).toMatchObject([
      {
        atLeast: 2,
        annotations: { env: "prod" },
        anchors: [{ name: "release", kind: "key" }, { name: "ops" }, { name: "corp", kind: "authority" }],
      },
      { atLeast: 1, attestation: [expect.stringContaining("slsa.dev/provenance/v1"), expect.anything()], anchors: [{}, {}, {}] },
      { atLeast: 1, attestation: ["https://example/audit"], anchors: [{ name: "ops" }] },
    ]);
  });

  const rule = (text: string) => `version: 1\ndefault: reject\nkeys: {a: cosign2.pub, again: cosign2.pub}\nrules:\n  - ${text}\n`;
  test.each([
    ["", '1:1: this is a mapping of "version"'],
    ["version: 2\ndefault: accept", '1:10: "version" is 1'],
    ["version: 1", '1:1: "default" is missing'],
    ["version: 1\ndefault: perhaps", '2:10: "default" is "accept", "reject", or what a rule says'],
    ["version: 1\ndefualt: accept", '2:1: there is no setting "defualt"'],
    ["version: 1\nversion: 1\ndefault: accept", "2:1: Map keys must be unique"],
    ["version: 1\ndefault: accept\nallow-override: yes please", '3:17: "allow-override" is true or false'],
    ["version: 1\ndefault: accept\nlocal: ignore", '3:8: "local" is "verify" or "accept"'],
    ["version: 1\ndefault: accept\nrules: {a: b}", '3:8: "rules" is a list'],
    ["version: 1\ndefault: accept\nkeys: {a: missing.pub}", "3:11: cannot read the key"],
    ["version: 1\ndefault: accept\nkeys: {a: root.crt}", '3:11: cannot read the key "a": it is no public key in PEM'],
    ["version: 1\ndefault: accept\nauthorities: {a: {certificate: cosign2.pub}}", '3:32: cannot read "a": there is no certificate in it'],
    ["version: 1\ndefault: accept\nkeys: {a: cosign2.pub}\nauthorities: {a: {certificate: root.crt}}", '4:18: "a" is there twice'],
    [rule("match: r.example/**"), "5:5: it says nothing"],
    [rule("signed-by: a"), '5:5: "match" is missing'],
    [rule("{match: r.example/**, signed-by: b}"), '5:38: there is no key or authority "b"'],
    [rule("{match: r.example/**, signed-by: []}"), '5:38: "signed-by" names nobody'],
    [rule("{match: r.example/**, signed-by: [a, again], at-least: 2}"), '5:60: "at-least" is a number from 1 to 1'],
    [rule("{match: r.example/**, signed-by: a, at-least: 0}"), '5:51: "at-least" is a number from 1 to 1'],
    [rule("{match: r.example/**, action: accept, signed-by: a}"), '5:54: "signed-by" means nothing where the action is "accept"'],
    [rule("{match: python, action: accept}"), '5:13: "python" does not begin with a registry'],
    [rule("{match: r.example/a:1, action: accept}"), '5:13: "r.example/a:1" is no repository'],
    [rule("{match: r.example/**, attestations: [provenance]}"), '5:42: "signed-by" is missing: who attests'],
    ["version: 1\ndefault: &a reject\nrules: *a", '3:8: "rules" is a list'],
    ["version: 1\n  default: {", ""],
  ])("%j is told", async (text, message) => {
    const error = await parse(text).catch((each: unknown) => each);
    expect(error).toMatchObject({ code: "invalid", message: expect.stringMatching(/policy\.yaml:\d+:\d+: /) });
    expect((error as EngineError).message).toContain(`policy.yaml:${message}`);
    expect((error as EngineError).location).toMatchObject({ file: join(directory, "policy.yaml") });
  });

  test("any text is a policy, or an error with its place", async () => {
    const words = fc.constantFrom(
      "version",
      "default",
      "rules",
      "keys",
      "match",
      "signed-by",
      ": ",
      "\n",
      "  ",
      "- ",
      "[",
      "]",
      "{",
      "}",
      "1",
      "accept",
      "&a",
      "*a",
      '"',
      "|",
    );
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.string(),
          fc.array(words).map((each) => each.join("")),
        ),
        async (text) => {
          const error = await parse(text).then(
            () => undefined,
            (each: unknown) => each,
          );
          expect(error === undefined || (error instanceof EngineError && error.code === "invalid" && error.location !== undefined)).toBe(
            true,
          );
        },
      ),
    );
  });
});

describe("the policy of skopeo and podman", () => {
  const read = (policy: object) => parseContainersPolicy(JSON.stringify(policy), "policy.json", new TrustedFiles());
  const accept = [{ type: "insecureAcceptAnything" }];
  const reject = [{ type: "reject" }];

  test("scopes, the closest first", () => {
    const docker = { "": accept, "r.example": reject, "r.example/team": accept, "r.example/team/app:1": reject, "*.wild.example": reject };
    const policy = read({ default: reject, transports: { docker, dir: { "": reject } } });
    const actionOf = (name: string) => ruleFor(policy, reference(name)).action;
    expect(["r.example/team/app:1", "r.example/team/app:2", "r.example/other", "r.example2/x.y", "a.wild.example/x"].map(actionOf)).toEqual(
      [...["reject", "accept", "reject", "accept", "reject"]],
    );
    expect(ruleFor(read({ default: reject }), reference("python")).action).toBe("reject");
  });

  const signed = (more: object) => read({ default: [{ type: "sigstoreSigned", keyPath: fileOf("cosign2.pub"), ...more }] }).otherwise;
  test.each([
    [undefined, "r.example/a:1", "r.example/a:1", true],
    [undefined, "r.example/a", "r.example/a:1", false],
    [undefined, "r.example/a", `r.example/a@sha256:${"1".repeat(64)}`, true],
    [{ type: "matchRepository" }, "r.example/a", "r.example/a:1", true],
    [{ type: "matchRepository" }, "r.example/b", "r.example/a:1", false],
    [{ type: "matchExact" }, "r.example/a:2", "r.example/a:1", false],
    [{ type: "exactReference", dockerReference: "r.example/a:2" }, "r.example/a:2", "r.example/a:1", true],
    [{ type: "exactRepository", dockerRepository: "r.example/b" }, "r.example/b:9", "r.example/a:1", true],
    [{ type: "remapIdentity", prefix: "mirror.example", signedPrefix: "r.example" }, "r.example/a:1", "mirror.example/a:1", true],
    [{ type: "remapIdentity", prefix: "mirror.example", signedPrefix: "r.example" }, "r.example/a:1", "mirror.example2/a:1", false],
    [{ type: "matchRepository" }, "../..", "r.example/a:1", false],
  ])("identity %j: %s for %s: %s", (signedIdentity, identity, asked, isMeant) => {
    const rule = signed({ signedIdentity });
    expect(rule.action === "verify" && rule.requirements[0]!.isNamed!(identity, reference(asked))).toBe(isMeant);
  });

  test("what cannot be verified here rejects, and says so", () => {
    expect(signed({ rekorPublicKeyPath: "x" })).toMatchObject({
      action: "reject",
      reason: 'it asks for "rekorPublicKeyPath", which is not verified here',
    });
    expect(read({ default: [{ type: "signedBy", keyType: "GPGKeys" }] }).otherwise).toMatchObject({ action: "reject" });
    expect(() => read({ default: [{ type: "sigstoreSigned" }] })).toThrow("names no key");
    expect(() => read({ default: [{ type: "new" }] })).toThrow('there is no requirement "new"');
    expect(() => read({ default: [] })).toThrow("has no requirement");
    expect(() => read({})).toThrow('"default" is missing');
    expect(() => read({ default: accept, transports: { docker: { x: [] } } })).toThrow('the scope "x" has no requirement');
  });
});

describe("whose files they are", () => {
  const written = (name: string, text = "version: 1\ndefault: reject\n") => {
    const path = join(directory, name);
    writeFileSync(path, text);
    return path;
  };

  test("others may not write to them, nor to the keys that they name", async () => {
    const path = written("others.yaml");
    chmodSync(path, 0o646);
    await expect(loadPolicies([path])).rejects.toThrow(`cannot trust the policy "${path}": others may write to it`);
    chmodSync(join(directory, "cosign3.pub"), 0o664);
    const named = written("named.yaml", "version: 1\ndefault: reject\nkeys: {a: cosign3.pub}\n");
    await expect(loadPolicies([named])).rejects.toThrow("others may write to it");
    chmodSync(join(directory, "cosign3.pub"), 0o644);
    await expect(loadPolicies([named])).resolves.toMatchObject({ active: [{ name: named }] });
  });

  test("what is there and cannot be read lets nothing pass", async () => {
    const link = join(directory, "link.yaml");
    symlinkSync("nowhere", link);
    await expect(loadPolicies([link])).rejects.toMatchObject({ code: "invalid" });
    await expect(loadPolicies([directory])).rejects.toThrow("it is a directory");
    await expect(loadPolicies([written("large.yaml", `# ${"x".repeat(2 << 20)}`)])).rejects.toThrow("it is larger than 1 MB");
    await expect(loadPolicies(["/dev/null"])).rejects.toMatchObject({ code: "invalid" });
  });

  test("a policy is read again when it changes, and when a key of it does", async () => {
    const path = written("changing.yaml", "version: 1\ndefault: reject\nkeys: {a: own.pub}\n");
    copyFileSync(fileOf("cosign2.pub"), join(directory, "own.pub"));
    const first = await loadPolicies([path]);
    expect(await loadPolicies([path])).toBe(first);
    copyFileSync(fileOf("cosign3.pub"), join(directory, "own.pub"));
    // Of the same length, and perhaps in the same tick of the file system's clock.
    utimesSync(join(directory, "own.pub"), 1, 1);
    const second = await loadPolicies([path]);
    expect(second).not.toBe(first);
    written("changing.yaml", "version: 1\ndefault: accept\n");
    expect((await loadPolicies([path])).active).toEqual([]);
  });
});
