/** A blob from one repository to another, through this program: found there, mounted, or streamed; what breaks off goes on where it was. */
import { createHash } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { EngineError } from "../errors.ts";
import { isTransient } from "../http/request.ts";
import { familiarRepository } from "../image/documents/index.ts";
import type { Meter } from "../image/progress.ts";
import type { Descriptor } from "../image/types.ts";
import { isOverload, readBlob } from "./blob.ts";
import type { RegistryClient } from "./client.ts";
import { beginUpload, cancelUpload, endUpload, hasBlob, mountBlob, uploadedBytes } from "./upload.ts";

/** As a download: five attempts without progress, each after a longer pause. Milliseconds. */
const attempts = 5;
const firstPause = 500;
/** Bytes that are progress. */
const progress = 64 << 10;

/** @throws EngineError `registry`, `registry-auth`, `not-found`, `corrupt` */
export async function copyBlob(from: RegistryClient, to: RegistryClient, blob: Descriptor, meter: Meter): Promise<void> {
  to.signal?.throwIfAborted();
  meter.state("Preparing");
  if (await hasBlob(to, blob.digest)) return meter.state("Layer already exists", true);
  const isNear = from.reference.domain === to.reference.domain;
  if (isNear && (await mountBlob(to, blob.digest, from.reference.path)))
    return meter.state(`Mounted from ${familiarRepository(from.reference)}`, true);
  await new Passage(from, to, blob, meter).send();
  meter.state("Copied", true);
}

/** Broken connections and overloaded gateways pass, and where an upload goes on can be asked again (416); answers such as 404 do not pass. */
function mayGoOn(error: EngineError): boolean {
  return isTransient(error) || isOverload(error) || error.details?.["status"] === 416;
}

class Passage {
  readonly #from: RegistryClient;
  readonly #to: RegistryClient;
  readonly #blob: Descriptor;
  readonly #meter: Meter;
  readonly #hash: ReturnType<typeof createHash>;
  /** Bytes from the beginning that the hash has seen. */
  #hashed = 0;

  constructor(from: RegistryClient, to: RegistryClient, blob: Descriptor, meter: Meter) {
    this.#from = from;
    this.#to = to;
    this.#blob = blob;
    this.#meter = meter;
    this.#hash = createHash(blob.digest.slice(0, blob.digest.indexOf(":")));
  }

  async send(): Promise<void> {
    let location: URL | undefined;
    let offset = 0;
    for (let attempt = 1; ; attempt++) {
      const before = this.#hashed;
      try {
        location ??= await beginUpload(this.#to);
        return await this.#end(await this.#add(location, offset));
      } catch (error) {
        if (!(error instanceof EngineError) || !mayGoOn(error)) throw error;
        if (this.#hashed - before >= progress) attempt = 1;
        if (attempt > attempts) throw error;
        this.#meter.state(`Trying again: ${error.message}`);
        await delay(firstPause * 2 ** (attempt - 1), undefined, this.#to.signal ? { signal: this.#to.signal } : {});
        const there = location && (await uploadedBytes(this.#to, location).catch(() => undefined));
        // More than was sent is somebody else's.
        const goesOn = there !== undefined && there.size <= this.#hashed;
        location = goesOn ? there.location : undefined;
        offset = goesOn ? there.size : 0;
      }
    }
  }

  /** Sends what follows a number of bytes. @returns where it goes on */
  async #add(location: URL, offset: number): Promise<URL> {
    const { size } = this.#blob;
    if (offset >= size && size > 0) return location;
    const body = this.#bytes(offset);
    const range: Record<string, string> =
      offset > 0 ? { "content-range": `${offset}-${size - 1}`, "content-length": String(size - offset) } : {};
    try {
      const headers = { "content-type": "application/octet-stream", ...range };
      const response = await this.#to.call(location, { method: "PATCH", headers, body });
      const next = response.headers["location"];
      if (response.status !== 202 || !next) throw await this.#to.refusal(response, `upload to "${this.#to.reference.path}"`, "make");
      response.discard();
      return new URL(next, response.url);
    } finally {
      // Whoever answers before the end reads no more: what makes the stream would wait for ever.
      await body.return(undefined);
    }
  }

  async *#bytes(offset: number): AsyncGenerator<Buffer, undefined> {
    let at = offset;
    const onRetry = ({ message }: EngineError) => this.#meter.state(`Trying again: ${message}`);
    for await (const chunk of readBlob(this.#from, this.#blob, { from: offset, onRetry, signal: this.#to.signal })) {
      const fresh = chunk.subarray(Math.max(0, Math.min(chunk.length, this.#hashed - at)));
      this.#hash.update(fresh);
      this.#hashed += fresh.length;
      at += chunk.length;
      this.#meter.add(fresh.length, "Copying");
      yield chunk;
    }
    return undefined;
  }

  /** The bytes are what they are to be, or nothing comes of them. */
  async #end(location: URL): Promise<void> {
    const [algorithm] = this.#blob.digest.split(":");
    const actual = `${algorithm}:${this.#hash.copy().digest("hex")}`;
    if (actual === this.#blob.digest) return await endUpload(this.#to, location, this.#blob.digest);
    await cancelUpload(this.#to, location);
    throw new EngineError("corrupt", `cannot copy blob ${this.#blob.digest}: its content is ${actual}`);
  }
}
