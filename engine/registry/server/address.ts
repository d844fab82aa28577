/** Where a registry listens: this host alone unless its user says otherwise. */
import { EngineError } from "../../errors.ts";
import { isLoopback } from "../../http/request.ts";
import type { Address } from "../../http/server.ts";

/** @throws EngineError `usage` for what is no address, and for one that others reach unless that is wanted */
export function parseListen(text: string, { insecure }: { insecure: boolean }): Address {
  const [, host = "", port = ""] = /^(\[[0-9a-f:.%]+\]|[^:/\s]+):(\d{1,5})$/i.exec(text) ?? [];
  if (host === "" || Number(port) > 65_535)
    throw new EngineError("usage", `cannot listen on "${text}": it is not HOST:PORT`, {
      hint: "for instance 127.0.0.1:5000, or [::1]:5000",
    });
  if (!isLoopback(host) && !insecure)
    throw new EngineError("usage", `cannot listen on "${text}": others reach it, and nobody is asked for a password`, {
      hint: "listen on 127.0.0.1 (or, knowing that all of them may read, write and delete, --insecure)",
    });
  return { kind: "tcp", host: host.replace(/^\[|\]$/g, ""), port: Number(port) };
}
