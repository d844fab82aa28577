/**
 * What went wrong at the other end, as an error of the engine. Servers tell by a status and a text; the statuses are few, so the text
 * decides where berth tells more. Pure.
 */
import { EngineError, type ErrorCode } from "../../errors.ts";

/** Words of dockerd, podman and berth, the most telling first. */
const words: readonly (readonly [RegExp, ErrorCode])[] = [
  [/already in use by container|name .* is (already )?in use/i, "conflict"],
  [
    /executable file not found|no such file or directory: unknown|exec: ".*": stat .*: no such file|^cannot execute .*(not found|no such file)/i,
    "command-not-found",
  ],
  [
    /permission denied: unknown|is a directory: unknown|exec format error|^cannot execute |^OCI runtime exec failed|OCI runtime create failed.* exec: .*permission denied/i,
    "command-not-executable",
  ],
  [/port is already allocated|address already in use|port .* is taken/i, "port-in-use"],
  [/no space left on device/i, "no-space"],
  [
    /toomanyrequests|access denied|denies access|access to .* is denied|unauthorized|authentication required|no basic auth credentials|incorrect username or password/i,
    "registry-auth",
  ],
  [/is not paused|is already paused|is paused|is restarting/i, "conflict"],
  [/not running|can only (\w+ )+(sessions on |created or )?running|waiting for exec session/i, "not-running"],
  [/volume is in use|being used|in use by|is using|has active endpoints/i, "in-use"],
  [/invalid filter|invalid signal|unknown container state/i, "invalid"],
  [/^(Error: )?no such|not found: (manifest|network|volume)/i, "not-found"],
  [/pre-?defined|reserved network|cannot be removed|already exists/i, "conflict"],
];

const statuses: Readonly<Record<number, ErrorCode>> = {
  400: "invalid",
  401: "registry-auth",
  403: "permission",
  404: "not-found",
  409: "conflict",
  413: "invalid",
  501: "unsupported",
  503: "unsupported",
  504: "timeout",
};

/** Statuses that say all: whatever the words are. */
const certain = new Set([400, 404, 501]);

function codeOf(status: number, message: string): ErrorCode {
  const told = words.find(([pattern]) => pattern.test(message))?.[1];
  const byStatus = statuses[status] ?? "system";
  if (told === undefined) return byStatus;
  const mayBeMore = !certain.has(status) || told === "registry-auth" || told.startsWith("command-");
  return mayBeMore ? told : byStatus;
}

/** What else to do than with this machine's own engine. */
const hints: Partial<Record<ErrorCode, (host: string) => string>> = {
  system: (host) => `see the log of the server at "${host}"`,
  "registry-auth": () => "log in with 'berth login' here: credentials go along with each pull and push",
};

const exits: Partial<Record<ErrorCode, number>> = { "port-in-use": 125 };

/**
 * A server's answer that is no success.
 * @param host how the user calls it
 */
export function failure(status: number, message: string, host: string): EngineError {
  const code = codeOf(status, message);
  const text = message.trim() || `"${host}" answers with status ${status}`;
  const exit = exits[code];
  const hint = hints[code]?.(host);
  return new EngineError(code, text, {
    details: { host, status },
    ...(exit !== undefined && { exit }),
    ...(hint !== undefined && { hint }),
  });
}

/** What a message that comes in the middle of a stream says. */
export const streamFailure = (message: string, host: string): EngineError => failure(500, message, host);

const certificates = "check --tlscacert, --tlscert and --tlskey, or $DOCKER_CERT_PATH, and the name in the server's certificate";

/** Why no answer came, and what to do. The codes are Node's. */
const remedies: Readonly<Record<string, { why: string; hint: string }>> = {
  ENOENT: { why: "there is no such socket", hint: "check the path, and that the server runs" },
  EACCES: { why: "permission denied", hint: "be root, or join the group that the socket belongs to" },
  ECONNREFUSED: { why: "nothing listens there", hint: "check the address, and that the server runs" },
  ENOTFOUND: { why: "its name is not known", hint: "check the spelling of the name" },
  EAI_AGAIN: { why: "name resolution does not work", hint: "check this host's network connection and DNS servers" },
  ECONNRESET: { why: "the connection broke", hint: "the server may have stopped: try again" },
  EPIPE: { why: "the connection broke", hint: "the server may have stopped: try again" },
  ETIMEDOUT: { why: "it does not answer", hint: "check the network connection and the address" },
  EHOSTUNREACH: { why: "there is no route to it", hint: "check the network connection" },
  ENETUNREACH: { why: "there is no network", hint: "check the network connection" },
  EPROTO: { why: "it does not speak TLS there", hint: "leave out the certificates, or give the port that is for TLS (2376)" },
  ESSH: { why: "ssh failed", hint: "try ssh to that host yourself" },
  EPROGRAM: { why: "nothing serves there", hint: "install docker or berth on that host, where ssh finds it" },
};

/** @param cause what Node, or the system, has said */
export function unreachable(cause: unknown, host: string): EngineError {
  if (cause instanceof EngineError) return cause;
  const { code = "", name, message = String(cause) } = (cause ?? {}) as NodeJS.ErrnoException;
  if (name === "AbortError" || code === "ABORT_ERR") return new EngineError("cancelled", "cancelled", { cause });
  const details = { host, code };
  if (code.startsWith("HPE_") || code === "EMSGSIZE" || code === "EBADJSON")
    return new EngineError("network", `cannot understand "${host}": ${message}`, {
      cause,
      details,
      exit: 1,
      hint: "check that it is Docker's API that answers there",
    });
  const isCertificate = /CERT|SELF_SIGNED|UNABLE_TO_|ALTNAME|TLS|SSL/.test(code) && code !== "EPROTO";
  const known = remedies[code];
  const why = code === "ESSH" || code === "EPROGRAM" ? message : known ? `${known.why} (${code})` : message;
  return new EngineError("network", `cannot reach "${host}": ${why}`, {
    cause,
    details,
    exit: 1,
    hint: known?.hint ?? (isCertificate ? certificates : "check the address, and that the server runs"),
  });
}
