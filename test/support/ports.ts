/** Ports of this host for tests. */
import { createServer, type Server } from "node:net";

function listen(host: string): Promise<{ server: Server; port: number }> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.on("error", reject);
    server.listen(0, host, () => resolve({ server, port: (server.address() as { port: number }).port }));
  });
}

/** A port that nobody listens on at the moment. */
export async function freePort(): Promise<number> {
  const { server, port } = await listen("127.0.0.1");
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** A port that is taken until the scope ends. */
export async function takenPort(): Promise<{ port: number } & AsyncDisposable> {
  const { server, port } = await listen("0.0.0.0");
  return {
    port,
    async [Symbol.asyncDispose]() {
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
