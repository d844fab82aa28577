/** A content store that a client serves in its session, by containerd's protocol (api/services/content/v1). */
import { createHash, randomUUID } from "node:crypto";
import type { ClientStore } from "../../build/index.ts";
import { EngineError } from "../../errors.ts";
import type { GrpcClient } from "../../http/grpc.ts";
import { contentInfo, infoRequest, readRequest, readResponse, writeActions, writeRequest } from "./messages.ts";

/** Bytes of one message. */
const pieceSize = 1 << 20;
const alreadyExists = 6;

export class SessionStore implements ClientStore {
  readonly #session: () => Promise<GrpcClient>;
  readonly #metadata: Record<string, string>;

  /** @param name "local:DIRECTORY"; headers of HTTP/2 carry its bytes as they are */
  constructor(session: () => Promise<GrpcClient>, name: string) {
    this.#session = session;
    this.#metadata = { "buildkit-attachable-store-id": Buffer.from(name).toString("latin1") };
  }

  async has(digest: string, signal: AbortSignal): Promise<boolean> {
    const call = await this.#call("Info", signal);
    await call.send(infoRequest.encode({ digest }));
    call.end();
    try {
      return contentInfo.decode(await call.message()).info?.digest === digest;
    } catch (error) {
      if (error instanceof EngineError && error.code === "not-found") return false;
      throw error;
    }
  }

  async *read(digest: string, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    const call = await this.#call("Read", signal);
    await call.send(readRequest.encode({ digest }));
    call.end();
    for await (const message of call.messages()) yield readResponse.decode(message).data;
  }

  /** Every piece is acknowledged; the last word says what all of it must have been. */
  async write(content: Iterable<Uint8Array> | AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<{ digest: string; size: number }> {
    const call = await this.#call("Write", signal);
    const answers = call.messages();
    const ref = randomUUID();
    const hash = createHash("sha256");
    let size = 0;
    const send = async (message: Parameters<typeof writeRequest.encode>[0]) => {
      await call.send(writeRequest.encode({ ref, ...message }));
      if ((await answers.next()).done) throw new EngineError("cancelled", "the client has broken off what it was given");
    };
    for await (const chunk of content)
      for (let at = 0; at < chunk.length; at += pieceSize) {
        const data = chunk.subarray(at, at + pieceSize);
        await send({ action: writeActions.write, offset: size, data });
        hash.update(data);
        size += data.length;
      }
    const digest = `sha256:${hash.digest("hex")}`;
    await send({ action: writeActions.commit, total: size, expected: digest, offset: size }).catch(unlessThere);
    call.end();
    return { digest, size };
  }

  async #call(method: string, signal: AbortSignal) {
    return (await this.#session()).call(`/containerd.services.content.v1.Content/${method}`, this.#metadata, signal);
  }
}

function unlessThere(error: unknown): void {
  if (!(error instanceof EngineError) || error.details?.["grpc"] !== alreadyExists) throw error;
}
