/** The graph of a project in text cells: what it looks like, and that no line can be taken for another. */

import { describe, expect, test } from "vitest";
import { graphRows } from "../../../views/projects/graph.ts";
import { type GraphEdge, layoutGraph } from "../../../views/projects/graph-layout.ts";
import fc from "../../support/property.ts";

/** "web:db:healthy" is an edge, with the words that stand at its arrow. */
function edgesOf(text: string): GraphEdge[] {
  return text.split(" ").map((edge) => {
    const [from = "", to = "", label = ""] = edge.split(":");
    return { from, to, label };
  });
}

function drawn(names: string, edges: string, width = 100): string {
  const nodes = names.split(" ").map((name) => ({ name, text: `● ${name}`, tone: "good" as const }));
  const rows = graphRows(nodes, edges ? edgesOf(edges) : [], width);
  return rows
    .map((row) =>
      row
        .map(({ text }) => text)
        .join("")
        .trimEnd(),
    )
    .join("\n");
}

describe("drawn", () => {
  test("a chain, with the words of its conditions", () => {
    expect(drawn("db migrate web", "web:migrate:completed migrate:db:healthy")).toBe("● web ─ completed ──▶ ● migrate ─ healthy ──▶ ● db");
  });

  test("a bar for all that wait for the same; a line that passes lies below", () => {
    const edges = "proxy:web web:db:healthy web:cache web:migrate:completed migrate:db:healthy";
    expect(drawn("proxy web db cache migrate", edges)).toBe(
      [
        "● proxy ──▶ ● web ─┰─┰──────────────▶ ● cache",
        "                   ┃ ┃",
        "                   ┖─┃─ completed ──▶ ● migrate ─┒",
        "                     ┃                           ┠─ healthy ──▶ ● db",
        "                     ┖───────────────────────────┚",
      ].join("\n"),
    );
  });

  test("who waits for one in several ways has a row for each", () => {
    expect(drawn("a b c", "a:c b:c:healthy")).toBe(["● a ─┒", "     ┖────────────▶ ● c", "● b ─── healthy ──▶ ↑"].join("\n"));
  });

  test("as an outline where it has no room", () => {
    const edges = "proxy:web web:db:healthy web:cache web:migrate:completed migrate:db:healthy";
    expect(drawn("proxy web db cache migrate", edges, 50)).toBe(
      ["● proxy", "└─ ● web", "   ├─ ● db  healthy", "   ├─ ● cache", "   └─ ● migrate  completed", "      └─ ● db  healthy"].join("\n"),
    );
  });

  test("services that nothing connects stand below each other; an unknown one is left out", () => {
    expect(drawn("a b", "a:gone:healthy")).toBe("● a\n\n● b");
  });
});

/** Graphs without a circle: an edge leads from a smaller number to a greater. */
const graph = fc
  .tuple(
    fc.integer({ min: 1, max: 9 }),
    fc.array(fc.tuple(fc.nat(8), fc.nat(8), fc.constantFrom("", "healthy", "completed")), { maxLength: 16 }),
  )
  .map(([count, pairs]) => ({
    names: Array.from({ length: count }, (_, index) => `s${index}`),
    edges: [
      ...new Map(
        pairs.map(([a, b, label]) => [
          `${Math.min(a, b)} ${Math.max(a, b)}`,
          { from: `s${Math.min(a, b)}`, to: `s${Math.max(a, b)}`, label },
        ]),
      ).values(),
    ].filter(({ from, to }) => from !== to && Number(to.slice(1)) < count),
  }));

test("no line lies on that of another service or condition", () => {
  fc.assert(
    fc.property(graph, ({ names, edges }) => {
      const layout = layoutGraph(names, edges);
      if (!layout) return;
      for (const { nets, tracks } of layout.channels) {
        const leaving = new Map<number, number>();
        for (const { lefts, track = tracks } of nets) for (const y of lefts) leaving.set(y, Math.max(leaving.get(y) ?? -1, track));
        for (const { lefts, right, track } of nets) {
          // From its bar to the next column the row is its own.
          const others = nets.filter((net) => net.right === right);
          expect(others).toHaveLength(1);
          if (track !== undefined) expect(leaving.get(right) ?? -1).toBeLessThanOrEqual(track);
          if (track === undefined) expect(lefts).toEqual([right]);
        }
      }
    }),
    { numRuns: 300 },
  );
});

test("every service is drawn, and only once", () => {
  fc.assert(
    fc.property(graph, ({ names, edges }) => {
      const nodes = names.map((name) => ({ name, text: `<${name}>`, tone: "good" as const }));
      const lines = graphRows(nodes, edges, 1000).map((row) => row.map(({ text }) => text).join(""));
      for (const name of names) if (layoutGraph(names, edges)) expect(lines.join("\n").split(`<${name}>`)).toHaveLength(2);
    }),
    { numRuns: 200 },
  );
});
