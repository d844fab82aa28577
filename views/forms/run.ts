/** The form of `run`, empty, for an image, or as a container was made. */
import type { Engine } from "../../engine/index.ts";
import { joinWords } from "../../src/repl/language/command-line.ts";
import type { FieldScene, FormSpec, Values } from "./form.ts";

const modes = [
  ["in the background", "-d"],
  ["with a terminal, gone at its end", "-it", "--rm"],
  ["with a terminal", "-it"],
  ["its output shown, gone at its end", "--rm"],
  ["its output shown"],
] as const;

export const runForm: FormSpec = {
  title: "Run a container",
  verb: ["run"],
  needs: ["containers.create", "containers.start"],
  fields: [
    { name: "image", label: "Image", hint: "nginx:latest", kind: "word", required: "an image", completes: () => ["run"] },
    { name: "mode", label: "How", hint: "", kind: "choice", choices: modes },
    { name: "name", label: "Name", hint: "one is made up", kind: "flag", flag: "--name" },
    { name: "ports", label: "Ports", hint: "8080:80 127.0.0.1::53/udp", kind: "flags", flag: "-p", long: "--publish" },
    {
      name: "volumes",
      label: "Volumes",
      hint: "data:/data $PWD:/src:ro",
      kind: "flags",
      flag: "-v",
      long: "--volume",
      candidates: sources,
    },
    { name: "env", label: "Environment", hint: "NAME=value 'TEXT=two words'", kind: "flags", flag: "-e", long: "--env" },
    { name: "network", label: "Network", hint: "bridge", kind: "flags", flag: "--network", completes: () => ["run", "--network"] },
    { name: "restart", label: "Restart", hint: "no", kind: "flag", flag: "--restart", completes: () => ["run", "--restart"] },
    {
      ...{ name: "other", label: "Other flags", hint: "--memory 64m --cap-drop ALL", kind: "raw" as const },
      completes: ({ other = "" }) => ["run", ...leading(other)],
    },
    { name: "command", label: "Command", hint: "as the image says", kind: "words" },
  ],
  async check(words, { cwd, env }) {
    const [{ resolve }, { toContainerCreate }] = await Promise.all([
      import("../../src/commands/execute.ts"),
      import("../../src/commands/container/flags/index.ts"),
    ]);
    toContainerCreate((await resolve(words)).input, { cwd, env });
  },
};

/** All words but the one being typed. */
const leading = (text: string) => text.split(/\s+/).slice(0, -1);

/** Volumes and directories, as the source of a mount. */
async function sources({ engine, word, complete }: FieldScene): Promise<readonly string[]> {
  if (word.includes(":")) return [];
  if (/^[./]/.test(word)) return complete(["build", word]);
  return (await engine.volumes.list()).map(({ Name }) => `${Name}:`);
}

/** For an image: as one tries it. */
export function runOfImage(image: string): Values {
  return { image, mode: modes[1][0] };
}

/** The field that has a flag of a line; all others are among the other flags. */
const places: Record<string, string> = { publish: "ports", volume: "volumes", env: "env", network: "network", restart: "restart" };
/** Flags that are a mode, and the words of those that a line has. */
const ofMode = ["detach", "interactive", "tty", "rm"];

/** As a container was made, but for its name, which is taken. @throws EngineError `not-found` */
export async function runOfContainer(engine: Engine, id: string): Promise<Values> {
  const { readRunLine } = await import("../../src/commands/container/run-line.ts");
  const { flags, command, image } = await readRunLine(engine, id);
  const own = ofMode.flatMap((name) => flags.filter(([flag]) => flag === name).flatMap(([, words]) => words));
  const mode = modes.find(([, ...words]) => words.join(" ") === own.join(" ").replace("-i -t", "-it"));
  const values: Record<string, string[]> = {};
  for (const [name, words] of flags) {
    if (name === "name" || (mode && ofMode.includes(name))) continue;
    const field = places[name] ?? "other";
    (values[field] ??= []).push(...(field === "other" ? words : words.flatMap(valueIn)));
  }
  const texts = Object.entries(values).map(([field, words]) => [field, joinWords(words)]);
  return { ...Object.fromEntries(texts), image, command: joinWords(command), mode: (mode ?? modes[4])[0] };
}

/** The value of "-p 80" and of "--env=": words that are no flag, and what is tied to one. */
function valueIn(word: string): string[] {
  if (word.startsWith("--")) return word.includes("=") ? [word.slice(word.indexOf("=") + 1)] : [];
  return /^-[a-z]$/.test(word) ? [] : [word];
}
