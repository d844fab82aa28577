/**
 * A socket in the file system that leads to another one: with an owner and a mode of its own. The listener there sees the
 * connections as this process's. Ends with the process.
 */
import { chmodSync, chownSync, closeSync, constants, openSync } from "node:fs";
import type { Socket } from "node:net";
import { basename, dirname } from "node:path";
import { O_PATH } from "./files.ts";

/** @param path where it comes, in a directory that others do not reach before it is given away. Both paths may be longer than an address. */
export async function relaySocket(
  path: string,
  target: string,
  { uid, gid, mode }: { uid: number; gid: number; mode: number },
): Promise<AsyncDisposable> {
  const { connect, createServer } = process.getBuiltinModule("node:net");
  const wanted = shortened(target);
  const open = new Set<Socket>();
  const track = (socket: Socket) => {
    open.add(socket);
    socket.on("error", () => socket.destroy()).on("close", () => open.delete(socket));
    return socket;
  };
  const server = createServer({ allowHalfOpen: true }, (client) => {
    const there = track(connect({ path: wanted.address, allowHalfOpen: true }));
    track(client).on("close", () => there.destroy());
    there.on("close", () => client.destroy());
    client.pipe(there);
    there.pipe(client);
  });
  {
    using here = shortened(path);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    server.once("error", reject).listen(here.address, resolve);
    await promise;
  }
  chownSync(path, uid, gid);
  chmodSync(path, mode);
  return {
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
      wanted[Symbol.dispose]();
    },
  };
}

/** unix(7) lets an address have 107 bytes: a path by way of its directory's descriptor has fewer. */
function shortened(path: string): { address: string } & Disposable {
  const directory = openSync(dirname(path), constants.O_DIRECTORY | O_PATH);
  return { address: `/proc/self/fd/${directory}/${basename(path)}`, [Symbol.dispose]: () => closeSync(directory) };
}
