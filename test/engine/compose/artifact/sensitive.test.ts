/** What is asked about before it is published, and what is not. */
import { expect, test } from "vitest";
import { findSensitive } from "../../../../engine/compose/artifact/index.ts";

const found = (text: string) => findSensitive([{ kind: "compose", name: "f", text: Buffer.from(text) }]).map(({ what }) => what);

test.each([
  ["AWS access key id", "AWS_ACCESS_KEY_ID: A3TX1234567890ABCDEF"],
  ["AWS secret key", 'aws_key: "12345+67890/abcdefghijklm+NOPQRSTUVWXYZ+"'],
  ["GitHub token", "X=ghp_1234567890abcdefghijklmnopqrstuvwxyz"],
  ["GitLab token", "X=glpat-abcdefghij1234567890"],
  ["Slack token", "X: xoxb-1234567890-abc"],
  ["JSON web token", "X: eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw"],
  ["private key", "-----BEGIN DSA PRIVATE KEY-----"],
  ["password in a URL", "DATABASE_URL: postgres://me:hunter2@db/app"],
  ["value of a variable that is named as a secret", "POSTGRES_PASSWORD: hunter2"],
  ["value of a variable that is named as a secret", "- API_KEY=abc"],
])("%s: %s", (what, line) => {
  expect(found(`a: b\n${line}\n`)).toEqual([what]);
});

test.each([
  "POSTGRES_PASSWORD: $" + "{PASSWORD}",
  "POSTGRES_PASSWORD_FILE: /run/secrets/p",
  "- API_KEY",
  "API_KEY:",
  "secrets: [token]",
  "image: registry:5000/app@sha256:abcdef",
  "url: http://db:5432/x@y",
])("not %s", (line) => {
  expect(found(line)).toEqual([]);
});

test("where it stands", () => {
  const text = Buffer.from("\n\nSECRET=x\n");
  expect(findSensitive([{ kind: "variables", name: "a.env", text }])).toMatchObject([{ file: "a.env", line: 3 }]);
});
