/** Ways to a registry: through a proxy, with a certificate authority of its own, with credential helpers. */
import { once } from "node:events";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { findProgram } from "../../../engine/process/spawn.ts";
import { certificatesFor } from "../../../engine/registry/certificates.ts";
import { RegistryClient } from "../../../engine/registry/client.ts";
import { credentialsFor } from "../../../engine/registry/credentials.ts";
import { startOwnRegistry } from "../../support/own-registry.ts";
import { programOrSkip, runProgram } from "../../support/programs.ts";
import type { TestRegistry } from "../../support/registry.ts";

let work: string;
beforeAll(() => {
  work = mkdtempSync(join(tmpdir(), "berth-transport-"));
});
afterAll(() => rmSync(work, { recursive: true }));

describe("docker's credential helpers", () => {
  const path = process.env["PATH"];
  const config = () => join(work, "config.json");
  const helper = (name: string, script: string) => {
    const file = join(work, `docker-credential-${name}`);
    writeFileSync(file, `#!/bin/sh\n${script}\n`);
    chmodSync(file, 0o755);
  };
  beforeEach(() => {
    process.env["PATH"] = `${work}:${path}`;
  });
  afterEach(() => {
    process.env["PATH"] = path;
  });

  test("are asked for the registry's name, and Docker Hub by its old one", async () => {
    helper(
      "echo",
      `test "$1" = get || exit 2\nread server\nprintf '{"ServerURL":"%s","Username":"me","Secret":"for %s"}' "$server" "$server"`,
    );
    writeFileSync(config(), JSON.stringify({ credsStore: "echo" }));
    expect(await credentialsFor("reg.test:5000", config())).toEqual({ username: "me", password: "for reg.test:5000" });
    expect(await credentialsFor("docker.io", config())).toEqual({ username: "me", password: "for https://index.docker.io/v1/" });
  });

  test("one for a registry goes before the general one; a token is a token", async () => {
    helper("general", `printf '{"Username":"general","Secret":"g"}'`);
    helper("special", `printf '{"Username":"<token>","Secret":"t"}'`);
    writeFileSync(config(), JSON.stringify({ credsStore: "general", credHelpers: { "reg.test": "special" } }));
    expect(await credentialsFor("reg.test", config())).toEqual({ username: "", password: "", identityToken: "t" });
    expect(await credentialsFor("other.test", config())).toEqual({ username: "general", password: "g" });
  });

  test("one that knows nothing, fails or is not there gives way to the file", async () => {
    helper("empty", "echo credentials not found in native keychain; exit 1");
    const auth = Buffer.from("user:pass:word").toString("base64");
    for (const credsStore of ["empty", "missing", "../../bin/sh"]) {
      writeFileSync(config(), JSON.stringify({ credsStore, auths: { "https://reg.test/v2/": { auth } } }));
      expect(await credentialsFor("reg.test", config())).toEqual({ username: "user", password: "pass:word" });
      expect(await credentialsFor("other.test", config())).toBeUndefined();
    }
  });

  test("one that talks nonsense is named, and what it said is not shown", async () => {
    helper("nonsense", "echo my-secret");
    writeFileSync(config(), JSON.stringify({ credsStore: "nonsense" }));
    const failure = await credentialsFor("reg.test", config()).catch((error: Error) => error);
    expect(failure).toMatchObject({ code: "invalid", message: expect.stringContaining("docker-credential-nonsense") });
    expect(String(failure)).not.toContain("my-secret");
  });

  test("see the user's environment: keys, profiles and agents are there", async () => {
    helper("cloud", `printf '{"Username":"me","Secret":"%s"}' "$CLOUD_PROFILE"`);
    writeFileSync(config(), JSON.stringify({ credsStore: "cloud" }));
    vi.stubEnv("CLOUD_PROFILE", "mine");
    expect(await credentialsFor("reg.test", config())).toEqual({ username: "me", password: "mine" });
    vi.unstubAllEnvs();
  });

  test("a damaged configuration is named; none is nobody", async () => {
    for (const text of ["{", "null", "[]", '{"auths":{"reg.test":{"auth":5}}}', '{"credsStore":5}']) {
      writeFileSync(config(), text);
      await expect(credentialsFor("reg.test", config()), text).rejects.toMatchObject({
        code: "invalid",
        message: expect.stringContaining(config()),
      });
    }
    for (const text of ['{"auths":null}', '{"auths":{"reg.test":null}}', '{"credHelpers":null}']) {
      writeFileSync(config(), text);
      expect(await credentialsFor("reg.test", config()), text).toBeUndefined();
    }
    expect(await credentialsFor("reg.test", join(work, "none.json"))).toBeUndefined();
  });
});

describe("by HTTPS through a proxy", () => {
  let registry: TestRegistry;
  /** What the proxy was asked to connect to. */
  const asked: string[] = [];
  const proxy = createServer((_, response) => void response.writeHead(500).end());
  const tunnels = new Set<Socket>();
  const certificates = () => join(work, "certs.d");
  const client = (domain = "registry.test:8443") => new RegistryClient({ domain, path: "x", tag: "1" }, { certificates: certificates() });
  /** Registries with certificates that are wrong, by the names that they are asked for by. */
  const others = new Map<string, TestRegistry>();

  beforeAll(async () => {
    const openssl = findProgram("openssl");
    if (!openssl) return; // the tests say so
    makeAuthority(openssl, work);
    registry = await startOwnRegistry({ tls: { key: read("server.key"), cert: read("server.crt"), clients: read("ca.crt") } });
    // It knows the registries of this test by name.
    proxy.on("connect", (request, socket) => {
      asked.push(request.url ?? "");
      const [host, port] = (others.get(request.url ?? "") ?? registry).host.split(":");
      const target = connect(Number(port), host, () => {
        socket.write("HTTP/1.1 200 OK\r\n\r\n");
        target.pipe(socket);
        socket.pipe(target);
      });
      for (const each of [target, socket as Socket]) tunnels.add(each.on("error", () => {}));
    });
    proxy.listen(0, "127.0.0.1");
    await once(proxy, "listening");
    process.env["HTTPS_PROXY"] = `http://127.0.0.1:${(proxy.address() as { port: number }).port}`;
  });
  beforeEach((context) => void programOrSkip(context, "openssl"));
  afterAll(async () => {
    delete process.env["HTTPS_PROXY"];
    for (const each of tunnels) each.destroy();
    proxy.close();
    for (const each of [registry, ...others.values()]) await each?.[Symbol.asyncDispose]();
  });

  test("a registry with an authority that nobody knows is refused, with the place to put it", async () => {
    await expect(client().call("tags/list")).rejects.toMatchObject({
      code: "registry",
      hint: expect.stringContaining("certs.d/registry.test:8443"),
    });
    expect(asked).toContain("registry.test:8443");
  });

  test("its authority and this client's certificate are found in certs.d", async () => {
    const directory = join(certificates(), "registry.test:8443");
    mkdirSync(directory, { recursive: true });
    writeFileSync(join(directory, "ca.crt"), read("ca.crt"));
    writeFileSync(join(directory, "client.cert"), read("client.crt"));
    writeFileSync(join(directory, "client.key"), read("client.key"));
    const response = await client().call("tags/list");
    expect(response.status).toBe(404);
    expect(await response.text()).toContain("NAME_UNKNOWN");
  });

  test.each([
    ["expired.test:443", "one that has expired", "CERT_HAS_EXPIRED"],
    ["other.test:443", "one for another name", "ERR_TLS_CERT_ALTNAME_INVALID"],
    ["self.test:443", "one that vouches for itself", "DEPTH_ZERO_SELF_SIGNED_CERT"],
    ["stranger.test:443", "one of an authority that nobody knows", "UNABLE_TO_VERIFY_LEAF_SIGNATURE"],
  ])("%s, %s, is refused before anything is sent", async (domain, _, code) => {
    const [name = ""] = domain.split(":");
    const openssl = findProgram("openssl") as string;
    makeCertificate(openssl, work, name, { self: name === "self.test", stranger: name === "stranger.test" });
    const bad = await startOwnRegistry({ tls: { key: read(`${name}.key`), cert: read(`${name}.crt`) } });
    others.set(domain, bad);
    const directory = join(certificates(), domain);
    mkdirSync(directory, { recursive: true });
    writeFileSync(join(directory, "ca.crt"), read("ca.crt"));
    await expect(client(domain).call("tags/list")).rejects.toMatchObject({
      code: "registry",
      message: expect.stringContaining(`cannot reach "${name}"`),
      hint: expect.stringMatching(/certs\.d/),
      details: { code },
    });
    expect(bad.log()).toBe("");
    // Whoever says so is let in all the same.
    const insecure = new RegistryClient({ domain, path: "x", tag: "1" }, { insecure: true, certificates: certificates() });
    expect((await insecure.call("tags/list")).status).toBe(404);
  });

  test("a registry that wants a certificate of this client's ends the connection of one without", async () => {
    const wanting = await startOwnRegistry({ tls: { key: read("server.key"), cert: read("server.crt"), clients: read("ca.crt") } });
    others.set("registry.test:9443", wanting);
    const directory = join(certificates(), "registry.test:9443");
    mkdirSync(directory, { recursive: true });
    writeFileSync(join(directory, "ca.crt"), read("ca.crt"));
    await expect(client("registry.test:9443").call("tags/list")).rejects.toMatchObject({ code: "registry" });
    expect(wanting.log()).toBe("");
  });

  test("a certificate without its key is named", () => {
    const directory = join(work, "half", "reg.test");
    mkdirSync(directory, { recursive: true });
    writeFileSync(join(directory, "client.cert"), read("client.crt"));
    expect(() => certificatesFor("reg.test", join(work, "half"))).toThrow(/client\.key/);
    expect(certificatesFor("other.test", join(work, "half"))).toEqual({});
  });

  function read(name: string): string {
    return runProgram("cat", [join(work, name)]);
  }
});

const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];

/** ca, server (for registry.test) and client certificates, valid for a day, in `directory`. */
function makeAuthority(openssl: string, directory: string): void {
  for (const name of ["ca", "stranger"]) makeSelfSigned(openssl, directory, name, `/CN=test authority ${name}`);
  makeCertificate(openssl, directory, "server", { common: "registry.test" });
  makeCertificate(openssl, directory, "client");
}

function makeSelfSigned(openssl: string, directory: string, name: string, subject: string, ...more: string[]): void {
  const files = ["-keyout", join(directory, `${name}.key`), "-out", join(directory, `${name}.crt`)];
  runProgram(openssl, ["req", "-x509", ...key, ...files, "-days", "1", "-subj", subject, ...more]);
}

/** One for the name, by the authority `ca` unless it is of another kind; that of expired.test has expired, that of other.test is another's. */
function makeCertificate(
  openssl: string,
  directory: string,
  name: string,
  { common = name === "other.test" ? "else.test" : name, self = false, stranger = false } = {},
): void {
  const at = (file: string) => join(directory, file);
  if (self) {
    makeSelfSigned(openssl, directory, name, `/CN=${common}`, "-addext", `subjectAltName=DNS:${common}`);
    return;
  }
  writeFileSync(at("names"), `subjectAltName=DNS:${common}\n`);
  runProgram(openssl, ["req", ...key, "-keyout", at(`${name}.key`), "-out", at(`${name}.csr`), "-subj", `/CN=${common}`]);
  const by = stranger ? "stranger" : "ca";
  const days = name === "expired.test" ? "-1" : "1";
  const authority = ["-CA", at(`${by}.crt`), "-CAkey", at(`${by}.key`), "-CAcreateserial", "-days", days, "-extfile", at("names")];
  runProgram(openssl, ["x509", "-req", "-in", at(`${name}.csr`), ...authority, "-out", at(`${name}.crt`)]);
}
