/** Blocks in blocks, with failures and what leaves them: programs by chance, against what the description says of them. */
import { expect, test } from "vitest";
import fc from "../../../support/property.ts";
import { ran } from "./evaluation.ts";

type Step =
  | { kind: "print"; text: string }
  | { kind: "fail" | "exit" | "break" | "continue" | "return" }
  | { kind: "if" | "unless" | "for" | "repeat" | "retry" | "timeout" | "defer" | "call" | "value" | "parallel"; body: Step[] }
  | { kind: "try"; body: Step[]; otherwise: Step[] };

/** What may stand somewhere. */
interface Where {
  loop?: boolean;
  func?: boolean;
  cleaning?: boolean;
}

const prints = fc
  .string({ unit: fc.constantFrom(..."abcdefgh"), minLength: 1, maxLength: 2 })
  .map((text): Step => ({ kind: "print", text }));

function steps(depth: number, where: Where): fc.Arbitrary<Step[]> {
  return fc.array(step(depth, where), { maxLength: 3 });
}

function step(depth: number, where: Where): fc.Arbitrary<Step> {
  const leaps = [...(where.loop ? ["break", "continue"] : []), ...(where.func ? ["return"] : []), ...(where.cleaning ? [] : ["exit"])];
  const simple = fc.constantFrom("fail", ...leaps).map((kind) => ({ kind }) as Step);
  if (depth === 0) return fc.oneof({ weight: 2, arbitrary: prints }, simple);
  const holding = (kinds: string[], inner: Where) =>
    fc.tuple(fc.constantFrom(...kinds), steps(depth - 1, inner)).map(([kind, body]) => ({ kind, body }) as Step);
  const { cleaning } = where;
  return fc.oneof(
    { weight: 3, arbitrary: prints },
    { weight: 2, arbitrary: simple },
    holding(["if", "unless", "retry", "timeout"], where),
    holding(["for", "repeat"], { ...where, loop: true }),
    holding(["call", "value"], { func: true, cleaning }),
    holding(["parallel"], { cleaning }),
    holding(["defer"], { cleaning: true }),
    fc.tuple(steps(depth - 1, where), steps(depth - 1, where)).map(([body, otherwise]) => ({ kind: "try", body, otherwise }) as Step),
  );
}

/** A program's source; its functions stand in front of it. */
function written(program: Step[]): string {
  const functions: string[] = [];
  const block = (body: Step[]): string => `{\n${body.map(line).join("\n")}\n}`;
  const line = (each: Step): string => {
    switch (each.kind) {
      case "print":
        return `print ${each.text}`;
      case "fail":
        return "assert $zero == 1";
      case "exit":
        return "exit 7";
      case "if":
        return `if $zero == 0 ${block(each.body)} else { print never }`;
      case "unless":
        return `if $zero == 1 { print never } else ${block(each.body)}`;
      case "for":
        return `for i in 1..2 ${block(each.body)}`;
      case "repeat":
      case "retry":
        return `${each.kind} 2 ${block(each.body)}`;
      case "timeout":
        return `timeout 1000s ${block(each.body)}`;
      case "parallel":
        return `parallel 1 ${block(each.body)}`;
      case "defer":
        return `defer ${block(each.body)}`;
      case "try":
        return `try ${block(each.body)} catch e ${block(each.otherwise)}`;
      case "call":
      case "value": {
        const body = block(each.body);
        const name = `f${functions.length}`;
        functions.push(`func ${name}() ${body}`);
        return each.kind === "call" ? name : `let v = ${name}`;
      }
      default:
        return each.kind;
    }
  };
  const main = program.map(line).join("\n");
  return `let zero := 0\n${functions.join("\n")}\n${main}`;
}

/** How a statement ends; undefined: the next one follows. */
type End = "fail" | "exit" | "break" | "continue" | "return" | undefined;

/** What the description says that a program does. */
class Model {
  readonly printed: string[] = [];
  /** Failures while something else that failed was cleaned up. */
  told = 0;
  #hasExited = false;

  block(body: Step[], cleaning = false): End {
    const defers: Step[][] = [];
    let end = this.#sequence(body, defers, cleaning);
    for (let each = defers.pop(); each; each = defers.pop()) {
      if (this.block(each, true) !== "fail") continue;
      if (end === "fail") this.told++;
      end = "fail";
    }
    return end;
  }

  #sequence(body: Step[], defers: Step[][], cleaning: boolean): End {
    for (const each of body) {
      const end = this.#left(cleaning) ?? this.#step(each, defers, cleaning);
      if (end) return end;
    }
    return this.#left(cleaning);
  }

  #left = (cleaning: boolean): End => (this.#hasExited && !cleaning ? "exit" : undefined);

  #step(each: Step, defers: Step[][], cleaning: boolean): End {
    switch (each.kind) {
      case "print":
        this.printed.push(`${each.text}\n`);
        return undefined;
      case "exit":
        this.#hasExited = true;
        return "exit";
      case "defer":
        defers.push(each.body);
        return undefined;
      case "if":
      case "unless":
      case "timeout":
        return this.block(each.body, cleaning);
      case "for":
      case "repeat":
        return this.#loop(each.body, cleaning);
      case "retry": {
        const first = this.block(each.body, cleaning);
        return first === "fail" ? this.block(each.body, cleaning) : first;
      }
      case "try": {
        const end = this.block(each.body, cleaning);
        return end === "fail" ? this.block(each.otherwise, cleaning) : end;
      }
      case "call":
      case "value":
        return this.block(each.body, cleaning) === "fail" ? "fail" : undefined;
      case "parallel":
        return this.#parallel(each.body, cleaning);
      default:
        return each.kind;
    }
  }

  #loop(body: Step[], cleaning: boolean): End {
    for (let turn = 0; turn < 2; turn++) {
      const end = this.block(body, cleaning);
      if (end === "break") return undefined;
      if (end && end !== "continue") return end;
    }
    return undefined;
  }

  /** One at a time; all of them run, but none after an exit. */
  #parallel(branches: Step[], cleaning: boolean): End {
    let hasFailed = false;
    for (const each of branches) if (!this.#left(cleaning) && this.block([each], cleaning) === "fail") hasFailed = true;
    return hasFailed ? "fail" : this.#left(cleaning);
  }
}

test("what runs, what cleans up, and how it ends", async () => {
  await fc.assert(
    fc.asyncProperty(steps(4, {}), async (program) => {
      const model = new Model();
      const end = model.block(program);
      let told = 0;
      const { text, error } = await ran(written(program), { onReport: () => void told++ });
      expect(text).toBe(model.printed.join(""));
      expect(told).toBe(model.told);
      expect(error?.code).toBe(end === "fail" ? "expectation" : undefined);
    }),
    { numRuns: 500 },
  );
});
