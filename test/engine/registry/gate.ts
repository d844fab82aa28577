/**
 * A gate in front of a registry, for what the real one does not do by itself: Bearer tokens, redirects to a storage
 * host, broken connections, wrong bytes. Everything it lets through is the real registry's.
 */

import { once } from "node:events";
import { createServer, request as forward, type IncomingMessage, type ServerResponse } from "node:http";

export interface GateOptions {
  /** Ask for Bearer tokens; with a password, give them only to user:secret. */
  tokens?: { password?: boolean };
  /** Answer blob requests by redirecting to the storage host. */
  redirectBlobs?: boolean;
  /** Break the connection of the n-th blob request (from 1) after so many bytes. */
  breakAfter?: Record<number, number>;
  /** Ignore Range headers. */
  noRanges?: boolean;
  /** Flip a byte of every blob that is longer than this. */
  corruptOver?: number;
  /** Answer this status so many times before anything else on blobs, or on all but the first. */
  fail?: { status: number; times: number };
  /** Let no blob but the first (the config) through until `release` is called. */
  holdLayers?: boolean;
  failLayers?: { status: number; times: number };
}

export interface Gate extends AsyncDisposable {
  host: string;
  /** "METHOD path (authorization scheme or -)" of each request to the registry and, behind "storage ", to the storage host. */
  requests: string[];
  /** How many requests `holdLayers` holds. */
  held(): number;
  release(): void;
}

const token = "the-token";

export async function openGate(registry: string, options: GateOptions): Promise<Gate> {
  const requests: string[] = [];
  let blobs = 0;
  /** Path of the config's blob. */
  let first = "";
  const waiting: (() => void)[] = [];
  let holds = options.holdLayers === true;
  let failures = options.fail?.times ?? 0;
  let layerFailures = options.failLayers?.times ?? 0;
  const pass = (request: IncomingMessage, response: ServerResponse, broken?: number) => {
    const { authorization: _, host: __, ...headers } = request.headers;
    if (options.noRanges) delete headers.range;
    const isBlob = /\/blobs\/sha256:/.test(request.url ?? "") && request.method === "GET";
    const out = forward(
      {
        host: "127.0.0.1",
        port: registry.split(":")[1],
        path: request.url,
        method: request.method,
        headers: { ...headers, host: registry },
      },
      (answer) => {
        response.writeHead(answer.statusCode ?? 500, answer.headers);
        let sent = 0;
        answer.on("data", (chunk: Buffer) => {
          if (isBlob && options.corruptOver !== undefined && sent === 0 && chunk.length > options.corruptOver)
            chunk[options.corruptOver]! ^= 1;
          const part = broken === undefined ? chunk : chunk.subarray(0, Math.max(0, broken - sent));
          sent += part.length;
          response.write(part, () => {
            if (broken !== undefined && sent >= broken) response.destroy();
          });
        });
        answer.on("end", () => response.end());
      },
    );
    out.on("error", () => response.destroy());
    request.pipe(out);
  };
  const storage = createServer((request, response) => {
    requests.push(`storage ${request.method} ${request.url} (${scheme(request)})`);
    pass(request, response);
  }).listen(0, "127.0.0.1");
  await once(storage, "listening");
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? "/", `http://${request.headers.host}`);
    requests.push(`${request.method} ${request.url} (${scheme(request)})`);
    if (url.pathname === "/token") return answerToken(request, response, options);
    if (options.tokens && request.headers.authorization !== `Bearer ${token}`) {
      const repository = /^\/v2\/(.+)\/(manifests|blobs|tags)\//.exec(url.pathname)?.[1];
      response.writeHead(401, {
        "www-authenticate": `Bearer realm="http://${request.headers.host}/token",service="test, quoted",scope="repository:${repository}:pull"`,
      });
      return response.end('{"errors":[{"code":"UNAUTHORIZED","message":"authentication required"}]}');
    }
    if (!/\/blobs\/sha256:/.test(url.pathname) || request.method !== "GET") return pass(request, response);
    if (failures-- > 0) return response.writeHead(options.fail!.status).end();
    if (options.failLayers && blobs > 0 && layerFailures-- > 0) return response.writeHead(options.failLayers.status).end();
    if (options.redirectBlobs)
      return response.writeHead(307, { location: `http://localhost:${(storage.address() as { port: number }).port}${request.url}` }).end();
    blobs++;
    if (holds && blobs > 1 && url.pathname !== first) {
      waiting.push(() => pass(request, response));
      return;
    }
    if (blobs === 1) first = url.pathname;
    return pass(request, response, options.breakAfter?.[blobs]);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    host: `127.0.0.1:${(server.address() as { port: number }).port}`,
    requests,
    held: () => waiting.length,
    release: () => {
      holds = false;
      for (const go of waiting.splice(0)) go();
    },
    [Symbol.asyncDispose]: async () => {
      for (const each of [server, storage]) {
        each.closeAllConnections();
        each.close();
      }
    },
  };
}

function scheme(request: IncomingMessage): string {
  return request.headers.authorization?.split(" ")[0] ?? "-";
}

function answerToken(request: IncomingMessage, response: ServerResponse, options: GateOptions): void {
  const allowed = !options.tokens?.password || request.headers.authorization === `Basic ${Buffer.from("user:secret").toString("base64")}`;
  response.writeHead(allowed ? 200 : 401, { "content-type": "application/json" });
  response.end(JSON.stringify(allowed ? { token, expires_in: 300 } : { details: "no" }));
}
