import { nearestName } from "../../suggest.ts";
import type { Flags } from "../flags.ts";
import { type Heredoc, heredocBody, parseHeredocWord } from "../heredoc.ts";
import { type InstructionBase, type Statement, shapes } from "../statement.ts";
import type { Word } from "../words.ts";
import { type CommandForm, commandForm } from "./command-form.ts";
import { instruction } from "./instruction.ts";
import { parseMount, type RunMount } from "./mount.ts";

const networks = ["default", "none", "host"] as const;
const securities = ["sandbox", "insecure"] as const;

export interface RunInstruction extends InstructionBase {
  kind: "run";
  command: CommandForm;
  heredocs: Heredoc[];
  mounts: RunMount[];
  /** `--network`; default "default". */
  network: "default" | "none" | "host";
  /** `--security`; "insecure" needs the caller's consent. */
  security: "sandbox" | "insecure";
  devices: { name: string; required: boolean }[];
}

/** Runs a command in the stage; what it changes becomes a layer. */
export default instruction<RunInstruction>({
  kind: "run",
  keyword: "RUN",
  summary: "run a command; what it changes becomes a layer",
  usage: ["RUN [OPTIONS] COMMAND", 'RUN [OPTIONS] ["EXECUTABLE", "ARGUMENT"…]', "RUN [OPTIONS] <<EOF"],
  example: "RUN --mount=type=cache,target=/var/cache/apt apt-get update && apt-get install -y curl",
  url: "https://docs.docker.com/reference/dockerfile/#run",
  shape: shapes.jsonOrText,
  flags: [
    {
      name: "mount",
      type: "list",
      value: "type=TYPE[,OPTION=VALUE…]",
      summary: "mount a bind, cache, tmpfs, secret or ssh while the command runs",
    },
    { name: "network", type: "text", value: "default|none|host", summary: "network of the command" },
    { name: "security", type: "text", value: "sandbox|insecure", summary: "run with all privileges, where the caller allows it" },
    { name: "device", type: "list", value: "NAME[,required]", summary: "give the command a CDI device" },
  ],
  heredocs: "commands",
  expands: "the values of --mount options; the command is the shell's business",
  parse(statement, flags) {
    return {
      ...statement.base,
      kind: "run",
      command: commandForm(statement.args, statement.json),
      heredocs: statement.heredocs,
      mounts: flags.list("mount").map((text, index) => {
        return parseMount(text, {
          fail: (message, suggestion, field) => statement.fail(message, within(flags.words("mount")[index]!, field), { suggestion }),
        });
      }),
      network: oneOf(statement, flags, "network", networks, "default", (value) => `invalid network mode ${JSON.stringify(value)}`),
      security: oneOf(statement, flags, "security", securities, "sandbox", (value) => `security ${JSON.stringify(value)} is not valid`),
      devices: flags.list("device").map((text, index) => parseDevice(statement, text, flags.words("device")[index]!)),
    };
  },
  expand(run, expander) {
    const mounts = run.mounts.map((mount) => {
      return parseMount(mount.text, {
        expand: (value) => expander.word(value),
        fail: (message, suggestion) => expander.fail(message, suggestion && `did you mean ${suggestion}?`),
      });
    });
    return { ...run, mounts };
  },
  from: {
    verb: "mount",
    of: ({ mounts }) =>
      mounts.flatMap((mount) => ((mount.type === "bind" || mount.type === "cache") && mount.from !== undefined ? [mount.from] : [])),
  },
});

/** A part of a flag's word; the flag itself where quoting hides the part's place. */
function within(word: Word, part: string | undefined): Word {
  const at = part === undefined ? -1 : word.text.indexOf(part);
  return at === -1 ? word : { text: part!, offset: word.offset + at };
}

function oneOf<T extends string>(
  statement: Statement,
  flags: Flags,
  name: string,
  known: readonly T[],
  otherwise: T,
  message: (value: string) => string,
): T {
  const value = flags.text(name);
  if (value === undefined) return otherwise;
  if (known.includes(value as T)) return value as T;
  const near = nearestName(value, known);
  return statement.fail(message(value), flags.words(name)[0], {
    suggestion: near && `--${name}=${near}`,
    hint: `use one of ${known.join(", ")}`,
  });
}

/** `--device=vendor.example/class=name,required` (Container Device Interface). */
function parseDevice(statement: Statement, text: string, word: Word): RunInstruction["devices"][number] {
  const device = { name: "", required: false };
  for (const field of text.split(",")) {
    const equals = field.indexOf("=");
    const key = (equals === -1 ? field : field.slice(0, equals)).toLowerCase();
    if (key === "required") {
      const value = equals === -1 ? "true" : field.slice(equals + 1).toLowerCase();
      if (!["true", "false", "1", "0", "t", "f"].includes(value)) statement.fail(`invalid value for required: ${value}`, word);
      device.required = value === "true" || value === "1" || value === "t";
    } else if (key === "name" && equals !== -1) {
      if (device.name !== "") statement.fail(`device name already set to ${device.name}`, word);
      device.name = field.slice(equals + 1);
    } else if (device.name === "") {
      device.name = field;
    } else {
      statement.fail(equals === -1 ? `invalid field '${field}' must be a key=value pair` : `unexpected key '${key}' in '${field}'`, word);
    }
  }
  return device;
}

/**
 * What a RUN executes (BuildKit's rules for heredocs in RUN):
 * - "exec": the argument vector as it is;
 * - "shell": one string for the shell; a RUN that is nothing but one heredoc passes the body itself, anything more
 *   complex is put together again for the shell to read;
 * - "file": the body starts with `#!`: write it with mode 0755 to /dev/pipes/NAME and let the shell run that path.
 */
export type RunProgram =
  | { form: "exec"; argv: string[] }
  | { form: "shell"; script: string }
  | { form: "file"; name: string; data: string };

export function runProgram(run: Pick<RunInstruction, "command" | "heredocs">): RunProgram {
  const { command, heredocs } = run;
  if (command.form === "exec" || heredocs.length === 0) return command;
  const [first] = heredocs as [Heredoc, ...Heredoc[]];
  if (parseHeredocWord(command.script)) {
    const data = heredocBody(first);
    return data.startsWith("#!") ? { form: "file", name: first.name, data } : { form: "shell", script: data };
  }
  return { form: "shell", script: command.script + heredocs.map(({ content, name }) => `\n${content}${name}`).join("") };
}
