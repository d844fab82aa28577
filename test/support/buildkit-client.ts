/** A client of BuildKit's services as docker's are: a session on which it answers, and a connection on which it calls. */
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import type { EngineError } from "../../engine/errors.ts";
import { GrpcClient, type GrpcRequest, serveGrpc } from "../../engine/http/grpc.ts";

type Answers = Record<string, (request: GrpcRequest) => Promise<void>>;

export class BuildKitClient implements Disposable {
  readonly #abort = new AbortController();
  readonly #socket: string;
  #control: Promise<GrpcClient> | undefined;

  /** @param socket of the server */
  constructor(socket: string) {
    this.#socket = socket;
  }

  /** Answers by paths ("/moby.filesync.v1.Auth/Credentials") for the session of this name. Resolves when it is open. */
  async session(id: string, answers: Answers): Promise<{ closed: Promise<void> }> {
    const connection = await upgraded(this.#socket, "/session", { "X-Docker-Expose-Session-Uuid": id });
    const failure = (error: EngineError) => ({ code: Number(error.details?.["grpc"] ?? 2), message: error.message });
    const handle = async (request: GrpcRequest) => {
      const answer = answers[request.path];
      if (!answer) throw Object.assign(new Error("unimplemented"), { code: "unsupported" });
      await answer(request);
    };
    return { closed: serveGrpc(connection, { failure, handle }, this.#abort.signal) };
  }

  control(): Promise<GrpcClient> {
    this.#control ??= upgraded(this.#socket, "/grpc").then((connection) => new GrpcClient(connection, this.#abort.signal));
    return this.#control;
  }

  /** A call of "Control" or "LLBBridge" with one message each way. */
  async ask(method: string, message: Uint8Array, metadata: Record<string, string> = {}, signal = this.#abort.signal): Promise<Buffer> {
    const call = (await this.control()).call(`/moby.buildkit.v1.${method}`, metadata, signal);
    await call.send(message);
    call.end();
    const answers = [];
    for await (const answer of call.messages()) answers.push(answer);
    return answers[0] ?? Buffer.alloc(0);
  }

  /** All messages of a call that answers with several. */
  async *listen(method: string, message: Uint8Array): AsyncGenerator<Buffer> {
    const call = (await this.control()).call(`/moby.buildkit.v1.${method}`, {}, this.#abort.signal);
    await call.send(message);
    call.end();
    yield* call.messages();
  }

  [Symbol.dispose](): void {
    this.#abort.abort();
  }
}

/** A connection that speaks HTTP/2 from now on. */
export async function upgraded(path: string, target: string, headers: Record<string, string> = {}): Promise<Socket> {
  const socket = connect(path);
  const lines = Object.entries({ Host: "docker", Connection: "Upgrade", Upgrade: "h2c", ...headers });
  socket.write(`POST ${target} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join("")}\r\n`);
  let head = Buffer.alloc(0);
  while (!head.includes("\r\n\r\n")) {
    const [chunk] = (await once(socket, "data")) as [Buffer];
    head = Buffer.concat([head, chunk]);
  }
  socket.pause();
  const at = head.indexOf("\r\n\r\n") + 4;
  if (!head.toString("latin1").startsWith("HTTP/1.1 101 ")) throw new Error(head.toString());
  if (head.length > at) socket.unshift(head.subarray(at));
  return socket;
}
