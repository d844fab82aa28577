/** Which host is meant: an address with the certificates of the environment, or a context by its name. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { EngineError } from "../../errors.ts";
import { type Endpoint, parseAddress } from "../link/address.ts";
import { configDirectory, noContext, readContext } from "./store.ts";

/** Of docker's client: --tls, --tlsverify, --tlscacert, --tlscert, --tlskey. */
export interface TlsFlags {
  tls?: boolean;
  verify?: boolean | undefined;
  ca?: string | undefined;
  cert?: string | undefined;
  key?: string | undefined;
}

type Environment = Record<string, string | undefined>;

/**
 * An address as flags and environment have it: certificates are $DOCKER_CERT_PATH's, or docker's own, where TLS is asked for.
 * @throws EngineError `usage`, `not-found` (a certificate)
 */
export function addressedHost(address: string, flags: TlsFlags, env: Environment): Endpoint {
  const verify = flags.verify ?? Boolean(env["DOCKER_TLS_VERIFY"]);
  const wanted =
    verify || flags.tls === true || Boolean(env["DOCKER_TLS"]) || [flags.ca, flags.cert, flags.key].some((each) => each !== undefined);
  const { kind } = parseAddress(address, wanted);
  if (kind !== "tcp" || !wanted) return { address };
  const directory = env["DOCKER_CERT_PATH"] || configDirectory();
  const file = (given: string | undefined, name: string) => (given === undefined ? readIfThere(join(directory, name)) : readNamed(given));
  const [ca, cert, key] = [file(flags.ca, "ca.pem"), file(flags.cert, "cert.pem"), file(flags.key, "key.pem")];
  return { address, tls: { ca, cert, key, insecure: !verify } };
}

function readIfThere(file: string): string | undefined {
  return existsSync(file) ? readFileSync(file, "utf8") : undefined;
}

function readNamed(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    throw new EngineError("not-found", `cannot read "${file}": ${(cause as Error).message}`, { cause, hint: "check the path" });
  }
}

/** A context's host; undefined for "default". @throws EngineError `not-found`, `invalid` */
export function contextHost(name: string): Endpoint | undefined {
  if (name === noContext) return undefined;
  const { document, tls } = readContext(name);
  const { Host: address, SkipTLSVerify: insecure = false } = document.Endpoints.docker ?? {};
  if (!address)
    throw new EngineError("invalid", `context "${name}" has no address`, {
      hint: `give it one: berth context update ${name} --docker host=ADDRESS`,
    });
  const text = (file: string) => tls[file]?.toString("utf8");
  const hasTls = Object.keys(tls).length > 0 || insecure;
  return { address, ...(hasTls && { tls: { ca: text("ca.pem"), cert: text("cert.pem"), key: text("key.pem"), insecure } }) };
}
