/** The line to a host, as far as it is pure: addresses, ssh's words, versions, what answers mean and what they must be. */
import { describe, expect, test } from "vitest";
import { parseAddress } from "../../../engine/remote/link/address.ts";
import { failure, unreachable } from "../../../engine/remote/link/failure.ts";
import { namePath } from "../../../engine/remote/link/link.ts";
import { sshArguments } from "../../../engine/remote/link/ssh.ts";
import { complete, MapOf } from "../../../engine/remote/link/template.ts";
import { negotiate } from "../../../engine/remote/link/versions.ts";

describe("addresses", () => {
  test.each([
    ["unix:///run/docker.sock", { kind: "unix", path: "/run/docker.sock" }],
    ["tcp://10.0.0.1:2375", { kind: "tcp", host: "10.0.0.1", port: 2375, tls: false }],
    ["tcp://host", { kind: "tcp", host: "host", port: 2375, tls: false }],
    ["tcp://[::1]:1234/", { kind: "tcp", host: "::1", port: 1234, tls: false }],
    ["https://host", { kind: "tcp", host: "host", port: 2376, tls: true }],
    ["host:2375", { kind: "tcp", host: "host", port: 2375, tls: false }],
    ["ssh://me@host:2222", { kind: "ssh", user: "me", host: "host", port: 2222 }],
    ["ssh://host", { kind: "ssh", host: "host" }],
    ["ssh://host/run/user/1000/docker.sock", { kind: "ssh", host: "host", path: "/run/user/1000/docker.sock" }],
  ])("%s", (text, address) => {
    expect(parseAddress(text)).toEqual(address);
  });

  test("a port that is entered by TLS is another one", () => {
    expect(parseAddress("tcp://host", true)).toEqual({ kind: "tcp", host: "host", port: 2376, tls: true });
  });

  test.each([
    "",
    "nothing",
    "unix://relative",
    "tcp://",
    "tcp://host:99999",
    "tcp://a/b",
    "npipe:////./pipe/x",
    "ssh://",
    "ssh://me:secret@host",
  ])("%j is refused", (text) => {
    expect(() => parseAddress(text)).toThrow(expect.objectContaining({ code: "usage" }));
  });

  test("nothing of an address is a flag of ssh's", () => {
    for (const text of ["ssh://-oProxyCommand=x", "ssh://-l@host", "ssh://me@-oProxyCommand=x"])
      expect(() => parseAddress(text)).toThrow(expect.objectContaining({ code: "usage" }));
    const words = sshArguments({ kind: "ssh", host: "host", user: "me", port: 22 }, "docker", { control: "/tmp/c/%C" });
    expect(words.slice(words.indexOf("--"))).toEqual(["--", "host", "docker", "system", "dial-stdio"]);
    expect(words).toEqual(expect.arrayContaining(["-l", "me", "-p", "22", "BatchMode=yes", "ControlMaster=auto", "ControlPath=/tmp/c/%C"]));
    expect(sshArguments({ kind: "ssh", host: "host" }, "docker", { asks: true })).not.toContain("BatchMode=yes");
    expect(sshArguments({ kind: "ssh", host: "host", path: "/it's" }, "docker").slice(-4)).toEqual([
      "-H",
      `'unix:///it'\\''s'`,
      "system",
      "dial-stdio",
    ]);
  });

  test("names are parts of a path, whatever is in them", () => {
    expect(namePath("host:5000/a/b:1@sha256:ab")).toBe("host:5000/a/b:1@sha256:ab");
    expect(namePath("a/../b?x#y")).toBe("a/../b%3Fx%23y");
  });
});

describe("versions", () => {
  const headers = (version: string, server = "Docker/20.10.24 (linux)") => ({ "api-version": version, server });

  test("the newest that both know", () => {
    expect(negotiate(headers("1.41"))).toMatchObject({ kind: "docker", version: "1.41", api: 141 });
    expect(negotiate(headers("1.99"))).toMatchObject({ version: "1.51" });
    expect(negotiate(headers("1.41", "Libpod/4.3.1 (linux)"))).toMatchObject({ kind: "podman" });
    expect(negotiate(headers("1.51", "Docker/1 (linux; berth; 6.1)"))).toMatchObject({ kind: "berth" });
    expect(negotiate({})).toMatchObject({ version: "1.24" });
    expect(negotiate(headers("1.41"), "1.30")).toMatchObject({ version: "1.30" });
  });

  test("one that is too old is said so", () => {
    expect(() => negotiate(headers("1.12"))).toThrow(expect.objectContaining({ code: "unsupported" }));
  });
});

describe("what an answer means", () => {
  test.each([
    [404, "No such container: x", "not-found"],
    [404, 'no such path "/executable file not found"', "command-not-found"],
    [409, "Container x is not running", "not-running"],
    [409, "You cannot remove a running container x. Stop the container before attempting removal or force remove", "conflict"],
    [409, 'Conflict. The container name "/x" is already in use by container "y".', "conflict"],
    [409, "conflict: unable to remove repository reference (must force) - container a is using its referenced image b", "in-use"],
    [409, "remove v: volume is in use - [a]", "in-use"],
    [500, "Container x is not paused", "conflict"],
    [403, "bridge is a pre-defined network and cannot be removed", "conflict"],
    [400, 'OCI runtime create failed: exec: "x": executable file not found in $PATH: unknown', "command-not-found"],
    [400, 'OCI runtime create failed: exec: "/x": stat /x: no such file or directory', "command-not-found"],
    [500, "driver failed: Bind for 0.0.0.0:80 failed: port is already allocated", "port-in-use"],
    [500, "pull access denied for x, repository does not exist or may require 'docker login'", "registry-auth"],
    [500, 'the registry "r:5000" denies access: it wants a user name and a password, and there are none', "registry-auth"],
    [500, "access to \"r:5000/x\" is denied: the repository does not exist or needs 'berth login'", "registry-auth"],
    [500, "denied: requested access to the resource is denied", "registry-auth"],
    [500, "no basic auth credentials", "registry-auth"],
    [400, "invalid filter 'x'", "invalid"],
    [501, "no", "unsupported"],
    [500, "boom", "system"],
  ])("%i %s", (status, message, code) => {
    expect(failure(status, message, "unix:///x")).toMatchObject({ code, message });
  });

  test("one without words says where it came from", () => {
    expect(failure(500, "", "unix:///x").message).toBe('"unix:///x" answers with status 500');
  });

  test("no answer at all has a reason and a remedy", () => {
    for (const code of ["ENOENT", "ECONNREFUSED", "ETIMEDOUT", "CERT_HAS_EXPIRED", "HPE_INVALID_CONSTANT", "ESSH"])
      expect(unreachable(Object.assign(new Error("x"), { code }), "tcp://h")).toMatchObject({
        code: "network",
        message: expect.stringContaining("tcp://h"),
        hint: expect.stringMatching(/\w/),
      });
  });
});

describe("what an answer must be", () => {
  const example = { Name: "", Count: 0, Tags: [""], Labels: new MapOf(""), Inner: { On: false } };

  test("what is missing, or null, is there all the same; what is more stays", () => {
    expect(complete(example, { Name: "x", Tags: null, Extra: [1] }, "it")).toEqual({
      ...{ Name: "x", Count: 0, Tags: [], Labels: {}, Inner: { On: false } },
      Extra: [1],
    });
  });

  test.each([
    [{ Name: 5 }, "it.Name is a number"],
    [{ Tags: "x" }, "it.Tags is a string"],
    [{ Tags: [5] }, "it.Tags[0] is a number"],
    [{ Labels: { a: [] } }, "it.Labels.a is a list"],
    [{ Inner: [] }, "it.Inner is a list"],
    [[], "it is a list"],
    ["x", "it is a string"],
  ])("%j is none", (value, message) => {
    expect(() => complete(example, value, "it")).toThrow(message);
  });
});
