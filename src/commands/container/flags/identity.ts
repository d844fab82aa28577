/** Flags about what runs and as whom: name, labels, environment, user, directory, entry point. */
import { resolve } from "node:path";
import { EngineError } from "../../../../engine/errors.ts";
import { readLimited } from "../../../../engine/sys/limited-file.ts";
import { clientProxies } from "../../../client-config.ts";
import { checkLabel, isSet, listOf, pairsOf, textOf } from "../../flag-values.ts";
import { badFlag, type Draft, type FlagGroup } from "./draft.ts";

/** Bytes of an env file or a seccomp profile. */
const maxText = 16 << 20;

export const identity: FlagGroup = {
  flags: [
    { name: "name", type: "string", placeholder: "NAME", help: "Assign a name to the container" },
    { name: "hostname", short: "h", type: "string", placeholder: "NAME", help: "Container host name" },
    { name: "domainname", type: "string", placeholder: "NAME", help: "Container NIS domain name" },
    {
      name: "env",
      short: "e",
      type: "list",
      placeholder: "NAME[=VALUE]",
      help: "Set an environment variable; without a value, take it from berth's environment",
    },
    { name: "env-file", type: "list", placeholder: "FILE", subject: "file", help: "Read environment variables from a file" },
    { name: "label", short: "l", type: "list", placeholder: "KEY[=VALUE]", help: "Set meta data on the container" },
    { name: "label-file", type: "list", placeholder: "FILE", subject: "file", help: "Read labels from a file" },
    { name: "annotation", type: "list", placeholder: "KEY=VALUE", help: "Add an annotation, passed to the OCI runtime" },
    {
      name: "allow-annotation",
      type: "list",
      placeholder: "KEY",
      help: "Let an annotation steer the OCI runtime (run.oci.…), which is refused otherwise",
    },
    { name: "user", short: "u", type: "string", placeholder: "NAME|UID[:GROUP|GID]", help: "User name or UID" },
    { name: "group-add", type: "list", placeholder: "GROUP", help: "Add additional groups to join" },
    { name: "workdir", short: "w", type: "string", placeholder: "DIRECTORY", help: "Working directory inside the container" },
    { name: "entrypoint", type: "string", placeholder: "COMMAND", help: "Overwrite the default ENTRYPOINT of the image" },
    { name: "interactive", short: "i", type: "boolean", help: "Keep standard input open" },
    { name: "tty", short: "t", type: "boolean", help: "Allocate a pseudo-terminal" },
    { name: "attach", short: "a", type: "list", placeholder: "STREAM", help: "Attach to stdin, stdout or stderr" },
  ],
  apply(input, draft) {
    const { create, host } = draft;
    create.Name = textOf(input, "name");
    create.Hostname = textOf(input, "hostname");
    create.Domainname = textOf(input, "domainname");
    create.User = textOf(input, "user");
    create.WorkingDir = textOf(input, "workdir");
    create.Env = withProxies(environment(listOf(input, "env"), listOf(input, "env-file"), draft));
    create.Labels = pairsOf([...labelLines(listOf(input, "label-file"), draft), ...listOf(input, "label").map(checkLabel)]);
    create.Tty = isSet(input, "tty");
    create.OpenStdin = isSet(input, "interactive");
    create.StdinOnce = create.OpenStdin && !isSet(input, "detach");
    const entrypoint = textOf(input, "entrypoint");
    // An empty string takes the image's entry point away (docker: --entrypoint "").
    if (entrypoint !== undefined) create.Entrypoint = entrypoint === "" ? [""] : [entrypoint];
    const annotations = listOf(input, "annotation");
    if (annotations.length > 0) host.Annotations = pairsOf(annotations);
    const allowed = listOf(input, "allow-annotation");
    if (allowed.length > 0) create.AllowAnnotations = allowed;
    const groups = listOf(input, "group-add");
    if (groups.length > 0) host.GroupAdd = groups;
  },
};

/**
 * `-e` after the files, so that it wins; a bare name is copied. One that is not set means nothing in a file, and takes
 * the image's variable away by `-e` (docker). Shared with exec.
 */
export function environment(words: readonly string[], files: readonly string[], from: Pick<Draft, "cwd" | "env">): string[] {
  const complete = (word: string) => (word.includes("=") || from.env[word] === undefined ? word : `${word}=${from.env[word]}`);
  const wrong = words.find((word) => word === "" || word.startsWith("="));
  if (wrong !== undefined) throw badFlag("env", wrong, `invalid environment variable: ${wrong}`);
  const filed = fileLines(files, from, true).map(complete);
  return [...filed.filter((word) => word.includes("=")), ...words.map(complete)];
}

function withProxies(variables: readonly string[]): string[] {
  const given = new Set(variables.map((word) => word.split("=", 1)[0]));
  const proxies = Object.entries(clientProxies()).filter(([name]) => !given.has(name));
  return [...variables, ...proxies.map(([name, value]) => `${name}=${value}`)];
}

/** A key without a value means nothing in a file of labels, as there is no environment to take one from. */
function labelLines(files: readonly string[], from: Pick<Draft, "cwd">): string[] {
  return fileLines(files, from).filter((line) => line.includes("="));
}

/** Lines of env and label files: leading blanks and `#` comments go, values are taken as they are. */
function fileLines(files: readonly string[], from: Pick<Draft, "cwd">, strict = false): string[] {
  return files.flatMap((file) => {
    const text = readText(resolve(from.cwd, file));
    const spoilt = text.split("\n").findIndex((line) => line.includes("\uFFFD"));
    if (strict && spoilt >= 0) throw new EngineError("usage", `invalid env file (${file}): invalid utf8 bytes at line ${spoilt + 1}`);
    const lines = text.replace(/^\uFEFF/, "").split("\n");
    return lines.flatMap((raw, at) => {
      const line = raw.replace(/\r$/, "").trimStart();
      if (line === "" || line.startsWith("#")) return [];
      const key = line.split("=")[0]!;
      if (key === "" || (strict && /\s/.test(key))) {
        const message = key === "" ? "no variable name on this line" : `variable "${key}" contains whitespaces`;
        throw new EngineError("usage", `invalid line in "${file}": ${message}`, {
          location: { file, line: at + 1, column: 1, source: lines.join("\n") },
        });
      }
      return [line];
    });
  });
}

/** @throws EngineError `usage` when the file cannot be read */
export function readText(file: string): string {
  try {
    return readLimited(file, { limit: maxText, name: `"${file}"`, pipes: true }).toString("utf8");
  } catch (cause) {
    if (cause instanceof EngineError) throw new EngineError("usage", cause.message, { cause, hint: "check the path" });
    throw new EngineError("usage", `cannot read "${file}": ${(cause as Error).message}`, { cause, hint: "check the path" });
  }
}
