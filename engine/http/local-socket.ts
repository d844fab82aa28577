/** A socket in the file system that this process answers itself, for those whom a build lets have it. Goes with its owner. */
import type { Socket } from "node:net";

/** @param path in a directory that others do not reach */
export async function serveLocally(path: string, answer: (connection: Socket) => void): Promise<AsyncDisposable> {
  const { createServer } = process.getBuiltinModule("node:net");
  const open = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    open.add(socket);
    socket.on("error", () => socket.destroy()).once("close", () => open.delete(socket));
    answer(socket);
  });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once("error", reject).listen(path, resolve);
  await promise;
  return {
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy();
      await new Promise((closed) => server.close(closed));
    },
  };
}
