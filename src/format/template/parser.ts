/** The parser of Go templates: tokens to a tree. Pure. */
import { templateError } from "./error.ts";
import { type Token, tokenize } from "./lexer.ts";

/** What an operand, a call or a pipeline is; `offset` is its place in the source. */
export type Expression =
  | { kind: "literal"; value: string | number | boolean | null; offset: number }
  | { kind: "dot"; offset: number }
  | { kind: "variable"; name: string; offset: number }
  | { kind: "function"; name: string; offset: number }
  /** `.A.B`, `$x.A`, `(…).A` */
  | { kind: "field"; of: Expression; name: string; offset: number }
  | { kind: "pipeline"; pipe: Pipeline; offset: number };

/** `f a b`: the first operand is called with the others, where there are others. */
export interface Command {
  operands: Expression[];
  offset: number;
}

export interface Pipeline {
  commands: Command[];
  /** `$x := …`, `$i, $x := …` (range), `$x = …`. */
  variables: string[];
  declares: boolean;
  offset: number;
}

export type Node =
  | { kind: "text"; text: string }
  | { kind: "action"; pipe: Pipeline }
  | { kind: "if" | "with" | "range"; pipe: Pipeline; body: Node[]; otherwise: Node[]; offset: number }
  | { kind: "break" | "continue"; offset: number }
  /** `{{template "name" pipeline}}`; without a pipeline it is given nothing. */
  | { kind: "template"; name: string; pipe: Pipeline | undefined; offset: number };

/** A template, and those that it defines for itself. */
export interface Parsed {
  nodes: Node[];
  named: ReadonlyMap<string, readonly Node[]>;
}

/** Nodes, and what ended them. */
interface List {
  nodes: Node[];
  stop: "else" | "end" | undefined;
}

const keywords = new Set(["if", "else", "end", "range", "with", "break", "continue", "define", "block", "template"]);

/** Parses a template. @throws EngineError located in it; `functions` are the known names */
export function parseTemplate(source: string, functions: ReadonlySet<string>): Parsed {
  return new Parser(source, functions).parse();
}

class Parser {
  readonly #source: string;
  readonly #functions: ReadonlySet<string>;
  readonly #tokens: Token[];
  #at = 0;
  /** Names in scope, innermost last. */
  #variables = ["$"];
  #loops = 0;
  /** How many actions are open, whose `{{end}}` is still to come. */
  #open = 0;
  readonly #templates = new Map<string, Node[]>();

  constructor(source: string, functions: ReadonlySet<string>) {
    this.#source = source;
    this.#functions = functions;
    this.#tokens = tokenize(source);
  }

  get #token(): Token {
    return this.#tokens[this.#at]!;
  }

  #fail(message: string, offset = this.#token.offset, suggestion?: string): never {
    throw templateError(message, this.#source, offset, { suggestion });
  }

  #next(): Token {
    return this.#tokens[this.#at++]!;
  }

  parse(): Parsed {
    const { nodes, stop } = this.#list();
    if (stop) this.#fail(`unexpected {{${stop}}}`, this.#tokens[this.#at - 1]!.offset);
    return { nodes, named: this.#templates };
  }

  /** Nodes up to `{{else`, `{{end}}` or the end of the template; the keyword is consumed. */
  #list(): List {
    const nodes: Node[] = [];
    for (;;) {
      const token = this.#next();
      if (token.kind === "end") return { nodes, stop: undefined };
      if (token.kind === "text") {
        nodes.push({ kind: "text", text: token.value });
        continue;
      }
      const word = this.#token;
      if (word.kind === "identifier" && (word.value === "else" || word.value === "end")) {
        this.#at++;
        return { nodes, stop: word.value };
      }
      const node = this.#node();
      if (node) nodes.push(node);
    }
  }

  /** @returns undefined for a definition, which shows nothing where it stands */
  #node(): Node | undefined {
    const word = this.#token;
    if (word.kind !== "identifier" || !keywords.has(word.value)) {
      const pipe = this.#pipeline();
      this.#close();
      return { kind: "action", pipe };
    }
    this.#at++;
    if (word.value === "if" || word.value === "with" || word.value === "range") return this.#control(word.value, word.offset);
    if (word.value === "break" || word.value === "continue") {
      if (this.#loops === 0) this.#fail(`{{${word.value}}} outside {{range}}`, word.offset);
      this.#close();
      return { kind: word.value, offset: word.offset };
    }
    return this.#nested(word.value as "define" | "block" | "template", word.offset);
  }

  /** After `{{define`, `{{block` or `{{template`. */
  #nested(kind: "define" | "block" | "template", offset: number): Node | undefined {
    if (kind === "define" && this.#open > 0) this.#fail("unexpected {{define}}", offset);
    const name = this.#token;
    if (name.kind !== "string") this.#fail(`unexpected "${name.value}" in ${kind} clause`);
    this.#at++;
    const pipe = kind === "define" || (kind === "template" && this.#token.kind === "close") ? undefined : this.#pipeline();
    this.#close();
    if (kind !== "template") this.#templates.set(name.value, this.#definition(kind, offset));
    return kind === "define" ? undefined : { kind: "template", name: name.value, pipe, offset };
  }

  /** What a template of its own consists of: it sees none of the variables around it. */
  #definition(kind: string, offset: number): Node[] {
    const around = { variables: this.#variables, loops: this.#loops };
    this.#variables = ["$"];
    this.#loops = 0;
    const { nodes, stop } = this.#inside();
    if (stop !== "end") this.#fail(`{{${kind}}} without {{end}}`, offset);
    this.#close();
    this.#variables = around.variables;
    this.#loops = around.loops;
    return nodes;
  }

  #inside(): List {
    this.#open++;
    const list = this.#list();
    this.#open--;
    return list;
  }

  /** After `{{if`, `{{with` or `{{range`. */
  #control(kind: "if" | "with" | "range", offset: number): Node {
    const scope = this.#variables.length;
    const pipe = this.#pipeline(kind === "range");
    this.#close();
    if (kind === "range") this.#loops++;
    const { nodes, stop } = this.#inside();
    if (kind === "range") this.#loops--;
    if (!stop) this.#fail(`{{${kind}}} without {{end}}`, offset);
    const otherwise = stop === "else" ? this.#otherwise(kind, offset) : this.#ended();
    this.#variables.length = scope;
    return { kind, pipe, body: nodes, otherwise, offset };
  }

  /** After `else`: another condition, or the rest up to `{{end}}`. */
  #otherwise(kind: "if" | "with" | "range", offset: number): Node[] {
    const word = this.#token;
    if (word.kind === "identifier" && word.value === kind && kind !== "range") {
      this.#at++;
      return [this.#control(kind, word.offset)];
    }
    this.#close();
    const { nodes, stop } = this.#inside();
    if (stop !== "end") this.#fail(`{{${kind}}} without {{end}}`, offset);
    this.#close();
    return nodes;
  }

  #ended(): Node[] {
    this.#close();
    return [];
  }

  #close(): void {
    if (this.#token.kind !== "close") this.#fail(`unexpected "${this.#token.value}"`);
    this.#at++;
  }

  #pipeline(inRange = false): Pipeline {
    const { offset } = this.#token;
    const { declares, variables } = this.#declaration(inRange);
    const commands = [this.#command()];
    while (this.#token.kind === "pipe") {
      this.#at++;
      commands.push(this.#command());
    }
    for (const [at, command] of commands.entries()) {
      const first = command.operands[0]!;
      if (at > 0 && first.kind === "literal") this.#fail("a constant cannot take the value of a pipeline", first.offset);
    }
    if (declares) this.#variables.push(...variables);
    return { commands, variables, declares, offset };
  }

  /** `$x :=`, `$x =`, `$i, $x :=` before a pipeline. */
  #declaration(inRange: boolean): { variables: string[]; declares: boolean } {
    const [first, second, third, fourth] = this.#tokens.slice(this.#at, this.#at + 4) as [Token, Token, Token, Token];
    if (first.kind !== "variable") return { variables: [], declares: false };
    const isSign = (token: Token | undefined) => token?.kind === "declare" || token?.kind === "assign";
    if (isSign(second)) {
      this.#at += 2;
      return this.#checked([first], second.kind === "declare");
    }
    if (second.kind !== "comma" || third.kind !== "variable" || !isSign(fourth)) return { variables: [], declares: false };
    if (!inRange) this.#fail("two variables are for {{range}}", second.offset);
    this.#at += 4;
    return this.#checked([first, third], fourth.kind === "declare");
  }

  #checked(tokens: Token[], declares: boolean): { variables: string[]; declares: boolean } {
    if (!declares) for (const token of tokens) this.#known(token);
    return { variables: tokens.map((token) => token.value), declares };
  }

  #known(token: Token): void {
    if (!this.#variables.includes(token.value)) this.#fail(`undefined variable "${token.value}"`, token.offset);
  }

  #command(): Command {
    const { offset } = this.#token;
    const operands: Expression[] = [];
    while (!["pipe", "close", "right", "end"].includes(this.#token.kind)) operands.push(this.#operand());
    if (operands.length === 0) this.#fail("missing value for command");
    return { operands, offset };
  }

  #operand(): Expression {
    let operand = this.#term();
    while (this.#token.kind === "field" && !this.#token.spaced) {
      const field = this.#next();
      operand = { kind: "field", of: operand, name: field.value.slice(1), offset: field.offset };
    }
    return operand;
  }

  #term(): Expression {
    const token = this.#next();
    const { offset, value } = token;
    switch (token.kind) {
      case "dot":
        return { kind: "dot", offset };
      case "field":
        return { kind: "field", of: { kind: "dot", offset }, name: value.slice(1), offset };
      case "variable":
        this.#known(token);
        return { kind: "variable", name: value, offset };
      case "string":
        return /^'/.test(this.#source.slice(offset))
          ? { kind: "literal", value: Number(value), offset }
          : { kind: "literal", value, offset };
      case "number":
        return { kind: "literal", value: Number(value.replaceAll("_", "")), offset };
      case "left":
        return this.#group(offset);
      case "identifier":
        return this.#named(value, offset);
      default:
        return this.#fail(`unexpected "${value || "end of the template"}"`, offset);
    }
  }

  #group(offset: number): Expression {
    const pipe = this.#pipeline();
    if (this.#token.kind !== "right") this.#fail("unclosed left parenthesis", offset);
    this.#at++;
    return { kind: "pipeline", pipe, offset };
  }

  #named(name: string, offset: number): Expression {
    if (name === "true" || name === "false") return { kind: "literal", value: name === "true", offset };
    if (name === "nil") return { kind: "literal", value: null, offset };
    if (!this.#functions.has(name)) this.#fail(`function "${name}" not defined`, offset, this.#near(name));
    return { kind: "function", name, offset };
  }

  /** A capitalised word is a field whose dot was forgotten. */
  #near(name: string): string | undefined {
    return /^[A-Z]/.test(name) ? `.${name}` : [...this.#functions].find((known) => known === name.toLowerCase());
  }
}
