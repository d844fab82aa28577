/** Credentials that a client sends along (headers X-Registry-Auth, X-Registry-Config: JSON in base64). What cannot be read is none. */
import type { IncomingHttpHeaders } from "node:http";
import type { Credentials } from "../docker.ts";
import { object, type Shape, string } from "./shapes.ts";

export const authConfig = object({
  username: string,
  password: string,
  auth: string,
  email: string,
  serveraddress: string,
  identitytoken: string,
  registrytoken: string,
});

type Auth = NonNullable<ReturnType<typeof authConfig.read>>;

/** null when there is nothing in it: then nothing is shown to a registry. */
export function toCredentials({ username = "", password = "", auth, identitytoken, registrytoken }: Auth): Credentials | null {
  if (registrytoken) return { username, password: "", registryToken: registrytoken };
  if (identitytoken) return { username, password: "", identityToken: identitytoken };
  if (username) return { username, password };
  const [, name, secret = ""] = /^([^:]+):(.*)$/s.exec(Buffer.from(auth ?? "", "base64").toString("utf8")) ?? [];
  return name === undefined ? null : { username: name, password: secret.replace(/\0+$/, "") };
}

function decode<T>(header: string | string[] | undefined, shape: Shape<T>): T | undefined {
  if (typeof header !== "string" || header === "") return undefined;
  try {
    return shape.read(JSON.parse(Buffer.from(header, "base64url").toString("utf8")), "");
  } catch {
    return undefined;
  }
}

export function credentialsIn(headers: IncomingHttpHeaders): Credentials | null {
  const auth = decode(headers["x-registry-auth"], authConfig);
  return auth ? toCredentials(auth) : null;
}

/** By registry, for a build. Docker Hub goes by its old address. */
export function allCredentialsIn(headers: IncomingHttpHeaders): Record<string, Credentials> {
  const given = decode(headers["x-registry-config"], { kind: "map", read: (value) => (value ?? {}) as Record<string, unknown> }) ?? {};
  const entries = Object.entries(given).flatMap(([server, each]) => {
    const found = toCredentials(authConfig.read(each, server) ?? {});
    return found ? [[domainOf(server), found] as const] : [];
  });
  return Object.fromEntries(entries);
}

function domainOf(server: string): string {
  const host = server.replace(/^https?:\/\//, "").split("/")[0] ?? "";
  return host === "index.docker.io" ? "docker.io" : host;
}
