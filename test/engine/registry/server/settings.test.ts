/** The configuration file: what it says, and where it is wrong. */
import { expect, test } from "vitest";
import { parseRules, parseSettings } from "../../../../engine/registry/server/settings/settings.ts";
import fc from "../../../support/property.ts";

test("what each section says", async () => {
  const text = `
rules:
  - { repositories: "team/**", users: [ann, ci], allow: [pull, push] }
quotas:
  - { repositories: ["team/*", app], bytes: 10GB }
  - { repositories: "**", bytes: 512 }
retention:
  - { repositories: "ci/*", tags: "pr-*", keep: [latest, "v*"], last: 10, age: 30d, untagged: 12h }
upstreams:
  - { prefix: hub, url: https://registry-1.docker.io, ttl: 5m, username: ann, password: secret }
  - { url: registry.example }
webhooks:
  - { url: https://ci.example/hook?a=b, events: push, repositories: "team/*", headers: { Authorization: Bearer x }, timeout: 2s }
limits: { requests: 90/m +200, blob: 1.5G, manifest: 1MiB }
`;
  expect(await parseSettings(text, "registry.yaml")).toEqual({
    rules: [{ repositories: ["team/**"], users: ["ann", "ci"], allow: ["pull", "push"] }],
    quotas: [
      { repositories: ["team/*", "app"], bytes: 10 * 2 ** 30 },
      { repositories: ["**"], bytes: 512 },
    ],
    retention: [
      { repositories: ["ci/*"], tags: ["pr-*"], keep: ["latest", "v*"], last: 10, age: 30 * 86_400_000, untagged: 12 * 3_600_000 },
    ],
    upstreams: [
      { prefix: "hub", url: new URL("https://registry-1.docker.io"), ttl: 300_000, credentials: { username: "ann", password: "secret" } },
      { url: new URL("https://registry.example") },
    ],
    webhooks: [
      {
        ...{ url: new URL("https://ci.example/hook?a=b"), events: ["push"], repositories: ["team/*"] },
        ...{ headers: { Authorization: "Bearer x" }, timeout: 2000 },
      },
    ],
    limits: { requests: { perSecond: 1.5, burst: 200 }, blob: 1.5 * 2 ** 30, manifest: 1 << 20 },
  });
  expect(await parseSettings("{}", "registry.yaml")).toEqual({});
});

test.each([
  ["rules: [", "1:9"],
  ["- a", "1:1: this is a mapping"],
  ["rule: []", '1:1: there is no setting "rule"'],
  ["rules:", '1:7: "rules" is a list'],
  ["rules:\n  a: b", '2:3: "rules" is a list'],
  ["rules:\n  - {repositories: a, users: b}", '2:5: "allow" is missing'],
  ["rules:\n  - {repositories: a, users: b, allow: [pul]}", '2:41: there is nothing "pul" to allow'],
  ["rules:\n  - {repositories: a, user: b, allow: pull}", '2:23: there is no setting "user"'],
  ["rules:\n  - {repositories: 5, users: b, allow: pull}", '2:20: "repositories" is a word'],
  ["rules:\n  - {repositories: [[a]], users: b, allow: pull}", '2:21: "repositories" is a word'],
  ["rules:\n  - {repositories: {a: b}, users: b, allow: pull}", '2:20: "repositories" is a word'],
  ["rules: &a []\nquotas: *a", '2:9: "quotas" is a list'],
  ["quotas:\n  - {repositories: a, bytes: lots}", '2:30: "bytes" is a size'],
  ["quotas:\n  - {repositories: a, bytes: 1, bytes: 2}", "2:33"],
  ["limits: {requests: 0/s}", '1:20: "requests" is a rate'],
  ["limits: {manifest: 5M}", "1:20: manifests have"],
  ["retention:\n  - {repositories: a, keep: b}", '2:5: a rule of retention has "last", "age" or "untagged"'],
  ["retention:\n  - {repositories: a, last: -1}", '2:29: "last" is a whole number'],
  ["retention:\n  - {repositories: a, age: 30}", '2:28: "age" is a time'],
  ["upstreams:\n  - {url: x, prefix: UP}", '2:22: "UP" cannot be the beginning'],
  ["upstreams:\n  - {url: ftp://x}", '2:11: "ftp://x" is not the address'],
  ["upstreams:\n  - {url: x, username: a}", '2:5: "username" and "password" are given together'],
  ["webhooks:\n  - {url: mail}", '2:11: "url" is an address'],
  ["webhooks:\n  - {url: http://x, events: pushes}", '2:29: there is nothing "pushes" to be told of'],
  ["webhooks:\n  - {url: http://x, headers: {A b: c}}", '2:30: "A b" is no header'],
  ["webhooks:\n  - {url: http://x, headers: {A: [c]}}", '2:34: "A" is a word'],
  ["", "1:1: this is a mapping"],
])("%j is shown where it is wrong", async (text, message) => {
  await expect(parseSettings(text, "registry.yaml")).rejects.toMatchObject({
    code: "invalid",
    message: expect.stringContaining(`registry.yaml:${message}`),
  });
});

test("what was meant by a mistyped setting is said", async () => {
  await expect(parseSettings("quota: []", "f")).rejects.toMatchObject({ suggestion: "quotas" });
  await expect(parseRules("quotas: []", "f")).rejects.toMatchObject({ message: 'f:1:1: there is no setting "quotas"' });
});

test("anything at all is read or refused", async () => {
  const section = fc.constantFrom("rules", "quotas", "limits", "retention", "upstreams", "webhooks");
  const any = fc.oneof(
    fc.string(),
    fc.tuple(section, fc.string()).map(([name, text]) => `${name}:\n  - ${text}`),
    fc.tuple(section, fc.jsonValue()).map(([name, value]) => JSON.stringify({ [name]: value })),
  );
  const isJudged = async (text: string) => parseSettings(text, "f").then(Boolean, (error) => error.code === "invalid");
  await fc.assert(fc.asyncProperty(any, isJudged), { numRuns: 500 });
});

test("what is nested ten thousand deep is refused", async () => {
  await expect(parseSettings(`rules: ${"[".repeat(10_000)}`, "f")).rejects.toMatchObject({ code: "invalid" });
});
