/**
 * A registry of our own (OCI distribution-spec v1.1, what berth uses of it), in this process and in memory: for machines
 * without docker-registry, and for what that one does not do by itself (TLS with a given certificate). The tests of
 * push and pull run against both.
 */
import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { buffer } from "node:stream/consumers";
import type { TestRegistry } from "./registry.ts";

export interface OwnRegistryOptions {
  /** It is of the time of OCI 1.0: what says that it is no image is refused. */
  withoutArtifacts?: boolean;
  /** Only user:secret is let in. */
  password?: boolean;
  /** PEM; with it the registry speaks HTTPS, and with `clients` only to those with a certificate of that authority. */
  tls?: { key: string; cert: string; clients?: string };
}

interface Repository {
  blobs: Map<string, Buffer>;
  /** By tag and by digest. */
  manifests: Map<string, { body: Buffer; type: string }>;
  uploads: Map<string, Buffer[]>;
}

interface Call {
  request: IncomingMessage;
  response: ServerResponse;
  url: URL;
  repository: Repository;
  name: string;
  /** What follows blobs/, uploads/ or manifests/. */
  rest: string;
}

export async function startOwnRegistry(options: OwnRegistryOptions = {}): Promise<TestRegistry> {
  const repositories = new Map<string, Repository>();
  const lines: string[] = [];
  const serve = (request: IncomingMessage, response: ServerResponse) => {
    lines.push(`${request.method} ${request.url}`);
    // A client that went away in the middle gets no answer.
    answer(request, response, repositories, options).catch(() => response.destroy());
  };
  const { tls } = options;
  const server = tls
    ? createTlsServer(
        { key: tls.key, cert: tls.cert, ...(tls.clients && { requestCert: true, rejectUnauthorized: true, ca: tls.clients }) },
        serve,
      )
    : createServer(serve);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    host: `127.0.0.1:${(server.address() as { port: number }).port}`,
    log: () => lines.join("\n"),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

const digestOf = (bytes: Buffer) => `sha256:${createHash("sha256").update(bytes).digest("hex")}`;

function refuse(response: ServerResponse, status: number, code: string, message = code.toLowerCase().replaceAll("_", " ")): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify({ errors: [{ code, message }] }));
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  repositories: Map<string, Repository>,
  options: OwnRegistryOptions,
): Promise<void> {
  const url = new URL(request.url ?? "/", `http://${request.headers.host}`);
  const wanted = `Basic ${Buffer.from("user:secret").toString("base64")}`;
  if (options.password && request.headers.authorization !== wanted) {
    response.setHeader("www-authenticate", 'Basic realm="test"');
    return refuse(response, 401, "UNAUTHORIZED");
  }
  const [, name = "", kind = "", rest = ""] =
    /^\/v2\/(.+?)\/(blobs\/uploads|blobs|manifests|tags|referrers)\/(.*)$/.exec(url.pathname) ?? [];
  if (!kind) {
    response.writeHead(url.pathname === "/v2/" ? 200 : 404).end();
    return;
  }
  const empty: Repository = { blobs: new Map(), manifests: new Map(), uploads: new Map() };
  const repository = repositories.get(name) ?? empty;
  if (request.method !== "GET" && request.method !== "HEAD") repositories.set(name, repository);
  const call = { request, response, url, repository, name, rest };
  if (kind === "tags") return answerTags(call, repositories.has(name));
  if (kind === "referrers") return answerReferrers(call);
  if (kind === "manifests") return await answerManifest(call, options);
  return kind === "blobs" ? answerBlob(call) : await answerUpload(call, repositories);
}

function answerTags({ response, repository, name }: Call, known: boolean): void {
  if (!known) {
    refuse(response, 404, "NAME_UNKNOWN");
    return;
  }
  const tags = [...repository.manifests.keys()].filter((key) => !key.includes(":")).sort();
  response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ name, tags }));
}

async function answerManifest({ request, response, repository, rest }: Call, { withoutArtifacts }: OwnRegistryOptions): Promise<void> {
  if (request.method === "PUT") {
    const body = await buffer(request);
    if (withoutArtifacts && "artifactType" in JSON.parse(body.toString())) return refuse(response, 400, "MANIFEST_INVALID");
    const manifest = { body, type: request.headers["content-type"] ?? "" };
    const digest = digestOf(body);
    if (!hasAll(repository, body)) return refuse(response, 404, "MANIFEST_BLOB_UNKNOWN");
    for (const key of [rest, digest]) repository.manifests.set(key, manifest);
    const subject = subjectOf(body);
    response.writeHead(201, { "docker-content-digest": digest, ...(subject && { "oci-subject": subject }) }).end();
    return;
  }
  const found = repository.manifests.get(rest);
  if (!found) return refuse(response, 404, "MANIFEST_UNKNOWN");
  const { body, type } = found;
  response.writeHead(200, { "content-type": type, "docker-content-digest": digestOf(body), "content-length": body.length });
  response.end(request.method === "HEAD" ? undefined : body);
}

function subjectOf(body: Buffer): string | undefined {
  return (JSON.parse(body.toString()) as { subject?: { digest: string } }).subject?.digest;
}

/** distribution-spec, "Listing Referrers" */
function answerReferrers({ response, repository, rest }: Call): void {
  const manifests = [...repository.manifests]
    .filter(([key, { body }]) => key.includes(":") && subjectOf(body) === rest)
    .map(([digest, { body, type }]) => ({ mediaType: type, digest, size: body.length }));
  const mediaType = "application/vnd.oci.image.index.v1+json";
  response.writeHead(200, { "content-type": mediaType }).end(JSON.stringify({ schemaVersion: 2, mediaType, manifests }));
}

/** What a manifest names are blobs, what an index names are manifests. */
function hasAll({ blobs, manifests }: Repository, body: Buffer): boolean {
  type Named = { digest: string };
  const parsed = JSON.parse(body.toString()) as { config: Named; layers: Named[]; manifests?: Named[] };
  if (parsed.manifests) return parsed.manifests.every(({ digest }) => manifests.has(digest));
  return [parsed.config, ...parsed.layers].every(({ digest }) => blobs.has(digest));
}

function answerBlob({ request, response, repository, rest }: Call): void {
  const blob = repository.blobs.get(rest);
  if (!blob) {
    refuse(response, 404, "BLOB_UNKNOWN");
    return;
  }
  if (request.method === "DELETE") {
    repository.blobs.delete(rest);
    response.writeHead(202).end();
    return;
  }
  const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1] ?? 0);
  const part = blob.subarray(from);
  const range = from > 0 ? { "content-range": `bytes ${from}-${blob.length - 1}/${blob.length}` } : {};
  response.writeHead(from > 0 ? 206 : 200, { "content-length": part.length, ...range });
  response.end(request.method === "HEAD" ? undefined : part);
}

async function answerUpload(call: Call, repositories: Map<string, Repository>): Promise<void> {
  const { request, response, url, repository, name, rest } = call;
  if (request.method === "POST") {
    const mounted = repositories.get(url.searchParams.get("from") ?? "")?.blobs.get(url.searchParams.get("mount") ?? "");
    if (mounted) repository.blobs.set(digestOf(mounted), mounted);
    const id = String(Math.random()).slice(2);
    if (!mounted) repository.uploads.set(id, []);
    response.writeHead(mounted ? 201 : 202, { location: `/v2/${name}/blobs/${mounted ? digestOf(mounted) : `uploads/${id}`}` }).end();
    return;
  }
  const parts = repository.uploads.get(rest);
  if (!parts) return refuse(response, 404, "BLOB_UPLOAD_UNKNOWN");
  if (request.method === "DELETE") {
    repository.uploads.delete(rest);
    response.writeHead(204).end();
    return;
  }
  parts.push(await buffer(request));
  if (request.method === "PATCH") {
    response.writeHead(202, { location: url.pathname }).end();
    return;
  }
  const blob = Buffer.concat(parts);
  const digest = digestOf(blob);
  if (digest !== url.searchParams.get("digest")) return refuse(response, 400, "DIGEST_INVALID");
  repository.uploads.delete(rest);
  repository.blobs.set(digest, blob);
  response.writeHead(201, { "docker-content-digest": digest }).end();
}
