/** Chains of certificates: which lead to what is trusted, and what breaks them. */
import type { X509Certificate } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { findProgram } from "../../../engine/process/spawn.ts";
import { chainProblem, readCertificates } from "../../../engine/trust/certificates.ts";
import { certificates } from "../../support/certificates.ts";

const openssl = findProgram("openssl");
let directory: string;
const made: Record<string, X509Certificate> = {};

const extensions = (...texts: string[]) => texts.flatMap((text) => ["-addext", text]);
const authority = extensions("basicConstraints=critical,CA:TRUE", "keyUsage=critical,keyCertSign");
const by = (name: string) => ["-CA", `${name}.pem`, "-CAkey", `${name}.key`];
const leaf = ["basicConstraints=critical,CA:FALSE", "keyUsage=critical,digitalSignature"];

/** Each with who issued it, in an order in which that one is there. */
const wanted: Record<string, string[]> = {
  root: authority,
  narrow: extensions("basicConstraints=critical,CA:TRUE,pathlen:0", "keyUsage=critical,keyCertSign"),
  middle: [...by("root"), ...authority],
  "middle-of-narrow": [...by("narrow"), ...authority],
  good: [...by("middle"), ...extensions(...leaf, "extendedKeyUsage=codeSigning")],
  "not-for-code": [...by("root"), ...extensions(...leaf, "extendedKeyUsage=serverAuth")],
  "not-for-signatures": [...by("root"), ...extensions("basicConstraints=critical,CA:FALSE", "keyUsage=critical,keyEncipherment")],
  "of-a-leaf": [...by("good"), ...extensions(...leaf)],
  "no-authority": [...by("root"), ...extensions("basicConstraints=critical,CA:FALSE", "keyUsage=critical,digitalSignature,keyCertSign")],
  "of-no-authority": [...by("no-authority"), ...extensions(...leaf)],
  "of-narrow": [...by("narrow"), ...extensions(...leaf)],
  "too-long": [...by("middle-of-narrow"), ...extensions(...leaf)],
  odd: [...by("root"), ...extensions(...leaf, "1.2.3.4=critical,ASN1:UTF8String:x")],
};

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "berth-chains-"));
  if (!openssl) return;
  const { make } = certificates(openssl, directory);
  for (const [name, more] of Object.entries(wanted)) made[name] = readCertificates(make(name, ...more).cert, name)[0]!;
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

test.each([
  [["good", "middle"], ["root"], undefined],
  [["good", "root", "middle"], ["root"], undefined],
  [["good"], ["middle"], undefined],
  [["good"], ["good"], undefined],
  [["good"], ["root"], 'no trusted certificate issued "CN=good"'],
  [["good", "middle"], ["narrow"], 'no trusted certificate issued "CN=middle"'],
  [["good", "middle"], [], 'no trusted certificate issued "CN=middle"'],
  [["not-for-code"], ["root"], 'the certificate "CN=not-for-code" is not for signing code'],
  [["not-for-signatures"], ["root"], 'the certificate "CN=not-for-signatures" is not for signatures'],
  [["of-a-leaf", "good", "middle"], ["root"], 'no trusted certificate issued "CN=of-a-leaf"'],
  [["of-no-authority", "no-authority"], ["root"], 'the certificate "CN=no-authority" may not issue others'],
  [["of-no-authority"], ["no-authority"], 'the certificate "CN=no-authority" may not issue others'],
  [["of-narrow"], ["narrow"], undefined],
  [["too-long", "middle-of-narrow"], ["narrow"], 'the certificate "CN=narrow" may not issue so long a chain'],
  [["odd"], ["root"], 'the certificate "CN=odd" has the critical extension 1.2.3.4, which is not understood'],
  [["root"], ["root"], 'the certificate "CN=root" is not for signatures'],
  [[], ["root"], "it has no certificate"],
])("%j to %j", (chain, trusted, problem) => {
  if (!openssl) throw new Error("this test needs the program openssl");
  const named = (names: string[]) => names.map((name) => made[name]!);
  expect(chainProblem(named(chain), named(trusted), new Date())).toBe(problem);
});
