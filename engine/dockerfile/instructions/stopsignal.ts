import { nearestName } from "../../suggest.ts";
import { type InstructionBase, shapes } from "../statement.ts";
import { exactlyOne, instruction } from "./instruction.ts";

/** Linux's signals by name, without SIG. */
const names =
  "ABRT ALRM BUS CHLD CLD CONT FPE HUP ILL INT IO IOT KILL PIPE POLL PROF PWR QUIT SEGV STKFLT STOP SYS TERM TRAP TSTP TTIN TTOU UNUSED URG USR1 USR2 VTALRM WINCH XCPU XFSZ RTMIN RTMAX";
const signals = new Set(names.split(" "));
for (let offset = 1; offset <= 15; offset++) signals.add(`RTMIN+${offset}`);
for (let offset = 1; offset <= 14; offset++) signals.add(`RTMAX-${offset}`);

export interface StopsignalInstruction extends InstructionBase {
  kind: "stopsignal";
  signal: string;
}

/** Sets the signal that stops a container. */
export default instruction<StopsignalInstruction>({
  kind: "stopsignal",
  keyword: "STOPSIGNAL",
  summary: "set the signal that asks a container to stop",
  usage: ["STOPSIGNAL SIGNAL"],
  example: "STOPSIGNAL SIGQUIT",
  url: "https://docs.docker.com/reference/dockerfile/#stopsignal",
  shape: shapes.text,
  flags: [],
  ignoresFlags: () => true,
  change: true,
  expands: "the signal",
  parse: (statement) => ({ ...statement.base, kind: "stopsignal", signal: exactlyOne(statement) }),
  expand(stopsignal, expander) {
    const signal = expander.word(stopsignal.signal);
    if (isSignal(signal)) return { ...stopsignal, signal };
    const near = nearestName(signal.toUpperCase().replace(/^SIG/, ""), signals);
    return expander.fail(`invalid signal: ${signal}`, near && `did you mean SIG${near}?`);
  },
  configure({ config }, { signal }) {
    config.StopSignal = signal;
  },
  history: ({ signal }) => `STOPSIGNAL ${signal}`,
});

function isSignal(text: string): boolean {
  return /^[+-]?\d+$/.test(text) ? Number(text) !== 0 : signals.has(text.toUpperCase().replace(/^SIG/, ""));
}
