import { describe, expect, test } from "vitest";
import { isSecretVariable, secretsIn } from "../../../../engine/image/audit/secrets.ts";

const letters = (count: number) => "aB3dE5gH7jK9mN1p".repeat(16).slice(0, count);
const armour = (kind: string, body: string) => [`-----BEGIN ${kind}`, `KEY-----\n${body}\n-----END ${kind}`, "KEY-----\n"].join(" ");

/** Each put together, so that nobody who looks for secrets finds one in this file. */
const found: [kind: string, text: string, path?: string][] = [
  ["private key", armour("RSA PRIVATE", letters(64))],
  ["private key", armour("OPENSSH PRIVATE", letters(70))],
  ["private key", armour("RSA PRIVATE", `Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\n${letters(64)}`)],
  ["private key", `{"private_key": "${armour("PRIVATE", letters(64)).replaceAll("\n", "\\n")}"}`],
  ["private key", armour("PRIVATE", letters(64)).replaceAll("\n", "\r\n")],
  ["private key", `${["PuTTY-User", "Key-File-2"].join("-")}: ssh-rsa\n`],
  ["private key", "\x01\x02", "/root/.ssh/id_ed25519"],
  ["AWS access key", `id = ${["AK", "IA"].join("")}ABCDEFGHIJKLMN23`],
  ["AWS secret key", `AWS_SECRET_ACCESS_KEY=${letters(40)}\n`],
  ["AWS secret key", `{"aws_secret_access_key": "${letters(40)}"}`],
  ["GitHub token", `export T=ghs_${letters(36)}`],
  ["GitHub token", `github_pat_${letters(22)}_${letters(59)}`],
  ["GitLab token", `glpat-${letters(20)}`],
  ["Slack token", `xoxb-${"1".repeat(12)}-${letters(24)}`],
  ["Slack webhook", `https://hooks.slack.com/services/T0ABCDEFG/B0ABCDEFG/${letters(24)}`],
  ["npm token", `npm_${letters(36)}`],
  ["PyPI token", `pypi-AgEIcHlwaS5vcmc${letters(60)}`],
  ["Stripe key", `sk_live_${letters(24)}`],
  ["Kubernetes client key", `    client-key-data: ${letters(60)}`],
  ["npm credentials", `//registry.example.org/:_authToken=${letters(20)}`, "/root/.npmrc"],
  ["PyPI credentials", "password = hunter22\nusername = me\n", "/root/.pypirc"],
  ["registry credentials", `{"auths":{"r.example.org":{"auth":"${letters(20)}"}}}`, "/root/.docker/config.json"],
  ["passwords", "machine example.org login me password hunter22", "/home/me/.netrc"],
  ["passwords", "db:5432:*:me:hunter22\n", "/root/.pgpass"],
  ["git credentials", "https://me:hunter22@example.org/\n", "/root/.git-credentials"],
];

test.each(found)("%s: %j", (kind, text, path) => {
  expect(secretsIn(`first\n${text}`, path)).toEqual([{ kind, line: path?.includes("id_ed25519") ? 1 : 2 }]);
});

describe("what only looks alike is none", () => {
  test.each([
    ["armour without a key", `const header = "-----BEGIN ${"PRIVATE KEY"}-----";`],
    ["armour in a program", `-----BEGIN ${"RSA PRIVATE KEY"}-----\0\0-----END`],
    ["a public key", armour("PUBLIC", letters(64))],
    ["a certificate", armour("CERTIFICATE", letters(64))],
    ["AWS's own examples", `${["AK", "IA"].join("")}IOSFODNN7EXAMPLE wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY`],
    ["a variable's name", "AWS_SECRET_ACCESS_KEY=$SECRET\nGITHUB_TOKEN=\nnpm_config_cache=/x"],
    ["a digest", `sha256:${"0123456789abcdef".repeat(4)}`],
    ["a token that a variable holds", "//registry.example.org/:_authToken=${NPM_TOKEN}", "/app/.npmrc"],
    ["a documented netrc", "machine NAME login USER", "/root/.netrc"],
    ["a public half", "ssh-ed25519 AAAA me", "/root/.ssh/id_ed25519.pub"],
    ["an empty file", "", "/root/.ssh/id_rsa"],
    ["a repository's address", "[remote]\n\turl = https://example.org/me/app.git\n", "/src/.git/config"],
  ])("%s", (_, text, path = "/etc/file") => {
    expect(secretsIn(text, path)).toEqual([]);
  });
});

test.each([
  ["DB_PASSWORD", "hunter22", true],
  ["token", "abcdef", true],
  ["CLIENT_SECRET", "abcdef", true],
  ["GPG_KEY", "E3FF2839C048B25C084DEBE9B26995E310250568", false],
  ["DB_PASSWORD_FILE", "db-password", false],
  ["DB_PASSWORD", "/run/secrets/db", false],
  ["DB_PASSWORD", "$OTHER", false],
  ["DB_PASSWORD", "", false],
  ["TOKEN_TTL", "3600", false],
  ["SECRET", "true", false],
  ["PASSWORDLESS", "always", false],
])("%s=%s holds a secret by its name: %s", (name, value, expected) => {
  expect(isSecretVariable(name, value)).toBe(expected);
});

test("a megabyte of what nearly is one is looked through in time that grows with it", () => {
  const armours = `-----BEGIN ${"PRIVATE KEY"}-----\n`;
  for (const text of [" ", "A", "-", "-----BEGIN ", `${armours}\n`, "AKIA", "password ", "a:", "https://a:", "A: b\n", "glpat-"]) {
    const much = text.repeat(Math.ceil(2 ** 20 / text.length));
    expect(secretsIn(much, "/x/.netrc").length + secretsIn(armours + much, "/x/.git/config").length).toBeLessThan(9);
  }
});
