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
    const { NetworkSettings } = await context.engine.containers.inspect(id);
    const [binding] = NetworkSettings.Ports[`${port}/${protocol}`] ?? [];
    if (!binding)
      throw new EngineError("not-found", `no port ${port}/${protocol} for container ${name}`, {
        hint: "see 'berth compose ps' for its ports",
      });
    return { ...binding, HostIp: binding.HostIp || "0.0.0.0" };
  },
  present: ({ HostIp, HostPort }) => ({ kind: "lines", lines: [`${HostIp.includes(":") ? `[${HostIp}]` : HostIp}:${HostPort}`] }),
});

export default spec;
