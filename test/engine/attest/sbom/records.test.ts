import { describe, expect, test } from "vitest";
import { purlOf } from "../../../../engine/attest/sbom/package.ts";
import { readApk, readDistribution, readDpkg, readNode, readPython } from "../../../../engine/attest/sbom/records.ts";

const debian = { id: "debian", version: "12", name: "Debian GNU/Linux 12" };

describe("dpkg", () => {
  const status = `Package: adduser
Status: install ok installed
Maintainer: Debian Adduser Developers <adduser@packages.debian.org>
Architecture: all
Version: 3.134
Description: add and remove users
 Version: 9 of nothing
Homepage: https://example.com

Package: libc6
Status: install ok installed
Architecture: amd64
Multi-Arch: same
Source: glibc (2.36-9)
Version: 2.36-9+deb12u4

Package: gone
Status: deinstall ok config-files
Version: 1.0

Package: broken
Status: install ok installed
`;

  test("has what is installed, with where it came from", () => {
    const found = readDpkg(status, "/s");
    expect(found.map(({ name, version, source }) => [name, version, source])).toEqual([
      ["adduser", "3.134", undefined],
      ["libc6", "2.36-9+deb12u4", "glibc@2.36-9"],
    ]);
    expect(purlOf(found[1]!, debian)).toBe("pkg:deb/debian/libc6@2.36-9+deb12u4?arch=amd64&distro=debian-12&upstream=glibc%402.36-9");
  });

  test("of images without dpkg each file is a package", () => {
    expect(readDpkg("Package: tzdata\nVersion: 2024a\n", "/s")).toMatchObject([{ name: "tzdata", version: "2024a" }]);
  });
});

test("apk's letters", () => {
  const installed = "C:Q1abc=\nP:musl\nV:1.2.4-r2\nA:x86_64\nL:MIT\no:musl\nU:https://musl.libc.org/\nF:lib\nR:libc.so\n\nP:nothing\n\n";
  const found = readApk(installed, "/i");
  expect(found).toEqual([
    {
      type: "apk",
      name: "musl",
      version: "1.2.4-r2",
      architecture: "x86_64",
      license: "MIT",
      source: "musl",
      homepage: "https://musl.libc.org/",
      place: "/i",
    },
  ]);
  expect(purlOf(found[0]!, { id: "alpine", version: "3.19.0", name: "" })).toBe(
    "pkg:apk/alpine/musl@1.2.4-r2?arch=x86_64&distro=alpine-3.19.0&upstream=musl",
  );
});

test("Python's metadata ends where the description begins", () => {
  const [found] = readPython(
    "Metadata-Version: 2.1\r\nName: Typing_Extensions\r\nVersion: 4.9.0\r\nLicense: PSF\r\n\r\nName: wrong\r\n",
    "/m",
  );
  expect(found).toMatchObject({ name: "typing-extensions", version: "4.9.0", license: "PSF" });
  expect(purlOf(found!, debian)).toBe("pkg:pypi/typing-extensions@4.9.0");
});

describe("Node's packages", () => {
  test("with scope, license and author, in old forms and new", () => {
    const [found] = readNode('{"name":"@scope/thing","version":"1.2.3","license":{"type":"ISC"},"author":{"name":"A"}}', "/p");
    expect(found).toMatchObject({ namespace: "@scope", name: "thing", version: "1.2.3", license: "ISC", supplier: "A" });
    expect(purlOf(found!, debian)).toBe("pkg:npm/%40scope/thing@1.2.3");
  });

  test.each([
    "",
    "[]",
    "null",
    "{",
    '{"name":1,"version":"1"}',
    '{"name":"a"}',
    '{"name":"a\\nb","version":"1"}',
    `{"name":"${"a".repeat(2000)}","version":"1"}`,
  ])("%# what is none is left out", (text) => {
    expect(readNode(text, "/p")).toEqual([]);
  });
});

test("os-release with quotes", () => {
  const text = `PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nID=debian\nVERSION_ID="12"\n# ID=other\n`;
  expect(readDistribution(text)).toEqual({ id: "debian", version: "12", name: "Debian GNU/Linux 12 (bookworm)" });
});

test("an rpm's epoch is a qualifier of its package URL, and stays in its version", () => {
  const tiny = { type: "rpm" as const, name: "tiny", version: "2:1.2-3", architecture: "noarch", place: "/var/lib/rpm/rpmdb.sqlite" };
  const fedora = { id: "fedora", version: "40", name: "Fedora" };
  expect(purlOf(tiny, fedora)).toBe("pkg:rpm/fedora/tiny@1.2-3?arch=noarch&distro=fedora-40&epoch=2");
  expect(purlOf({ ...tiny, version: "1.2-3" }, fedora)).toBe("pkg:rpm/fedora/tiny@1.2-3?arch=noarch&distro=fedora-40");
});
