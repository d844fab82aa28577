/** `berth compose port`: where a port of a service is on the host. */
import { EngineError } from "../../../engine/errors.ts";
import { type CommandSpec, command } from "../command.ts";
import { textOf } from "../flag-values.ts";
import { indexFlag, serviceContainer } from "./service-container.ts";

const spec: CommandSpec<{ HostIp: string; HostPort: string }> = command({
  summary: "Print where a service's port is on the host",
  examples: [{ line: "berth compose port web 80", does: "Print the address and port behind which port 80 is" }],
  flags: [indexFlag, { name: "protocol", type: "string", choices: ["tcp", "udp"], default: "tcp", help: "Protocol of the port" }],
  args: [
    { name: "SERVICE", subject: "service" },
    { name: "PRIVATE_PORT", subject: "none" },
  ],
  async *run(context, input) {
    const [service = "", port = ""] = input.args;
    const protocol = textOf(input, "protocol") ?? "tcp";
    const { id, name } = yield* serviceContainer(context, input, service);
    const { Ports } = (await context.engine.containers.inspect(id)).NetworkSettings;
    const [binding] = Ports[`${port}/${protocol}`] ?? [];
    if (!binding) throw unpublished(`${port}/${protocol}`, name, Object.keys(Ports));
    return { ...binding, HostIp: binding.HostIp || "0.0.0.0" };
  },
  present: ({ HostIp, HostPort }) => ({ kind: "lines", lines: [`${HostIp.includes(":") ? `[${HostIp}]` : HostIp}:${HostPort}`] }),
});

function unpublished(port: string, container: string, others: string[]): EngineError {
  const has = others.length > 0 ? `it has ${others.join(", ")}` : "it has none";
  return new EngineError("not-found", `no port ${port} for container ${container}: ${has}`, {
    hint: "see 'berth compose ps' for its ports",
  });
}

export default spec;
