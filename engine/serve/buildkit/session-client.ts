/** What a build asks of its client, as calls on the client's session. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import type { BuildClient, ClientStore, ReceiveWish } from "../../build/index.ts";
import type { Credentials } from "../../docker.ts";
import { EngineError } from "../../errors.ts";
import type { GrpcClient, Metadata } from "../../http/grpc.ts";
import { serveLocally } from "../../http/local-socket.ts";
import { connectionIn, forwardTo } from "./forward.ts";
import {
  bytesMessage,
  checkAgentRequest,
  credentialsRequest,
  credentialsResponse,
  getSecretRequest,
  getSecretResponse,
} from "./messages.ts";
import { receiveFiles } from "./receive-files.ts";
import { sendFiles } from "./send-files.ts";
import { SessionStore } from "./session-store.ts";

/** Bytes of an archive that go in one message. */
const pieceSize = 256 << 10;

export class SessionClient implements BuildClient, AsyncDisposable {
  readonly #session: (name?: string) => Promise<GrpcClient>;
  readonly #signal: AbortSignal;
  readonly #stack = new AsyncDisposableStack();
  #agents = 0;
  #directory: string | undefined;

  /**
   * @param session the client's; that of a directory may be another one
   * @param signal the build's
   */
  constructor(session: (name?: string) => Promise<GrpcClient>, signal: AbortSignal) {
    this.#session = session;
    this.#signal = signal;
  }

  async receive(
    name: string,
    into: string,
    { include = [], exclude = [], follow = [], signal = this.#signal, onProgress }: ReceiveWish,
  ): Promise<void> {
    const metadata = {
      ...header("dir-name", [name]),
      ...header("include-patterns", include),
      ...header("exclude-patterns", exclude),
      ...header("followpaths", follow),
    };
    const call = (await this.#session(name)).call("/moby.filesync.v1.FileSync/DiffCopy", metadata, signal);
    await receiveFiles(call, into, onProgress);
  }

  async secret(id: string): Promise<Buffer | undefined> {
    const answer = await this.#ask("/moby.buildkit.secrets.v1.Secrets/GetSecret", getSecretRequest.encode({ ID: id }));
    return answer && Buffer.from(getSecretResponse.decode(answer).data);
  }

  async agent(id: string): Promise<string | undefined> {
    const session = await this.#session();
    const isThere = await session
      .ask("/moby.sshforward.v1.SSH/CheckAgent", checkAgentRequest.encode({ ID: id }), this.#signal)
      .catch(absent);
    if (!isThere) return undefined;
    const path = join(this.#ownDirectory(), `agent-${this.#agents++}`);
    const open = () => session.call("/moby.sshforward.v1.SSH/ForwardAgent", { "buildkit.ssh.id": id }, this.#signal);
    this.#stack.use(await serveLocally(path, (connection) => void forwardTo(connection, open)));
    return path;
  }

  /** Docker's clients look Docker Hub up by the host that serves it. */
  async credentials(domain: string): Promise<Credentials | null> {
    const Host = domain === "docker.io" ? "registry-1.docker.io" : domain;
    const answer = await this.#ask("/moby.filesync.v1.Auth/Credentials", credentialsRequest.encode({ Host }));
    const { Username = "", Secret = "" } = answer ? credentialsResponse.decode(answer) : {};
    if (Secret === "") return null;
    return Username === "" ? { username: "", password: "", identityToken: Secret } : { username: Username, password: Secret };
  }

  async send(output: number, directory: string, signal: AbortSignal): Promise<void> {
    await sendFiles(await this.#target(output, signal), directory);
  }

  async write(output: number, content: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<void> {
    const call = await this.#target(output, signal);
    for await (const chunk of content)
      for (let at = 0; at < chunk.length; at += pieceSize)
        await call.send(bytesMessage.encode({ data: chunk.subarray(at, at + pieceSize) }));
    call.end();
    for await (const _ of call.messages()); // its end says that all is written
  }

  store(name: string): ClientStore {
    return new SessionStore(() => this.#session(), name);
  }

  /** An archive that the client gives by the URL of its context. */
  async upload({ pathname, host }: URL): Promise<Readable> {
    const call = (await this.#session()).call("/moby.upload.v1.Upload/Pull", { urlpath: pathname, urlhost: host }, this.#signal);
    call.end();
    return connectionIn(call);
  }

  async #target(output: number, signal: AbortSignal) {
    const metadata = { "buildkit-attachable-exporter-id": String(output) };
    return (await this.#session()).call("/moby.filesync.v1.FileSend/DiffCopy", metadata, signal);
  }

  /** Undefined when the client has none of it; it may not even know the question. */
  async #ask(path: string, message: Uint8Array): Promise<Buffer | undefined> {
    const session = await this.#session();
    return session.ask(path, message, this.#signal).catch((error) => absent(error, ["not-found", "unsupported"]));
  }

  #ownDirectory(): string {
    if (this.#directory !== undefined) return this.#directory;
    const directory = mkdtempSync(join(tmpdir(), "berth-agent-"));
    this.#stack.defer(() => rmSync(directory, { recursive: true, force: true }));
    return (this.#directory = directory);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stack.disposeAsync();
  }
}

/** @param codes of those that say that there is none. @throws others */
function absent(error: unknown, codes = ["not-found", "unsupported", "system"]): undefined {
  if (!(error instanceof EngineError) || !codes.includes(error.code)) throw error;
}

/** HTTP/2 carries ASCII: what has more is written as in a query, and said to be. */
function header(name: string, values: readonly string[]): Metadata {
  if (values.length === 0) return {};
  if (values.every((value) => /^[\x00-\x7f]*$/.test(value))) return { [name]: [...values] };
  return { [name]: values.map((value) => encodeURIComponent(value).replaceAll("%20", "+")), [`${name}-encoded`]: "1" };
}
