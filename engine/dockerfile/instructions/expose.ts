import { EngineError } from "../../errors.ts";
import { parsePorts } from "../ports.ts";
import { atLeastOne, instruction } from "./instruction.ts";

/** Says which ports containers listen on. */
export default instruction({
  kind: "expose",
  keyword: "EXPOSE",
  summary: "say which ports a container listens on",
  usage: ["EXPOSE PORT[-PORT][/tcp|/udp|/sctp] [PORT…]"],
  example: "EXPOSE 80 443/tcp",
  url: "https://docs.docker.com/reference/dockerfile/#expose",
  shape: "blanks",
  flags: [],
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
});
