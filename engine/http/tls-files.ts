/** A certificate and its key, read again when one of the files has changed. */
import { readFileSync, statSync } from "node:fs";
import type { ServerIdentity } from "./server.ts";

/** @throws EngineError and the system's, the first time; later, files that are bad change nothing */
export function tlsFiles(certFile: string, keyFile: string): ServerIdentity {
  const read = () => {
    const identity = { cert: readFileSync(certFile, "utf8"), key: readFileSync(keyFile, "utf8") };
    process.getBuiltinModule("node:tls").createSecureContext(identity); // throws for a key that is another certificate's
    return identity;
  };
  const look = () =>
    [certFile, keyFile]
      .map((file) => statSync(file))
      .map(({ ino, size, mtimeMs }) => `${ino} ${size} ${mtimeMs}`)
      .join();
  let state = look();
  let identity = read();
  return () => {
    try {
      const now = look();
      if (now !== state) identity = read();
      state = now;
    } catch {
      // one of the two is written before the other: the old ones are shown until they fit
    }
    return identity;
  };
}
