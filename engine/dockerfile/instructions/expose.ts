import { EngineError } from "../../errors.ts";
import { parsePorts } from "../ports.ts";
import { type InstructionBase, shapes } from "../statement.ts";
import { atLeastOne, instruction } from "./instruction.ts";

export interface ExposeInstruction extends InstructionBase {
  kind: "expose";
  /** Port specifications ("80", "53/udp", "7000-7010") as words, sorted as BuildKit does; parse with `parsePorts` after expansion. */
  ports: string[];
}

/** Says which ports containers listen on. */
export default instruction<ExposeInstruction>({
  kind: "expose",
  keyword: "EXPOSE",
  summary: "say which ports a container listens on",
  usage: ["EXPOSE PORT[-PORT][/tcp|/udp|/sctp] [PORT…]"],
  example: "EXPOSE 80 443/tcp",
  url: "https://docs.docker.com/reference/dockerfile/#expose",
  shape: shapes.blanks,
  flags: [],
  change: true,
  expands: "the ports, and the result is split at blanks again",
  // The image's history shows the ports in this order.
  parse: (statement) => ({ ...statement.base, kind: "expose", ports: atLeastOne(statement).sort() }),
  expand(expose, expander) {
    const ports = expose.ports.flatMap((port) => expander.words(port));
    try {
      parsePorts(ports);
    } catch (error) {
      if (error instanceof EngineError) expander.fail(error.message, error.hint);
      throw error;
    }
    return { ...expose, ports };
  },
  configure({ config }, { ports }) {
    config.ExposedPorts = { ...config.ExposedPorts, ...Object.fromEntries(parsePorts(ports).map((port) => [port, {}])) };
  },
  history({ ports }) {
    const all = parsePorts(ports).sort();
    return `EXPOSE map[${all.map((port) => `${port}:{}`).join(" ")}]`;
  },
});
