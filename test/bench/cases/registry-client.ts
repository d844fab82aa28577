/** A client of a registry for the benchmark: `registry-client.ts ORIGIN TASK` does one thing, and says how many milliseconds it took. */
import { createCipheriv, createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { Agent, type IncomingMessage, request } from "node:http";
import { buffer } from "node:stream/consumers";

const [origin = "", task = ""] = process.argv.slice(2);
const agent = new Agent({ keepAlive: true, maxSockets: 200 });
/** Nothing that compresses, and the same in every process. */
const noise = createCipheriv("aes-128-ctr", Buffer.alloc(16), Buffer.alloc(16)).update(Buffer.alloc(1 << 20));

interface Sent {
  method?: string;
  headers?: Record<string, string>;
  body?: Iterable<Buffer>;
}

async function call(path: string, { method = "GET", headers = {}, body = [] }: Sent = {}): Promise<IncomingMessage> {
  const sent = request(new URL(path, origin), { method, headers, agent });
  const answered = once(sent, "response");
  for (const chunk of body) if (!sent.write(chunk)) await once(sent, "drain");
  sent.end();
  const [response] = (await answered) as [IncomingMessage];
  if ((response.statusCode ?? 500) >= 400) throw new Error(`${method} ${path}: ${response.statusCode} ${await buffer(response)}`);
  return response;
}

async function drain(response: IncomingMessage): Promise<void> {
  response.resume();
  await once(response, "end");
}

/** As long as one likes, and alike for the same seed: the head alone differs. */
function* content(size: number, seed: string): Generator<Buffer> {
  const head = Buffer.alloc(64, seed);
  yield head.subarray(0, Math.min(size, 64));
  for (let left = size - 64; left > 0; left -= noise.length) yield noise.subarray(0, Math.min(left, noise.length));
}

function digestOf(chunks: Iterable<Buffer>): string {
  const hash = createHash("sha256");
  for (const chunk of chunks) hash.update(chunk);
  return `sha256:${hash.digest("hex")}`;
}

/** In two requests, as docker does. */
async function push(size: number, seed: string, digest = digestOf(content(size, seed))): Promise<string> {
  const begun = await call("/v2/bench/app/blobs/uploads/", { method: "POST" });
  await drain(begun);
  const place = new URL(begun.headers.location!, origin);
  place.searchParams.set("digest", digest);
  const headers = { "content-type": "application/octet-stream", "content-length": String(size) };
  await drain(await call(place.href, { method: "PUT", headers, body: content(size, seed) }));
  return digest;
}

async function each(count: number, width: number, work: (at: number) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async () => {
    for (let at = next++; at < count; at = next++) await work(at);
  };
  await Promise.all(Array.from({ length: width }, worker));
}

async function pushManifest(): Promise<void> {
  const type = "application/vnd.oci.image.manifest.v1+json";
  const config = await push(2000, "config");
  const describe = (mediaType: string, digest: string, size: number) => ({ mediaType, digest, size });
  const layers = [describe("application/vnd.oci.image.layer.v1.tar+gzip", config, 2000)];
  const document = {
    schemaVersion: 2,
    mediaType: type,
    config: describe("application/vnd.oci.image.config.v1+json", config, 2000),
    layers,
  };
  const bytes = Buffer.from(JSON.stringify(document));
  const headers = { "content-type": type, "content-length": String(bytes.length) };
  await drain(await call("/v2/bench/app/manifests/latest", { method: "PUT", headers, body: [bytes] }));
}

const gigabyte = 1 << 30;
const fresh = () => randomBytes(12).toString("hex");

/** What is prepared, and then measured. */
const tasks: Record<string, () => Promise<() => Promise<unknown>>> = {
  async push() {
    const seed = fresh();
    const digest = digestOf(content(gigabyte, seed));
    return () => push(gigabyte, seed, digest);
  },
  async pull() {
    const path = `/v2/bench/app/blobs/${digestOf(content(gigabyte, "pulled"))}`;
    await call(path, { method: "HEAD" }).then(drain, () => push(gigabyte, "pulled"));
    return async () => drain(await call(path));
  },
  async manifests() {
    await pushManifest();
    const headers = { accept: "application/vnd.oci.image.manifest.v1+json" };
    return () => each(10_000, 32, async () => drain(await call("/v2/bench/app/manifests/latest", { headers })));
  },
  async small() {
    const seeds = Array.from({ length: 1000 }, fresh);
    return () => each(1000, 8, async (at) => void (await push(4000, seeds[at]!)));
  },
  async crowd() {
    return () =>
      each(100, 100, async () => {
        const digest = await push(20 << 20, fresh());
        await drain(await call(`/v2/bench/app/blobs/${digest}`));
      });
  },
};

const measured = await tasks[task]!();
const started = performance.now();
await measured();
process.stdout.write(`${performance.now() - started}\n`);
agent.destroy();
