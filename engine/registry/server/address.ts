/** Where a registry listens: this host alone unless its user says otherwise. */
import { EngineError } from "../../errors.ts";
import { isLoopback } from "../../http/request.ts";
import type { Address } from "../../http/server.ts";

interface Protection {
  /** Passwords are asked for. */
  users: boolean;
  /** Nobody on the way reads them. */
  tls: boolean;
  /** Its user knows what is missing. */
  insecure: boolean;
}

/** @throws EngineError `usage` for what is no address, and for one that others reach when it is not protected */
export function parseListen(text: string, { users, tls, insecure }: Protection): Address {
  const [, host = "", port = ""] = /^(\[[0-9a-f:.%]+\]|[^:/\s]+):(\d{1,5})$/i.exec(text) ?? [];
  if (host === "" || Number(port) > 65_535)
    throw new EngineError("usage", `cannot listen on "${text}": it is not HOST:PORT`, {
      hint: "for instance 127.0.0.1:5000, or [::1]:5000",
    });
  const why = users ? "passwords would be sent to it as plain text" : "nobody is asked for a password";
  if (!isLoopback(host) && !insecure && !(users && tls))
    throw new EngineError("usage", `cannot listen on "${text}": others reach it, and ${why}`, {
      hint: "give --htpasswd, --tlscert and --tlskey, or listen on 127.0.0.1 (or, knowing that, --insecure)",
    });
  return { kind: "tcp", host: host.replace(/^\[|\]$/g, ""), port: Number(port) };
}
