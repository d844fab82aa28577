/** A registry in a process of its own, to be killed: `serve-directory.ts ROOT`. Says where it listens. */
import { serveRegistry } from "../../../../engine/registry/server/server.ts";
import { openDirectory } from "../../../../engine/registry/server/storage/directory.ts";

const storage = await openDirectory({ root: process.argv[2]!, uploadExpiry: 60_000 });
const { url } = await serveRegistry({ address: { kind: "tcp", host: "127.0.0.1", port: 0 }, storage });
process.stdout.write(`${url.slice("tcp://".length)}\n`);
