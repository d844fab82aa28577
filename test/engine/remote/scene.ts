/** Servers that are not what they say: what they answer is written by hand, byte for byte. */
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openRemoteEngine, type RemoteEngine } from "../../../engine/remote/index.ts";

/** Writes what it likes to who has sent a request; its own head and body, or nothing. */
export type Answers = (request: { method: string; path: string; socket: Socket }) => void;

export class Liar implements AsyncDisposable {
  readonly #directory = mkdtempSync(join(tmpdir(), "berth-liar-"));
  readonly #sockets = new Set<Socket>();
  readonly #answers: Answers;
  #server: Server | undefined;
  readonly path = join(this.#directory, "liar.sock");

  constructor(answers: Answers) {
    this.#answers = answers;
  }

  async listen(): Promise<this> {
    const server = createServer({ allowHalfOpen: true }, (socket) => this.#meet(socket));
    this.#server = server;
    await new Promise<void>((resolve) => server.listen(this.path, resolve));
    return this;
  }

  #meet(socket: Socket): void {
    this.#sockets.add(socket.on("error", () => {}).once("close", () => this.#sockets.delete(socket)));
    let text = "";
    socket.on("data", (chunk: Buffer) => {
      text += chunk.toString("latin1");
      for (let end = text.indexOf("\r\n\r\n"); end >= 0; end = text.indexOf("\r\n\r\n")) {
        const [method = "", path = ""] = text.split(" ");
        text = text.slice(end + 4);
        if (path === "/_ping") socket.write(ping);
        else if (method !== "") this.#answers({ method, path, socket });
      }
    });
  }

  /** Goes away, with all its connections. */
  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.#server?.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  engine(patience = { answer: 300, stall: 300 }): RemoteEngine {
    return openRemoteEngine(`unix://${this.path}`, { patience });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

const head = (status: string, headers: string[], body = "") => [`HTTP/1.1 ${status}`, ...headers, "", body].join("\r\n");

/** Of a server of API 1.51. */
export const ping = head("200 OK", ["Api-Version: 1.51", "Server: Docker/28.0.0 (linux)", "Content-Length: 2"], "OK");

export const json = (body: string, length = Buffer.byteLength(body)) =>
  head("200 OK", ["Content-Type: application/json", `Content-Length: ${length}`], body);

/** A stream without a length, in chunks. */
export const chunked = (...bodies: string[]) =>
  head(
    "200 OK",
    ["Content-Type: application/json", "Transfer-Encoding: chunked"],
    bodies.map((body) => `${Buffer.byteLength(body).toString(16)}\r\n${body}\r\n`).join(""),
  );
