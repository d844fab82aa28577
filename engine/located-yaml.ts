/** YAML of which whatever is wrong is shown where it stands: for files of settings that are read node by node. */
import type { Node } from "yaml";
import { EngineError } from "./errors.ts";

export type Fail = (node: Node | null | undefined, why: string, suggestion?: string) => never;

export interface Pair {
  key: Node & { value: unknown };
  value: Node | null;
}

export interface LocatedYaml {
  contents: Node | null;
  /** @throws EngineError `invalid`, at a node */
  fail: Fail;
  /** From 1. */
  lineOf(node: Node): number;
}

/**
 * @param file for messages
 * @param hint what to do about whatever is wrong
 * @throws EngineError `invalid` with its place
 */
export async function parseLocated(text: string, file: string, hint: string): Promise<LocatedYaml> {
  const { LineCounter, parseDocument } = await import("yaml");
  const lines = new LineCounter();
  const failAt = (offset: number, why: string, suggestion?: string): never => {
    const { line, col } = lines.linePos(offset);
    throw new EngineError("invalid", `${file}:${line}:${col}: ${why}`, {
      hint,
      location: { file, line, column: col, source: text },
      ...(suggestion && { suggestion }),
    });
  };
  const parsed = () => {
    try {
      return parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
    } catch {
      return failAt(0, "it is nested too deep"); // the parser's stack
    }
  };
  const { contents, errors } = parsed();
  const [error] = errors;
  if (error) failAt(error.pos[0], error.message);
  return {
    contents: contents as Node | null,
    fail: (node, why, suggestion) => failAt(node?.range?.[0] ?? 0, why, suggestion),
    lineOf: (node) => lines.linePos(node.range?.[0] ?? 0).line,
  };
}
