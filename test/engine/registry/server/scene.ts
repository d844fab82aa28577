/** A registry of berth's on a loopback port, in a directory of its own, and a client that says what it sends. */
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { type IncomingHttpHeaders, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { expect } from "vitest";
import { type Access, type RegistryServerOptions, serveRegistry } from "../../../../engine/registry/server/server.ts";
import { type DirectoryOptions, openDirectory } from "../../../../engine/registry/server/storage/directory.ts";
import type { RegistryStorage } from "../../../../engine/registry/server/storage/storage.ts";
import { eventually } from "../../../support/eventually.ts";
import type { TestRegistry } from "../../../support/registry.ts";

export interface Reply {
  status: number;
  headers: IncomingHttpHeaders;
  body: Buffer;
  /** The body as JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look at shapes that no type describes
  json: any;
  /** Codes of its errors. */
  codes: string[];
}

export interface ServerScene extends TestRegistry {
  root: string;
  storage: RegistryStorage;
  access: Access[];
  call(method: string, path: string, body?: Uint8Array | string, headers?: Record<string, string>): Promise<Reply>;
  /** In one request. @returns its digest */
  pushBlob(name: string, bytes: Uint8Array | string, algorithm?: string): Promise<string>;
  pushManifest(name: string, reference: string, document: object, type?: string): Promise<Reply>;
}

export const digestOf = (bytes: Uint8Array | string, algorithm = "sha256") =>
  `${algorithm}:${createHash(algorithm).update(bytes).digest("hex")}`;

export const types = {
  manifest: "application/vnd.oci.image.manifest.v1+json",
  index: "application/vnd.oci.image.index.v1+json",
  config: "application/vnd.oci.image.config.v1+json",
  layer: "application/vnd.oci.image.layer.v1.tar+gzip",
};

export const describe = (bytes: Uint8Array | string, mediaType: string) => ({
  mediaType,
  digest: digestOf(bytes),
  size: Buffer.byteLength(bytes),
});

/** @param root a directory that outlives it; else one of its own */
export async function startServer(
  options: { root?: string; server?: Partial<RegistryServerOptions>; storage?: Partial<DirectoryOptions> } = {},
): Promise<ServerScene> {
  const root = options.root ?? mkdtempSync(join(tmpdir(), "berth-registry-server-"));
  const storage = await openDirectory({ root, uploadExpiry: 60_000, ...options.storage });
  const access: Access[] = [];
  const address = { kind: "tcp", host: "127.0.0.1", port: 0 } as const;
  const listener = await serveRegistry({ address, storage, log: (each) => access.push(each), ...options.server });
  const host = listener.url.slice("tcp://".length);
  const call = (method: string, path: string, body?: Uint8Array | string, headers: Record<string, string> = {}) =>
    ask(`http://${host}`, { method, path, body, headers });
  return {
    ...{ host, root, storage, access, call },
    log: () => access.map(({ method, path }) => `${method} ${path}`).join("\n"),
    async pushBlob(name, bytes, algorithm) {
      const digest = digestOf(bytes, algorithm);
      const { status } = await call("POST", `/v2/${name}/blobs/uploads/?digest=${digest}`, bytes);
      if (status !== 201) throw new Error(`the blob was answered with ${status}`);
      return digest;
    },
    pushManifest: (name, reference, document, type = types.manifest) =>
      call("PUT", `/v2/${name}/manifests/${reference}`, JSON.stringify(document), { "content-type": type }),
    [Symbol.asyncDispose]: async () => {
      await listener.close(0);
      await eventually(() => expect(listener.busy).toBe(0)); // who was broken off may be writing still
      await storage[Symbol.asyncDispose]();
      if (options.root === undefined) rmSync(root, { recursive: true, force: true });
    },
  };
}

interface Asked {
  method: string;
  path: string;
  body?: Uint8Array | string | undefined;
  headers: Record<string, string>;
}

/** The path goes as it is: fetch would tidy it up. */
export async function ask(origin: string, { method, path, body, headers }: Asked): Promise<Reply> {
  const sent = request(origin, { method, path, headers, agent: false });
  sent.end(body);
  const [response] = await once(sent, "response");
  const whole = await buffer(response);
  const json = () => JSON.parse(whole.toString());
  return {
    ...{ status: response.statusCode, headers: response.headers, body: whole },
    get json() {
      return json();
    },
    get codes() {
      return json().errors.map(({ code }: { code: string }) => code);
    },
  };
}

/** An image of one layer, pushed. */
export async function pushImage(server: ServerScene, name: string, reference: string, more: object = {}) {
  const [config, layer] = [`{"for":"${name}:${reference}"}`, `layer of ${reference}`];
  await server.pushBlob(name, config);
  await server.pushBlob(name, layer);
  const document = {
    ...{ schemaVersion: 2, mediaType: types.manifest, config: describe(config, types.config), layers: [describe(layer, types.layer)] },
    ...more,
  };
  const reply = await server.pushManifest(name, reference, document);
  const digest = digestOf(JSON.stringify(document));
  return { reply, digest, config: digestOf(config), layer: digestOf(layer), size: JSON.stringify(document).length };
}
