/** Ports of a service in the Engine API's shapes. Pure. */
import type { PortBinding } from "../../docker.ts";
import type { Service } from "../service.ts";

/** "80/tcp" to where it is published. */
export function portBindingsOf({ ports = [] }: Service): Record<string, PortBinding[]> {
  const bindings: Record<string, PortBinding[]> = {};
  for (const { target, protocol = "tcp", host_ip = "", published = "" } of ports)
    (bindings[`${target}/${protocol}`] ??= []).push({ HostIp: host_ip, HostPort: published });
  return bindings;
}

/** `expose`, ranges opened, and what is published. */
export function exposedPortsOf(service: Service): Record<string, object> {
  const exposed = (service.expose ?? []).flatMap(opened);
  return Object.fromEntries([...exposed, ...Object.keys(portBindingsOf(service))].map((key) => [key, {}]));
}

function opened(text: string): string[] {
  const [range = "", protocol = "tcp"] = String(text).split("/");
  const [first = 0, last = first] = range.split("-").map(Number);
  return Array.from({ length: last - first + 1 }, (_, index) => `${first + index}/${protocol}`);
}
