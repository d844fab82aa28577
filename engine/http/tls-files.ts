/** A certificate and its key as files: read and judged, and read again when one of the files has changed. */
import { readFileSync, statSync } from "node:fs";
import { EngineError } from "../errors.ts";
import type { Identity, ServerIdentity } from "./server.ts";

type Pair = ReturnType<ServerIdentity>;

/** @throws EngineError `invalid` for files that cannot be read, or are no certificate with its key */
function readPair(certFile: string, keyFile: string): Pair {
  const pair = { cert: readPem("certificate", certFile), key: readPem("key", keyFile) };
  try {
    process.getBuiltinModule("node:tls").createSecureContext(pair);
  } catch (error) {
    const { reason, message } = error as { reason?: string; message: string };
    throw new EngineError("invalid", `cannot serve the certificate "${certFile}" with the key "${keyFile}": ${reason ?? message}`, {
      cause: error,
      hint: "give a certificate in PEM with those that issued it behind, and its own key without a password",
    });
  }
  return pair;
}

/** With the authority whose clients are let in. @throws EngineError `invalid`, as `readPair` */
export function readIdentity(caFile: string, certFile: string, keyFile: string): Identity {
  return { ca: readPem("certificate", caFile), ...readPair(certFile, keyFile) };
}

/** @throws EngineError `invalid` */
function readPem(what: string, file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    const { message } = cause as Error;
    throw new EngineError("invalid", `cannot read the ${what} "${file}": ${message}`, { cause, hint: "name a file that can be read" });
  }
}

/**
 * @param warn told once of files that changed and are bad, and of a certificate that clients will refuse
 * @throws EngineError as `readPair`, the first time; later, files that are bad change nothing
 */
export function tlsFiles(certFile: string, keyFile: string, warn: (text: string) => void = () => {}): ServerIdentity {
  const look = () => [certFile, keyFile].map(stateOf).join();
  let state = look();
  let pair = readPair(certFile, keyFile);
  const told = new Set<string>();
  const tell = (text: string) => {
    if (!told.has(text)) warn(text);
    told.add(text);
  };
  return () => {
    try {
      const now = look();
      if (now !== state) pair = readPair(certFile, keyFile);
      if (now !== state) told.clear();
      state = now;
    } catch (error) {
      // One of the two may be written before the other.
      tell(`${(error as Error).message}; the ones before are served until these are right`);
    }
    const problem = whyRefused(pair.cert, Date.now());
    if (problem !== undefined) tell(`clients will refuse the certificate "${certFile}": ${problem}`);
    return pair;
  };
}

/** Another text when the file has changed. */
function stateOf(file: string): string {
  const { ino, size, mtimeMs } = statSync(file, { throwIfNoEntry: false }) ?? {};
  return `${ino} ${size} ${mtimeMs}`;
}

/** @param now ms since the epoch @returns undefined while a certificate is valid */
function whyRefused(cert: string, now: number): string | undefined {
  const { validFrom, validTo } = new (process.getBuiltinModule("node:crypto").X509Certificate)(cert);
  if (now > Date.parse(validTo)) return `it ended on ${validTo}`;
  return now < Date.parse(validFrom) ? `it begins on ${validFrom}` : undefined;
}
