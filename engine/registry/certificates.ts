/**
 * Certificates for a registry, where docker keeps them: /etc/docker/certs.d/HOST[:PORT]/ with authorities (*.crt) and
 * pairs for this client (NAME.cert with NAME.key). Nothing is ever written here.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { EngineError } from "../errors.ts";

export interface Certificates {
  /** Authorities to trust besides the system's, PEM. */
  ca?: string[];
  /** This client's own, PEM. */
  cert?: string[];
  key?: string[];
}

const certificateDirectory = "/etc/docker/certs.d";

/** @throws EngineError `invalid` for a file that cannot be read, or a certificate without its key */
export function certificatesFor(domain: string, directory = certificateDirectory): Certificates {
  const place = join(directory, domain);
  if (!existsSync(place)) return {};
  const read = (name: string) => {
    try {
      return readFileSync(join(place, name), "utf8");
    } catch (cause) {
      throw new EngineError("invalid", `cannot read the certificate file "${join(place, name)}": ${(cause as Error).message}`, { cause });
    }
  };
  const names = readdirSync(place).sort();
  const ca = names.filter((name) => name.endsWith(".crt")).map(read);
  const pairs = names
    .filter((name) => name.endsWith(".cert"))
    .map((name) => ({ cert: read(name), key: read(name.replace(/cert$/, "key")) }));
  return {
    ...(ca.length > 0 && { ca }),
    ...(pairs.length > 0 && { cert: pairs.map((pair) => pair.cert), key: pairs.map((pair) => pair.key) }),
  };
}
