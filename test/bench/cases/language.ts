/** The session's language by itself, without a container: how long a statement takes, a line of a shell, and the prompt to come. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Driver, launcher } from "../../support/driver.ts";
import type { Case } from "../case.ts";
import type { Contender } from "../contender.ts";
import { timeOf } from "../measure.ts";

const scripts: Readonly<Record<string, string>> = {
  prints: "print x\n".repeat(10_000),
  ifs: `let a := 1\n${'if $a == 1 { print "yes $a" } else { print no }\n'.repeat(3333)}`,
  loop: 'for i in 1..5000 { let n := $((i + 1)) }\nprint "$n"\n',
  calls: `func f(a) { return "$a$a" }\n${"let x = f 12\n".repeat(3333)}`,
};

function script(id: string, title: string): Case {
  const fileOf = (contender: Contender) => join(contender.root, "..", `${id}.berth`);
  return {
    id: `language/${id}`,
    title,
    aim: "≤ 300 ms",
    runs: 5,
    prepare(contender) {
      if (contender.name === "berth") writeFileSync(fileOf(contender), scripts[id]!);
    },
    sample: (contender) => (contender.name === "berth" ? timeOf(contender.command("repl", fileOf(contender))) : undefined),
  };
}

export const language: readonly Case[] = [
  {
    id: "language/line",
    title: "repl -c 'print x'",
    aim: "≤ 60 ms",
    runs: 10,
    sample: (contender) => (contender.name === "berth" ? timeOf(contender.command("repl", "-c", "print x")) : undefined),
  },
  {
    id: "language/prompt",
    title: "the prompt of a session",
    aim: "≤ 60 ms",
    runs: 10,
    async sample(contender) {
      const [program, ...args] = contender.command("repl");
      if (program !== launcher) return undefined;
      const started = performance.now();
      await using terminal = new Driver(args, { columns: 120, rows: 40 });
      await terminal.screen.waitFor(/berth\S*>/);
      const elapsed = performance.now() - started;
      terminal.type("\\q\r");
      await terminal.exited;
      return elapsed;
    },
  },
  script("prints", "10,000 prints"),
  script("ifs", "3,333 ifs with a print each"),
  script("loop", "a loop of 5,000 sums"),
  script("calls", "3,333 calls of a function"),
];
