/** The flags of `berth registry serve`, and what they wish for. */
import { resolve } from "node:path";
import { EngineError } from "../../../engine/errors.ts";
import type { RegistryWish } from "../../../engine/registry/server/index.ts";
import type { FlagSpec, Input } from "../command.ts";
import { isSet, listOf, numberOf, textOf } from "../flag-values.ts";
import { usualDirectory } from "./directory.ts";

export const usualAddress = "127.0.0.1:5000";

export const serveFlags: FlagSpec[] = [
  {
    name: "listen",
    short: "l",
    type: "string",
    placeholder: "HOST:PORT",
    default: usualAddress,
    help: "Where to listen; port 0 is any free one",
  },
  {
    name: "htpasswd",
    type: "string",
    placeholder: "FILE",
    help: "Users and their passwords: 'berth registry login-user' adds to it",
    subject: "file",
  },
  {
    name: "config",
    type: "string",
    placeholder: "FILE",
    help: "YAML file of rules, quotas, limits and what is kept for how long",
    subject: "file",
  },
  { name: "rules", type: "string", placeholder: "FILE", help: "YAML file of who may do what to which repositories", subject: "file" },
  { name: "anonymous-pull", type: "boolean", help: "Let everybody pull, also without a password" },
  {
    name: "tlscert",
    type: "string",
    placeholder: "FILE",
    help: "The server's certificate, read again when it is renewed",
    subject: "file",
  },
  { name: "tlskey", type: "string", placeholder: "FILE", help: "The key of the server's certificate", subject: "file" },
  { name: "insecure", type: "boolean", help: "Let others reach the address without passwords or without TLS" },
  { name: "read-only", type: "boolean", help: "Change nothing: pulls only" },
  {
    name: "proxy",
    type: "string",
    placeholder: "URL",
    help: "Fetch what is missing from that registry and keep it; serve what is here when it is down",
  },
  { name: "quota", type: "bytes", placeholder: "BYTES", help: "Let each repository have no more" },
  {
    name: "immutable-tags",
    type: "list",
    placeholder: "GLOB",
    help: "Let tags of such names stand for what they do for ever ('v*')",
  },
  { name: "access-log", type: "string", placeholder: "FILE", help: "Write a line of JSON for each request there", subject: "file" },
  { name: "web", type: "boolean", help: "Show browsers what is here, at /: repositories, tags, layers, signatures" },
  {
    name: "metrics",
    type: "optional",
    placeholder: "HOST:PORT",
    implied: "",
    help: "Give numbers for Prometheus at /metrics: to who may log in, or to everybody on an address of their own",
  },
  {
    name: "gc-interval",
    type: "duration",
    placeholder: "TIME",
    help: "Remove what nothing names any more so often; 0s for never (default 1h)",
  },
  {
    name: "gc-grace",
    type: "duration",
    placeholder: "TIME",
    help: "Leave that alone for so long before, as a push sends its manifest last (default 24h)",
  },
  {
    name: "upload-expiry",
    type: "duration",
    placeholder: "TIME",
    help: "Remove uploads that nothing was sent of for so long (default 24h)",
  },
];

/** @throws EngineError `usage` for what is given without its other half */
export function wishOf(input: Input, cwd: string): Omit<RegistryWish, "warn" | "log"> {
  const file = (name: string) => textOf(input, name) && resolve(cwd, textOf(input, name)!);
  const given = <K extends string, T>(key: K, value: T | undefined) => (value === undefined ? {} : { [key]: value }) as { [key in K]?: T };
  const [cert, key] = [file("tlscert"), file("tlskey")];
  if (!cert !== !key) throw new EngineError("usage", "--tlscert and --tlskey are given together");
  return {
    root: resolve(cwd, input.args[0] ?? usualDirectory),
    listen: textOf(input, "listen") ?? usualAddress,
    ...{ ...given("htpasswd", file("htpasswd")), ...given("config", file("config")), ...given("rules", file("rules")) },
    ...(cert && key && { tls: { cert, key } }),
    ...{
      anonymousPull: isSet(input, "anonymous-pull"),
      insecure: isSet(input, "insecure"),
      readOnly: isSet(input, "read-only"),
      web: isSet(input, "web"),
    },
    ...given("proxy", textOf(input, "proxy")),
    immutableTags: listOf(input, "immutable-tags"),
    ...{ ...given("quota", numberOf(input, "quota")), ...given("uploadExpiry", numberOf(input, "upload-expiry")) },
    ...given("metrics", textOf(input, "metrics")),
  };
}
