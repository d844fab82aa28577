/** What `--secret` gives a build: to RUN --mount=type=secret, and as credentials for what is fetched. */
import { resolve } from "node:path";
import { EngineError, toEngineError } from "../../errors.ts";
import { readLimited } from "../../sys/limited-file.ts";
import type { BuildOptions } from "../index.ts";

/** Bytes that docker lets a secret be. */
const maxSecret = 500 << 10;

/** A secret's value; undefined when it was not given. */
export async function secretValue(options: BuildOptions, id: string): Promise<Buffer | undefined> {
  if (options.client) return options.client.secret(id);
  const given = options.secrets?.find((secret) => secret.id === id);
  if (!given) return undefined;
  if (given.env !== undefined) {
    const value = given.value ?? process.env[given.env];
    return value === undefined ? undefined : Buffer.from(value);
  }
  const file = resolve(options.cwd ?? process.cwd(), given.file ?? id);
  try {
    return readLimited(file, { limit: maxSecret, name: `secret "${id}"`, pipes: true });
  } catch (error) {
    throw toEngineError(error, `cannot read secret "${id}"`);
  }
}

/** `HTTP_AUTH_HEADER_HOST` or `HTTP_AUTH_TOKEN_HOST`: what ADD says to a server (Dockerfile reference, "Adding files from a URL"). */
export async function httpAuthorization(options: BuildOptions, address: string): Promise<Record<string, string>> {
  const host = URL.parse(address)?.hostname ?? "";
  const token = await credential(options, `HTTP_AUTH_TOKEN_${host}`);
  const header = token === undefined ? await credential(options, `HTTP_AUTH_HEADER_${host}`) : `Bearer ${token}`;
  return header === undefined ? {} : { authorization: header };
}

/**
 * `GIT_AUTH_TOKEN` or `GIT_AUTH_HEADER`, or the same with `.HOST` for one server: what git says to a server over HTTP, as variables of
 * its environment, which other users do not see.
 */
export async function gitAuthorization(options: BuildOptions, address: string): Promise<Record<string, string>> {
  const url = URL.parse(address);
  if (!url || !/^https?:$/.test(url.protocol)) return {};
  for (const end of [`.${url.host}`, ""]) {
    const token = await credential(options, `GIT_AUTH_TOKEN${end}`);
    const basic = token === undefined ? undefined : `basic ${Buffer.from(`x-access-token:${token}`).toString("base64")}`;
    const header = (await credential(options, `GIT_AUTH_HEADER${end}`)) ?? basic;
    if (header === undefined) continue;
    return {
      GIT_CONFIG_COUNT: "1",
      GIT_CONFIG_KEY_0: `http.${url.origin}/.extraheader`,
      GIT_CONFIG_VALUE_0: `Authorization: ${header}`,
    };
  }
  return {};
}

async function credential(options: BuildOptions, id: string): Promise<string | undefined> {
  const value = (await secretValue(options, id))?.toString("utf8");
  if (value === undefined || !/[\r\n\0]/.test(value)) return value;
  throw new EngineError("invalid", `cannot use secret "${id}": a header has one line`, { hint: "give it without a newline at its end" });
}
