import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readGoBinary } from "../../../../engine/attest/sbom/go-binary.ts";
import { readRpmDatabase } from "../../../../engine/attest/sbom/rpm.ts";
import { scanTree } from "../../../../engine/attest/sbom/scan.ts";
import fc from "../../../support/property.ts";
import { goProgram, rpmDatabase, rpmHeader } from "./binaries.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "berth-scan-"));
});
afterEach(() => rmSync(root, { recursive: true }));

function write(path: string, content: string | Uint8Array, mode = 0o644): string {
  const file = join(root, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content, { mode });
  return file;
}

const named = () =>
  scanTree(root).packages.map(({ type, namespace, name, version }) => `${type} ${namespace ? `${namespace}/` : ""}${name} ${version}`);

const modules =
  "path\texample.com/app\nmod\texample.com/app\t(devel)\t\ndep\tgithub.com/a/b\tv1.0.0\th1:x=\ndep\tgithub.com/c/d\tv2.0.0\n=>\tgithub.com/fork/d\tv2.0.1\th1:y=\nbuild\t-compiler=gc\n";

test("every manager's packages, once each, in one order", () => {
  write("etc/os-release", "ID=debian\nVERSION_ID=12\n");
  write(
    "var/lib/dpkg/status",
    "Package: b\nStatus: install ok installed\nVersion: 2\n\nPackage: a\nStatus: install ok installed\nVersion: 1\n",
  );
  write("var/lib/dpkg/status.d/tzdata", "Package: tzdata\nVersion: 3\n");
  write("var/lib/dpkg/status.d/tzdata.md5sums", "Package: no\nVersion: 3\n");
  write("lib/apk/db/installed", "P:musl\nV:1.2\n\n");
  mkdirSync(join(root, "var/lib/rpm"), { recursive: true });
  rpmDatabase(join(root, "var/lib/rpm/rpmdb.sqlite"), [
    rpmHeader({ 1000: "bash", 1001: "5.2", 1002: "1.fc40" }, 2),
    rpmHeader({ 1000: "gpg-pubkey", 1001: "1" }),
  ]);
  write("app/node_modules/left-pad/package.json", '{"name":"left-pad","version":"1.3.0"}');
  write("app/node_modules/@s/x/package.json", '{"name":"@s/x","version":"1.0.0"}');
  write("app/node_modules/@s/x/node_modules/left-pad/package.json", '{"name":"left-pad","version":"1.3.0"}');
  write("app/package.json", '{"name":"app","version":"9"}');
  write("usr/lib/python3/dist-packages/six-1.16.0.dist-info/METADATA", "Name: six\nVersion: 1.16.0\n\n");
  write("usr/lib/python3/dist-packages/old.egg-info", "Name: old\nVersion: 0.1\n\n");
  write("usr/bin/app", goProgram(modules), 0o755);
  write("usr/share/app", goProgram(modules.replaceAll("github.com/a/b", "github.com/not/run")), 0o644);
  expect(named()).toEqual([
    "apk musl 1.2",
    "deb a 1",
    "deb b 2",
    "deb tzdata 3",
    "golang example.com/app ",
    "golang github.com/a/b v1.0.0",
    "golang github.com/fork/d v2.0.1",
    "golang stdlib 1.22.1",
    "npm @s/x 1.0.0",
    "npm left-pad 1.3.0",
    "pypi old 0.1",
    "pypi six 1.16.0",
    "rpm bash 2:5.2-1.fc40",
  ]);
  expect(scanTree(root)).toMatchObject({ distribution: { id: "debian", version: "12" }, notes: [] });
});

describe("hostile images", () => {
  test("links lead nowhere, and what is no file is not opened", () => {
    write("node_modules/ok/package.json", '{"name":"ok","version":"1"}');
    mkdirSync(join(root, "node_modules/out"), { recursive: true });
    symlinkSync("../ok/package.json", join(root, "node_modules/out/package.json"));
    symlinkSync("/", join(root, "node_modules/all"));
    mkdirSync(join(root, "var/lib/dpkg"), { recursive: true });
    symlinkSync("/var/lib/dpkg/status", join(root, "var/lib/dpkg/status"));
    mkdirSync(join(root, "node_modules/pipe"), { recursive: true });
    execFileSync("mkfifo", [join(root, "node_modules/pipe/package.json"), join(root, "program")]);
    chmodSync(join(root, "program"), 0o755);
    symlinkSync("/etc", join(root, "etc"));
    expect(named()).toEqual(["npm ok 1"]);
    expect(scanTree(root).distribution.id).toBe("");
  });

  test("huge, deep, many and malformed: notes, no failure", () => {
    const limits = { database: 1000, record: 100, entries: 10_000, depth: 8, packages: 3 };
    truncateSync(write("var/lib/dpkg/status", ""), 2 ** 36);
    write("node_modules/big/package.json", `{"name":"big","version":"1","x":"${"y".repeat(200)}"}`);
    write("node_modules/bad/package.json", "{");
    write("a/b/c/d/e/f/g/h/i/j/node_modules/deep/package.json", '{"name":"deep","version":"1"}');
    write("lib/apk/db/installed", "P:a\nV:1\n\nP:b\nV:1\n\nP:c\nV:1\n\nP:d\nV:1\n\n");
    const { packages, notes } = scanTree(root, limits);
    expect(packages.map(({ name }) => name)).toEqual(["a", "b", "c"]);
    expect(notes.sort()).toEqual([
      "/: there are too many files, or too deep ones, to look at all of them",
      "/lib/apk/db/installed: there are too many packages",
      "/node_modules/bad/package.json: it is malformed",
      "/node_modules/big/package.json: it is too large",
      "/var/lib/dpkg/status: it is too large",
    ]);
    expect(scanTree(root, { ...limits, entries: 3 }).notes).toContain(
      "/: there are too many files, or too deep ones, to look at all of them",
    );
  });

  test("databases of other forms, and old programs, are named", () => {
    write("var/lib/rpm/Packages", "x");
    write("usr/lib/sysimage/rpm/Packages.db", "x");
    write("bin/old", goProgram(modules, { inline: false }), 0o755);
    expect(scanTree(root).notes).toEqual([
      "/var/lib/rpm/Packages: rpm's packages are in a Berkeley database, which is not read here",
      "/usr/lib/sysimage/rpm/Packages.db: rpm's packages are in a database of its form ndb, which is not read here",
      "/bin/old: it was built by Go before 1.18, whose modules are not read here",
    ]);
  });
});

describe("programs of Go", () => {
  const readerOf = (file: Buffer) => (offset: number, length: number) => file.subarray(offset, offset + Math.max(0, length));

  test("without a table of sections the information is found in the data", () => {
    expect(readGoBinary(readerOf(goProgram(modules, { sections: false })), "/p")).toHaveLength(4);
  });

  test("whatever the bytes are, reading ends", () => {
    const whole = goProgram(modules);
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { maxLength: 40 }), fc.nat(whole.length), (changes, length) => {
        const file = Buffer.from(whole);
        for (const [at, byte] of changes) file[at] = byte;
        readGoBinary(readerOf(file.subarray(0, length)), "/p");
      }),
    );
  });
});

describe("rpm's database", () => {
  test("a tree of many pages, and rows that overflow theirs", () => {
    const file = join(root, "db");
    const long = "x".repeat(900);
    const headers = Array.from({ length: 300 }, (_, at) =>
      rpmHeader({ 1000: `p${at}`, 1001: "1", 1014: "MIT", 1022: "x86_64", 9999: long.repeat(at % 40) }),
    );
    rpmDatabase(file, headers);
    const found = readRpmDatabase(readFileSync(file), "/db");
    expect(found.map(({ name }) => name)).toEqual(headers.map((_, at) => `p${at}`));
    expect(found[7]).toEqual({ type: "rpm", name: "p7", version: "1", license: "MIT", architecture: "x86_64", place: "/db" });
  });

  test("whatever the bytes are, reading ends", () => {
    const file = join(root, "db");
    rpmDatabase(
      file,
      Array.from({ length: 20 }, (_, at) => rpmHeader({ 1000: `p${at}`, 1001: "1", 1014: "x".repeat(5000) })),
    );
    const whole = readFileSync(file);
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 60 }), (changes) => {
        const changed = Buffer.from(whole);
        for (const [at, byte] of changes) changed[at] = byte;
        readRpmDatabase(changed, "/db");
      }),
    );
  });
});
