/** Signing in a registry and verifying there, each format: added to what is there, of the digest whatever the tag does, seen through when tampered with. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findProgram } from "../../../engine/process/spawn.ts";
import { readCertificates } from "../../../engine/trust/certificates.ts";
import { readSigner, type Signer } from "../../../engine/trust/keys.ts";
import { type SigningFormat, signImage } from "../../../engine/trust/sign.ts";
import { verifyImage } from "../../../engine/trust/verify.ts";
import { finish } from "../../support/engine.ts";
import { startOwnRegistry } from "../../support/own-registry.ts";
import { startDockerRegistry, type TestRegistry } from "../../support/registry.ts";
import { describe as descriptorOf, pushImage, type ServerScene, startServer, types } from "../registry/server/scene.ts";
import { authority, textOf, wanted } from "./scene.ts";

let server: ServerScene;
let release: Signer;
let other: Signer;
beforeAll(async () => {
  server = await startServer();
  release = await readSigner(textOf("leaf.pem"), "release", async () => "");
  const { generateKeyPairSync } = await import("node:crypto");
  other = await readSigner(
    generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    "other",
    async () => "",
  );
});
afterAll(() => server[Symbol.asyncDispose]());

const certificates = readCertificates(`${textOf("leaf.crt")}${textOf("root.crt")}`, "chain");
const by = (...signers: Signer[]) => wanted(signers.map(({ key }) => ({ name: key.name, kind: "key" as const, key })));
const sign = (ref: string, signer: Signer, formats: SigningFormat[], more: object = {}) =>
  finish(signImage(ref, { signer, formats, certificates, ...more }));

describe("each format", () => {
  test.each(["simple", "bundle", "notation"] as const)("%s", async (format) => {
    const { digest } = await pushImage(server, format, "1");
    const ref = `${server.host}/${format}:1`;
    expect(await verifyImage(ref, by(release))).toMatchObject({ Verified: false, Digest: digest, Signatures: [] });
    const signed = await sign(ref, release, [format], { annotations: { build: "7" } });
    expect(signed).toMatchObject({
      Reference: `${server.host}/${format}@${digest}`,
      Digest: digest,
      Signatures: [{ Digest: digest, Format: format }],
    });
    expect(await verifyImage(ref, by(release))).toMatchObject({
      ...{ Verified: true, SignedBy: ["release"] },
      Signatures: [{ Format: format, Annotations: { build: "7" }, Problem: "", KeyId: release.key.id }],
    });
    expect(await verifyImage(ref, by(other))).toMatchObject({ Verified: false, SignedBy: [], Signatures: [{ SignedBy: [] }] });
  });

  test("notation needs the signer's own certificate, and a key that it knows", async () => {
    await pushImage(server, "unfit", "1");
    const ref = `${server.host}/unfit:1`;
    await expect(sign(ref, release, ["notation"], { certificates: [] })).rejects.toMatchObject({ code: "usage" });
    await expect(sign(ref, other, ["notation"])).rejects.toThrow('the first certificate is not that of the key "other"');
    await sign(ref, release, ["notation"]);
    expect(await verifyImage(ref, wanted([authority("CN=Release,*")]))).toMatchObject({ Verified: true });
    expect(await verifyImage(ref, wanted([authority("CN=Others,*")]))).toMatchObject({ Verified: false });
  });

  test("an index with all that it names", async () => {
    const { digest, size } = await pushImage(server, "index", "part");
    const index = { schemaVersion: 2, mediaType: types.index, manifests: [{ mediaType: types.manifest, digest, size }] };
    await server.pushManifest("index", "1", index, types.index);
    const ref = `${server.host}/index:1`;
    const { Signatures } = await sign(ref, release, ["bundle", "simple"], { recursive: true });
    const top = descriptorOf(JSON.stringify(index), types.index).digest;
    expect(Signatures.map(({ Digest, Format }) => [Digest, Format])).toEqual([
      ...[
        [top, "bundle"],
        [top, "simple"],
      ],
      ...[
        [digest, "bundle"],
        [digest, "simple"],
      ],
    ]);
    for (const each of [ref, `${server.host}/index@${digest}`])
      expect(await verifyImage(each, by(release))).toMatchObject({ Verified: true });
  });

  test("what is no image can be signed, too", async () => {
    await server.pushBlob("artifact", "{}");
    const config = { ...descriptorOf("{}", "application/vnd.docker.compose.project"), size: 2 };
    await server.pushManifest("artifact", "1", { schemaVersion: 2, mediaType: types.manifest, config, layers: [config] });
    await sign(`${server.host}/artifact:1`, release, ["bundle", "simple"]);
    expect(await verifyImage(`${server.host}/artifact:1`, by(release))).toMatchObject({ Verified: true });
  });
});

describe("signatures of several", () => {
  test("many who sign at once lose none", async () => {
    await pushImage(server, "crowd", "1");
    const ref = `${server.host}/crowd:1`;
    const builds = Array.from({ length: 8 }, (_, at) => String(at));
    await Promise.all(builds.map((build) => sign(ref, release, ["simple"], { annotations: { build } })));
    const { Signatures } = await verifyImage(ref, by(release));
    expect(Signatures.map(({ Annotations }) => Annotations["build"]).sort()).toEqual(builds);
  });

  test("two of three", async () => {
    await pushImage(server, "two", "1");
    const ref = `${server.host}/two:1`;
    const third = { ...other, key: { ...other.key, name: "again" } };
    const ask = async () => (await verifyImage(ref, { ...by(release, other, third), atLeast: 2 })).Verified;
    await sign(ref, other, ["simple", "bundle"]);
    expect(await ask()).toBe(false);
    await sign(ref, release, ["simple"]);
    expect(await ask()).toBe(true);
  });
});

describe("whoever has the registry", () => {
  test("moves the tag: the digest is what was signed", async () => {
    const { digest } = await pushImage(server, "moved", "1");
    const ref = `${server.host}/moved:1`;
    await sign(ref, release, ["simple", "bundle"]);
    const { layer, config } = await pushImage(server, "moved", "2");
    await server.pushManifest("moved", "1", {
      ...{ schemaVersion: 2, mediaType: types.manifest, config: { mediaType: types.config, digest: config, size: 17 } },
      layers: [{ mediaType: types.layer, digest: layer, size: 10 }],
    });
    expect(await verifyImage(ref, by(release))).toMatchObject({ Verified: false, Signatures: [] });
    expect(await verifyImage(`${server.host}/moved@${digest}`, by(release))).toMatchObject({ Verified: true });
  });

  test("puts a signature of one image at another", async () => {
    const good = await pushImage(server, "swapped", "good");
    const evil = await pushImage(server, "swapped", "evil");
    await sign(`${server.host}/swapped:good`, release, ["simple", "bundle"]);
    const get = async (name: string) =>
      (await server.call("GET", `/v2/swapped/manifests/${name}`)).json as { config: object; layers: object[] };
    await server.pushManifest("swapped", `${evil.digest.replace(":", "-")}.sig`, await get(`${good.digest.replace(":", "-")}.sig`));
    const { json } = await server.call("GET", `/v2/swapped/referrers/${good.digest}`);
    const bundle = await get((json as { manifests: { digest: string }[] }).manifests[0]!.digest);
    const swapped = { ...bundle, subject: { mediaType: types.manifest, digest: evil.digest, size: evil.size } };
    await server.pushManifest("swapped", descriptorOf(JSON.stringify(swapped), types.manifest).digest, swapped);
    const { Verified, Signatures } = await verifyImage(`${server.host}/swapped:evil`, by(release));
    expect([Verified, Signatures.map(({ Problem }) => Problem)]).toEqual([false, Array(2).fill(`it is of ${good.digest}`)]);
  });

  test("fills the tag with what is no signature", async () => {
    const { digest } = await pushImage(server, "junk", "1");
    await pushImage(server, "junk", `${digest.replace(":", "-")}.att`);
    expect(await verifyImage(`${server.host}/junk:1`, by(release))).toMatchObject({ Verified: false, Signatures: [] });
  });
});

const kinds: Record<string, { start: () => Promise<TestRegistry>; program?: string }> = {
  "docker-registry": { start: startDockerRegistry, program: "docker-registry" },
  "a registry that knows no conditions": { start: startOwnRegistry },
};

describe.each(Object.keys(kinds))("%s", (kind) => {
  test("keeps signatures of every format, one after the other", async (context) => {
    const { start, program } = kinds[kind]!;
    if (program && !findProgram(program)) context.skip(`needs the program ${program}`);
    await using registry = await start();
    const { RegistryClient } = await import("../../../engine/registry/client.ts");
    const { putManifest, uploadBytes } = await import("../../../engine/registry/upload.ts");
    const client = new RegistryClient({ domain: registry.host, path: "app", tag: "1" }, { actions: "pull,push" });
    await uploadBytes(client, Buffer.from("{}"));
    const config = descriptorOf("{}", types.config);
    await putManifest(client, "1", types.manifest, JSON.stringify({ schemaVersion: 2, mediaType: types.manifest, config, layers: [] }));
    const ref = `${registry.host}/app:1`;
    for (const signer of [release, other]) await sign(ref, signer, ["simple", "bundle"]);
    await sign(ref, release, ["notation"]);
    const { Signatures } = await verifyImage(ref, by(release, other));
    expect(Signatures.map(({ Format, SignedBy, Problem }) => [Format, SignedBy, Problem])).toEqual([
      ...[
        ["simple", ["release"], ""],
        ["simple", ["other"], ""],
      ],
      ...[
        ["bundle", ["release"], ""],
        ["bundle", ["other"], ""],
        ["notation", ["release"], ""],
      ],
    ]);
  });
});
