/** Runs a parsed template over plain data. Pure. */
import { EngineError } from "../../../engine/errors.ts";
import { nearest } from "../../../engine/suggest.ts";
import { templateError } from "./error.ts";
import { arity, CallError, type TemplateFunction } from "./functions.ts";
import { fieldByOtherCase, typeNameOf } from "./go-shape.ts";
import type { Command, Expression, Node, Parsed, Pipeline } from "./parser.ts";
import { hasTypedValues, isMap, isStruct, isTrue, keysOf, kindOf, text } from "./values.ts";

type Field = Extract<Expression, { kind: "field" }>;

/** Every part of `.A.B.C`, the first one first. */
function chainOf(field: Field): Field[] {
  return field.of.kind === "field" ? [...chainOf(field.of), field] : [field];
}

class LoopControl {
  readonly kind: "break" | "continue";
  constructor(kind: "break" | "continue") {
    this.kind = kind;
  }
}

interface Variable {
  name: string;
  value: unknown;
}

/** The text of a template for one value. @throws EngineError located in the template */
export function evaluate(template: Parsed, data: unknown, functions: Record<string, TemplateFunction>, source: string): string {
  const run = new Evaluation(functions, source, template.named);
  run.variables.push({ name: "$", value: data });
  run.nodes(template.nodes, data);
  return run.output;
}

/** A template that names itself ends in an error, as in Go, before the stack does. */
const deepest = 500;

class Evaluation {
  readonly #functions: Record<string, TemplateFunction>;
  readonly #source: string;
  readonly #named: Parsed["named"];
  #depth = 0;
  variables: Variable[] = [];
  output = "";

  constructor(functions: Record<string, TemplateFunction>, source: string, named: Parsed["named"]) {
    this.#functions = functions;
    this.#source = source;
    this.#named = named;
  }

  /** @param at what is being evaluated, as Go names it @param field one that is not there */
  #fail(
    message: string,
    offset: number,
    { at = "", ...more }: { at?: string; suggestion?: string | undefined; field?: string } = {},
  ): never {
    throw templateError(message, this.#source, offset, { ...more, executing: at || this.#source.slice(offset).split(/\s|\}\}/, 1)[0]! });
  }

  nodes(nodes: readonly Node[], dot: unknown): void {
    for (const node of nodes) this.#node(node, dot);
  }

  #node(node: Node, dot: unknown): void {
    switch (node.kind) {
      case "text":
        this.output += node.text;
        return;
      case "action": {
        const value = this.#pipeline(node.pipe, dot);
        if (node.pipe.variables.length === 0) this.output += text(value);
        return;
      }
      case "break":
      case "continue":
        throw new LoopControl(node.kind);
      case "template":
        this.#template(node, dot);
        return;
      default:
        this.#control(node, dot);
        return;
    }
  }

  #template({ name, pipe, offset }: Extract<Node, { kind: "template" }>, dot: unknown): void {
    const at = this.#source.slice(this.#source.lastIndexOf("{{", offset)).replace(/\}\}.*/s, "}}");
    const nodes = this.#named.get(name) ?? this.#fail(`template ${JSON.stringify(name)} not defined`, offset, { at });
    const value = pipe && this.#pipeline(pipe, dot);
    const around = this.variables;
    if (++this.#depth > deepest) this.#fail(`exceeded maximum template depth (${deepest})`, offset, { at });
    this.variables = [{ name: "$", value }];
    this.nodes(nodes, value);
    this.variables = around;
    this.#depth--;
  }

  #control(node: Extract<Node, { pipe: Pipeline; body: Node[] }>, dot: unknown): void {
    const scope = this.variables.length;
    try {
      if (node.kind === "range") {
        this.#range(node, dot);
        return;
      }
      const value = this.#pipeline(node.pipe, dot);
      if (isTrue(value)) this.nodes(node.body, node.kind === "with" ? value : dot);
      else this.nodes(node.otherwise, dot);
    } finally {
      this.variables.length = scope;
    }
  }

  #range(node: Extract<Node, { pipe: Pipeline; body: Node[] }>, dot: unknown): void {
    const { declares, variables } = node.pipe;
    const value = this.#pipeline({ ...node.pipe, variables: [] }, dot);
    const entries = this.#entries(value, node.offset);
    if (entries.length === 0) {
      this.nodes(node.otherwise, dot);
      return;
    }
    const [first, second] = variables;
    const scope = this.variables.length;
    for (const [key, item] of entries) {
      if (first !== undefined) this.#set(first, second === undefined ? item : key, declares);
      if (second !== undefined) this.#set(second, item, declares);
      const control = this.#body(node.body, item);
      this.variables.length = scope;
      if (control === "break") return;
    }
  }

  #body(nodes: readonly Node[], dot: unknown): LoopControl["kind"] | undefined {
    try {
      this.nodes(nodes, dot);
      return undefined;
    } catch (error) {
      if (error instanceof LoopControl) return error.kind;
      throw error;
    }
  }

  #entries(value: unknown, offset: number): [unknown, unknown][] {
    if (value === null || value === undefined) return [];
    if (Array.isArray(value)) return value.map((item, at) => [at, item]);
    if (isMap(value)) return keysOf(value).map((key) => [key, value[key]]);
    if (typeof value === "number" && Number.isInteger(value)) return Array.from({ length: Math.max(0, value) }, (_, at) => [at, at]);
    return this.#fail(`range can't iterate over ${kindOf(value)}`, offset);
  }

  #set(name: string, value: unknown, declares: boolean): void {
    const known = declares ? undefined : this.variables.findLast((variable) => variable.name === name);
    if (known) known.value = value;
    else this.variables.push({ name, value });
  }

  #pipeline(pipe: Pipeline, dot: unknown): unknown {
    let value: unknown;
    for (const [at, command] of pipe.commands.entries()) value = this.#command(command, dot, at > 0 ? [value] : []);
    const [name] = pipe.variables;
    if (name !== undefined) this.#set(name, value, pipe.declares);
    return value;
  }

  /** @param piped the value of the command before, as the last argument */
  #command({ operands, offset }: Command, dot: unknown, piped: readonly unknown[]): unknown {
    const [first, ...rest] = operands as [Expression, ...Expression[]];
    if (first.kind === "function") return this.#call(first.name, rest, dot, piped, first.offset);
    const value = this.#operand(first, dot);
    if (typeof value === "function") return this.#guard(() => value(...rest.map((arg) => this.#operand(arg, dot)), ...piped), first.offset);
    if (rest.length > 0 || piped.length > 0)
      this.#fail(
        `can't give argument to non-function ${this.#source.slice(first.offset, rest[0]?.offset ?? offset + 1).trim()}`,
        first.offset,
      );
    return value;
  }

  #call(name: string, operands: readonly Expression[], dot: unknown, piped: readonly unknown[], offset: number): unknown {
    const [least, most] = arity[name] ?? [0, 99];
    const count = operands.length + piped.length;
    if (count < least || count > most)
      this.#fail(`wrong number of args for ${name}: want ${least === most ? least : `at least ${least}`} got ${count}`, offset);
    if (name === "and" || name === "or") return this.#shortCircuit(name, operands, dot, piped);
    const args = [...operands.map((operand) => this.#operand(operand, dot)), ...piped];
    return this.#guard(() => this.#functions[name]!(...args), offset, name);
  }

  #shortCircuit(name: "and" | "or", operands: readonly Expression[], dot: unknown, piped: readonly unknown[]): unknown {
    let value: unknown;
    for (const next of [...operands.map((operand) => () => this.#operand(operand, dot)), ...piped.map((each) => () => each)]) {
      value = next();
      if (isTrue(value) === (name === "or")) return value;
    }
    return value;
  }

  #guard(call: () => unknown, offset: number, name = "method"): unknown {
    try {
      return call();
    } catch (error) {
      if (error instanceof EngineError) throw error;
      return this.#fail(`error calling ${name}: ${error instanceof CallError ? error.message : String(error)}`, offset);
    }
  }

  #operand(expression: Expression, dot: unknown): unknown {
    switch (expression.kind) {
      case "literal":
        return expression.value;
      case "dot":
        return dot;
      case "variable":
        return this.variables.findLast((variable) => variable.name === expression.name)?.value;
      case "function":
        return this.#call(expression.name, [], dot, [], expression.offset);
      case "pipeline":
        return this.#pipeline(expression.pipe, dot);
      case "field":
        return this.#field(this.#operand(expression.of, dot), expression);
    }
  }

  #field(value: unknown, field: Field): unknown {
    const { name } = field;
    if (value === undefined) return undefined; // of a map's missing entry: Go goes on without a value
    if (value === null) return this.#noField(field, `nil pointer evaluating interface {}.${name}`);
    if (!isMap(value)) return this.#noField(field, `can't evaluate field ${name} in type ${kindOf(value)}`);
    if (Object.hasOwn(value, name)) return value[name];
    const found = isStruct(value) ? fieldByOtherCase(value, name) : undefined;
    if (found !== undefined) return found;
    if (!isStruct(value) && hasTypedValues(value)) return undefined; // Go prints "<no value>"
    const type = typeNameOf(value);
    const message = type ? `can't evaluate field ${name} in type ${type}` : `map has no entry for key "${name}"`;
    return this.#noField(field, message, Object.keys(value));
  }

  /** docker looks a second time, by the names of the JSON, where there is no such field: these are its words then. */
  #noField(field: Field, message: string, known: readonly string[] = []): never {
    const near = nearest(field.name, known);
    const chain = chainOf(field);
    const [start, end] = [chain[0]!.offset, field.offset + field.name.length + 1];
    this.#fail(message, field.offset, { at: this.#source.slice(start, end), suggestion: near && `.${near}`, field: field.name });
  }
}
