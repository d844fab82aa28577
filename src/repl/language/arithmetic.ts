/** What stands in `$((…))`: numbers, variables (with or without `$`), + - * / // % and parentheses. Pure. */
import { type Amount, amountOf, combine } from "./amount.ts";

export type Expression =
  | { kind: "number"; value: Amount }
  | { kind: "variable"; path: string; offset: number }
  | { kind: "negative"; of: Expression }
  | { kind: "both"; operator: string; offset: number; left: Expression; right: Expression };

/** Makes the error of a place in the source. */
export type Fail = (message: string, offset: number, incomplete?: boolean) => Error;

/** Parentheses in parentheses: nobody writes more. */
const deepest = 50;
/** Signs one after the other, each of which is a step into the expression. */
const longest = 500;

const token = /\s*(?:(\d+(?:\.\d+)?)|\$?([A-Za-z_]\w*|(?<=\$)\d+)|\$\{([^}]*)\}|(\/\/|[-+*/%()]))/y;
const sums = ["+", "-"];
const products = ["*", "/", "//", "%"];

/** Reads an expression up to the "))" that ends it. */
class Reader {
  readonly #source: string;
  readonly #fail: Fail;
  #depth = 0;
  #signs = 0;
  at: number;

  constructor(source: string, at: number, fail: Fail) {
    this.#source = source;
    this.#fail = fail;
    this.at = at;
  }

  /** The next token is taken when it is one of some signs. */
  #sign(signs: readonly string[]): { text: string; offset: number } | undefined {
    const found = this.#token();
    const text = found?.[4];
    if (text === undefined || !signs.includes(text)) return undefined;
    this.at = token.lastIndex;
    return { text, offset: this.at - text.length };
  }

  #token(): RegExpExecArray | null {
    token.lastIndex = this.at;
    return token.exec(this.#source);
  }

  sum(): Expression {
    return this.#chain(sums, () => this.#chain(products, () => this.#factor()));
  }

  #chain(operators: readonly string[], operand: () => Expression): Expression {
    let left = operand();
    for (let sign = this.#sign(operators); sign; sign = this.#sign(operators)) {
      if (++this.#signs > longest) throw this.#fail(`more than ${longest} signs in an expression`, sign.offset);
      left = { kind: "both", operator: sign.text, offset: sign.offset, left, right: operand() };
    }
    return left;
  }

  #factor(): Expression {
    if (++this.#depth > deepest) throw this.#fail(`more than ${deepest} parentheses and signs in each other`, this.at);
    const factor = this.#signed() ?? this.#operand();
    this.#depth--;
    return factor;
  }

  #signed(): Expression | undefined {
    const sign = this.#sign(["-", "+", "("]);
    if (!sign) return undefined;
    if (sign.text !== "(") return sign.text === "-" ? { kind: "negative", of: this.#factor() } : this.#factor();
    const inner = this.sum();
    if (!this.#sign([")"])) throw this.#fail("this parenthesis is not closed", sign.offset, this.at >= this.#source.length);
    return inner;
  }

  #operand(): Expression {
    const found = this.#token();
    const [whole = "", digits, name, path] = found ?? [];
    const offset = this.at + whole.length - whole.trimStart().length;
    if (!found || found[4] !== undefined)
      throw this.#fail("expected a number or a variable", this.at + (/^\s*/.exec(this.#source.slice(this.at))?.[0].length ?? 0));
    this.at = token.lastIndex;
    return digits === undefined ? { kind: "variable", path: name ?? path ?? "", offset } : { kind: "number", value: amountOf(digits)! };
  }
}

/** Parses what follows "$((" at an offset; `end` is behind its "))". */
export function parseArithmetic(source: string, at: number, fail: Fail): { expression: Expression; end: number } {
  const reader = new Reader(source, at, fail);
  const expression = reader.sum();
  const close = /\s*\)\)/y;
  close.lastIndex = reader.at;
  if (!close.test(source)) throw fail('expected an operator or "))"', Math.min(reader.at, source.length), reader.at >= source.length);
  return { expression, end: close.lastIndex };
}

/** The variables of an expression. */
export function variablesOf(expression: Expression): { path: string; offset: number }[] {
  switch (expression.kind) {
    case "number":
      return [];
    case "variable":
      return [expression];
    case "negative":
      return variablesOf(expression.of);
    case "both":
      return [...variablesOf(expression.left), ...variablesOf(expression.right)];
  }
}

/** Its value. @param numberOf gives a variable's number */
export async function calculate(
  expression: Expression,
  numberOf: (path: string, offset: number) => Promise<Amount>,
  fail: Fail,
): Promise<Amount> {
  switch (expression.kind) {
    case "number":
      return expression.value;
    case "variable":
      return numberOf(expression.path, expression.offset);
    case "negative":
      return -(await calculate(expression.of, numberOf, fail));
    case "both": {
      const left = await calculate(expression.left, numberOf, fail);
      const right = await calculate(expression.right, numberOf, fail);
      if (Number(right) === 0 && !["+", "-", "*"].includes(expression.operator)) throw fail("cannot divide by 0", expression.offset);
      const result = combine(left, expression.operator, right);
      if (result === undefined) throw fail("the number is too large", expression.offset);
      return result;
    }
  }
}
