import { berthRule } from "../rule.ts";
import { commandsOf, operands } from "../shell-commands.ts";

interface Installer {
  program: RegExp;
  verb: RegExp;
  /** Options that take the next word. */
  valued: readonly string[];
  /** What names an exact version, or is not a package at all. */
  pinned(operand: string): boolean;
  how: string;
}

const isPath = (operand: string) => /^[./~]|[/\\]|^\$|^[a-z+]+:|\.(?:deb|apk|rpm|whl|tgz|tar\.gz|zip)$/.test(operand);

const installers: readonly Installer[] = [
  {
    program: /^apt(-get)?$/,
    verb: /^install$/,
    valued: ["-t", "-o", "-c", "--target-release"],
    pinned: (operand) => isPath(operand) || operand.includes("="),
    how: "name=version",
  },
  {
    program: /^apk$/,
    verb: /^add$/,
    valued: ["-t", "--virtual", "-X", "--repository", "-p", "--root"],
    pinned: (operand) => isPath(operand) || /[=~<>]/.test(operand) || operand.startsWith("."),
    how: "name=version",
  },
  {
    program: /^pip[0-9.]*$/,
    verb: /^install$/,
    valued: [
      "-r",
      "--requirement",
      "-c",
      "--constraint",
      "-e",
      "--editable",
      "-i",
      "--index-url",
      "--extra-index-url",
      "-t",
      "--target",
      "-f",
      "--find-links",
      "--prefix",
      "--trusted-host",
    ],
    pinned: (operand) => isPath(operand) || /[=<>~]=|[<>]|@/.test(operand),
    how: "name==version",
  },
  {
    program: /^npm$/,
    verb: /^(i|install|add)$/,
    valued: ["--prefix", "--registry", "-w", "--workspace"],
    pinned: (operand) => isPath(operand.replace(/^@[^/]+\//, "")) || /.@[^@]+$/.test(operand),
    how: "name@version",
  },
  {
    program: /^gem$/,
    verb: /^install$/,
    valued: ["-v", "--version", "-i", "-s", "--source"],
    pinned: (operand) => isPath(operand) || operand.includes(":"),
    how: "name:version",
  },
];

export default berthRule({
  name: "UnpinnedPackages",
  description: "Packages installed without a version change under the build",
  bad: "FROM debian:12\nRUN apt-get update && apt-get install -y curl && rm -rf /var/lib/apt/lists/*\n",
  good: "FROM debian:12\nRUN apt-get update && apt-get install -y curl=7.88.* && rm -rf /var/lib/apt/lists/*\n",
  check({ dockerfile, report }) {
    for (const run of dockerfile.stages.flatMap((stage) => stage.instructions)) {
      if (run.kind !== "run") continue;
      for (const { words } of commandsOf(run)) {
        const found = unpinned(words);
        if (found) report(run.location, `Packages without a version: ${found.packages.join(", ")}; pin them as ${found.how}`);
      }
    }
  },
});

function unpinned(words: readonly string[]): { packages: string[]; how: string } | undefined {
  const [program = "", ...rest] = words[0] === "sudo" ? words.slice(1) : words;
  const installer = installers.find((each) => each.program.test(program));
  if (!installer) return undefined;
  const [verb, ...packages] = operands(rest, installer.valued);
  if (verb === undefined || !installer.verb.test(verb)) return undefined;
  if (program === "gem" && rest.some((word) => /^(-v|--version)/.test(word))) return undefined;
  const loose = packages.filter((operand) => !installer.pinned(operand));
  return loose.length === 0 ? undefined : { packages: loose, how: installer.how };
}
