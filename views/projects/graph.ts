/** A project's dependency graph in text cells: columns and lines where there is room for them, an outline where there is not. Pure. */
import { cellWidth } from "../../src/format/cells.ts";
import type { Span } from "../resources/resource.ts";
import type { Tone } from "../theme.ts";
import { type GraphEdge, type GraphLayout, layoutGraph } from "./graph-layout.ts";

export type { GraphEdge } from "./graph-layout.ts";

export interface GraphNode {
  name: string;
  /** One line, neutralised: "● web 2/2". */
  text: string;
  tone: Tone;
}

/** Rows for a width; an edge leads from a service to what it depends on. */
export function graphRows(nodes: readonly GraphNode[], edges: readonly GraphEdge[], width: number): Span[][] {
  const layout = layoutGraph(
    nodes.map(({ name }) => name),
    edges,
  );
  const drawing = layout && new Drawing(layout, new Map(nodes.map((node) => [node.name, node])));
  return drawing && drawing.width <= width ? drawing.rows() : outlineRows(nodes, edges);
}

/** Sides of a cell that lines come from; their sum is a joint. */
const Side = { left: 1, right: 2, up: 4, down: 8 } as const;

/** A line of a service is light; the bar that collects all who wait for the same is heavy, so that it is no way from one to another. */
const joints: Record<number, string> = {
  5: "┚",
  6: "┖",
  7: "┸",
  9: "┒",
  10: "┎",
  11: "┰",
  13: "┨",
  14: "┠",
  15: "╂",
};
const arrow = "▶";

interface Cell extends Span {
  flat?: boolean;
  upright?: boolean;
  joint?: number;
}

class Drawing {
  readonly width: number;
  readonly #layout: GraphLayout;
  readonly #nodes: ReadonlyMap<string, GraphNode>;
  readonly #cells: Cell[][];
  /** Where columns begin, and how wide they are. */
  readonly #starts: number[] = [];
  readonly #widths: number[];

  constructor(layout: GraphLayout, nodes: ReadonlyMap<string, GraphNode>) {
    this.#layout = layout;
    this.#nodes = nodes;
    this.#widths = layout.columns.map((column) => Math.max(1, ...column.map(({ name }) => this.#textWidth(name))));
    let x = 0;
    for (const [at, width] of this.#widths.entries()) {
      this.#starts.push(x);
      x += width + (at < layout.channels.length ? this.#channelWidth(at) : 0);
    }
    this.width = x;
    this.#cells = Array.from({ length: layout.height }, () => Array.from({ length: x }, () => ({ text: " ", tone: "dim" as const })));
  }

  #textWidth(name: string | undefined): number {
    return name === undefined ? 0 : cellWidth(this.#nodes.get(name)!.text);
  }

  /** " ─┰─┰─ healthy ─▶ " */
  #channelWidth(at: number): number {
    const { nets, tracks } = this.#layout.channels[at]!;
    const labels = nets.filter(({ net }) => net.last === at + 1).map(({ net }) => cellWidth(net.label));
    const longest = Math.max(0, ...labels);
    return 2 + 2 * tracks + (longest > 0 ? longest + 4 : 1) + 2;
  }

  rows(): Span[][] {
    for (const at of this.#layout.channels.keys()) this.#drawChannel(at);
    for (const [at, column] of this.#layout.columns.entries())
      for (const { name, passes, y, entries } of column) {
        if (passes) this.#flat(y, this.#starts[at]!, this.#starts[at]! + this.#widths[at]! - 1);
        const node = name === undefined ? undefined : this.#nodes.get(name)!;
        if (node) this.#write(y, this.#starts[at]!, node.text, node.tone);
        for (let row = 1; node && row < entries.length; row++) this.#write(y + row, this.#starts[at]!, "↑", node.tone);
      }
    return this.#cells.map(spans);
  }

  #drawChannel(at: number): void {
    const { nets, tracks } = this.#layout.channels[at]!;
    const begin = this.#starts[at]! + this.#widths[at]!;
    const end = this.#starts[at + 1]!;
    const column = (track: number) => begin + 2 + 2 * track;
    for (const item of this.#layout.columns[at]!) {
      const own = nets.filter(({ lefts }) => lefts.includes(item.y));
      if (own.length === 0) continue;
      // To the last of its upright lines, or through to the next column.
      const reach = Math.max(...own.map(({ track }) => (track === undefined ? end - 1 : column(track))));
      this.#flat(item.y, this.#starts[at]! + (item.passes ? 0 : this.#textWidth(item.name) + 1), reach);
    }
    for (const { net, lefts, right, track } of nets) {
      const labelAt = column(tracks);
      if (track !== undefined) {
        this.#upright(column(track), [...lefts, right]);
        this.#flat(right, column(track), end - 1);
        const above = (y: number) => [...lefts, right].some((other) => other < y);
        const below = (y: number) => [...lefts, right].some((other) => other > y);
        const ends = (y: number) => (above(y) ? Side.up : 0) | (below(y) ? Side.down : 0);
        const goesOn = (y: number) => nets.some((other) => other.lefts.includes(y) && (other.track ?? tracks) > track);
        for (const y of lefts) this.#joint(column(track), y, Side.left | ends(y) | (goesOn(y) ? Side.right : 0));
        this.#joint(column(track), right, Side.right | ends(right));
      }
      if (net.last === at + 1) this.#arrive(right, labelAt, end, net.label);
    }
  }

  #arrive(y: number, labelAt: number, end: number, label: string): void {
    if (label) this.#write(y, labelAt, ` ${label} `, "accent");
    this.#write(y, end - 2, `${arrow} `, "dim");
  }

  #cell(y: number, x: number): Cell {
    return this.#cells[y]![x]!;
  }

  #flat(y: number, from: number, to: number): void {
    for (let x = from; x <= to; x++) this.#cell(y, x).flat = true;
  }

  #upright(x: number, rows: readonly number[]): void {
    for (let y = Math.min(...rows) + 1; y < Math.max(...rows); y++) this.#cell(y, x).upright = true;
  }

  #joint(x: number, y: number, sides: number): void {
    const cell = this.#cell(y, x);
    cell.joint = (cell.joint ?? 0) | sides;
  }

  #write(y: number, x: number, text: string, tone: Tone): void {
    const cells = this.#cells[y]!;
    cells.splice(x, cellWidth(text), { text, tone }, ...Array.from({ length: cellWidth(text) - 1 }, () => ({ text: "", tone })));
  }
}

/** What a cell shows; where lines only cross, the upright one lies above. */
function glyph({ text, flat, upright, joint }: Cell): string {
  if (text !== " ") return text;
  if (joint !== undefined) return joints[joint] ?? "─";
  return upright ? "┃" : flat ? "─" : " ";
}

function spans(cells: readonly Cell[]): Span[] {
  const row: Span[] = [];
  for (const cell of cells) {
    const last = row.at(-1);
    const text = glyph(cell);
    if (last && last.tone === cell.tone) last.text += text;
    else row.push({ text, tone: cell.tone });
  }
  const last = row.at(-1);
  if (last) last.text = last.text.trimEnd();
  return row;
}

/** Services that nobody depends on, and below each what it depends on; what stood there already is only named. */
function outlineRows(nodes: readonly GraphNode[], edges: readonly GraphEdge[]): Span[][] {
  const byName = new Map(nodes.map((node) => [node.name, node]));
  const seen = new Set<string>();
  const rows: Span[][] = [];
  const visit = (node: GraphNode, label: string, head: string, indent: string, chain: readonly string[]) => {
    const needs = edges.filter(({ from, to }) => from === node.name && byName.has(to) && !chain.includes(to));
    const isKnown = seen.has(node.name) && needs.length > 0;
    seen.add(node.name);
    rows.push([
      { text: head, tone: "dim" },
      { text: node.text, tone: node.tone },
      { text: `${label ? `  ${label}` : ""}${isKnown ? "  ↑" : ""}`, tone: "accent" },
    ]);
    if (isKnown) return;
    for (const [at, edge] of needs.entries()) {
      const isLast = at === needs.length - 1;
      visit(byName.get(edge.to)!, edge.label, `${indent}${isLast ? "└─ " : "├─ "}`, `${indent}${isLast ? "   " : "│  "}`, [
        ...chain,
        node.name,
      ]);
    }
  };
  const isRoot = ({ name }: GraphNode) => !edges.some(({ from, to }) => to === name && byName.has(from));
  for (const node of nodes.filter(isRoot)) visit(node, "", "", "", []);
  return rows;
}
