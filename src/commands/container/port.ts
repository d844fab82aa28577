/** `berth port`: where a container's ports are on the host. */

import { EngineError } from "../../../engine/errors.ts";
import type { PortBinding } from "../../../engine/index.ts";
import { type CommandSpec, command } from "../command.ts";
import { compareText } from "./ps-columns.ts";

interface PortLine {
  /** "80/tcp" */
  Port: string;
  HostIp: string;
  HostPort: string;
}

const spec: CommandSpec<PortLine[]> = command({
  summary: "List port mappings or a specific mapping of a container",
  examples: [
    { line: "berth port web", does: "Print every published port" },
    { line: "berth port web 80", does: "Print where port 80/tcp is" },
  ],
  flags: [],
  args: [
    { name: "CONTAINER", subject: "container" },
    { name: "PRIVATE_PORT[/PROTO]", optional: true, subject: "none" },
  ],
  async *run({ engine }, input) {
    const [name = "", wanted] = input.args;
    const { NetworkSettings } = await engine.containers.inspect(name);
    const lines = toLines(NetworkSettings.Ports);
    if (wanted === undefined) return lines;
    const port = wanted.includes("/") ? wanted : `${wanted}/tcp`;
    const found = lines.filter((line) => line.Port === port);
    if (found.length > 0) return found;
    throw new EngineError("not-found", `Error: No public port '${wanted}' published for ${name}`, {
      hint: `list the published ports with 'berth port ${name}'`,
    });
  },
  present(result, input) {
    const host = ({ HostIp, HostPort }: PortLine) => `${HostIp.includes(":") ? `[${HostIp}]` : HostIp}:${HostPort}`;
    const lines = result.map((line) => (input.args.length > 1 ? host(line) : `${line.Port} -> ${host(line)}`));
    return { kind: "lines", lines };
  },
});

function toLines(ports: Record<string, PortBinding[] | null>): PortLine[] {
  return Object.entries(ports)
    .flatMap(([Port, bindings]) => (bindings ?? []).map((binding) => ({ Port, ...binding, HostIp: binding.HostIp || "0.0.0.0" })))
    .sort((a, b) => Number.parseInt(a.Port, 10) - Number.parseInt(b.Port, 10) || compareText(a.Port, b.Port));
}

export default spec;
