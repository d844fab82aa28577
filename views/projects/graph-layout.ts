/**
 * Where a dependency graph lies in text cells: who depends stands left of what it depends on, a line for all that wait for one in
 * the same way. Pure; drawn by graph.ts.
 */

export interface GraphEdge {
  from: string;
  to: string;
  /** How `from` depends on `to`; those with the same words share a line. */
  label: string;
}

/** All that wait for one service in one way. */
export interface Net {
  to: string;
  label: string;
  from: string[];
  /** Columns of its first source and of its target. */
  first: number;
  last: number;
}

/** What stands in a column: a service, or a line that only passes. */
export interface Item {
  name?: string;
  passes?: Net;
  y: number;
  /** Lines that arrive at it, from the top. */
  entries: Net[];
}

/** Between a column and the next: the nets there, with the places of their upright lines, counted from the left. */
export interface Channel {
  nets: { net: Net; lefts: number[]; right: number; track?: number }[];
  tracks: number;
}

export interface GraphLayout {
  columns: Item[][];
  channels: Channel[];
  height: number;
}

/** undefined where lines would have to lie on each other. */
export function layoutGraph(names: readonly string[], edges: readonly GraphEdge[]): GraphLayout | undefined {
  const ranks = ranksOf(names, edges);
  const nets = netsOf(edges, ranks);
  const columns = columnsOf(names, ranks, nets);
  arrange(columns, nets);
  const channels: Channel[] = [];
  for (const [at, column] of columns.entries()) {
    place(column, at > 0 ? columns[at - 1]! : [], nets, at);
    if (at === 0) continue;
    const channel = fitted(columns[at - 1]!, column, nets, at - 1);
    if (!channel) return undefined;
    channels.push(channel);
  }
  const height = Math.max(0, ...columns.flat().map((item) => item.y + heightOf(item)));
  return { columns, channels, height };
}

const heightOf = ({ entries }: Item) => Math.max(1, entries.length);

/** The longest way from one that nobody depends on. */
function ranksOf(names: readonly string[], edges: readonly GraphEdge[]): Map<string, number> {
  const ranks = new Map<string, number>();
  const visit = (name: string, chain: readonly string[]): number => {
    const known = ranks.get(name);
    if (known !== undefined) return known;
    const dependents = edges.filter(({ from, to }) => to === name && !chain.includes(from)).map(({ from }) => from);
    const rank = Math.max(0, ...dependents.map((from) => visit(from, [...chain, name]) + 1));
    ranks.set(name, rank);
    return rank;
  };
  for (const name of names) visit(name, []);
  return ranks;
}

function netsOf(edges: readonly GraphEdge[], ranks: ReadonlyMap<string, number>): Net[] {
  const forward = edges.filter(({ from, to }) => ranks.has(from) && ranks.has(to) && ranks.get(from)! < ranks.get(to)!);
  return [...Map.groupBy(forward, ({ to, label }) => `${to}\0${label}`).values()].map((group) => {
    const { to, label } = group[0]!;
    const from = [...new Set(group.map((edge) => edge.from))];
    return { to, label, from, first: Math.min(...from.map((name) => ranks.get(name)!)), last: ranks.get(to)! };
  });
}

function columnsOf(names: readonly string[], ranks: ReadonlyMap<string, number>, nets: readonly Net[]): Item[][] {
  const count = Math.max(0, ...ranks.values()) + 1;
  return Array.from({ length: count }, (_, at) => [
    ...names.filter((name) => ranks.get(name) === at).map((name) => ({ name, y: 0, entries: nets.filter((net) => net.to === name) })),
    ...nets.filter((net) => net.first < at && at < net.last).map((net) => ({ passes: net, y: 0, entries: [] })),
  ]);
}

/** Where a net leaves a column. */
const leaves = (net: Net, item: Item, at: number) =>
  item.passes === net || (at >= net.first && at < net.last && item.name !== undefined && net.from.includes(item.name));
/** Where it arrives in one. */
const arrives = (net: Net, item: Item) => item.passes === net || item.name === net.to;

/** Nets between a column and the next. */
const between = (nets: readonly Net[], at: number) => nets.filter(({ first, last }) => first <= at && at < last);

/** Items near what they are connected with: three walks there and back, each by the mean place of the neighbours. */
function arrange(columns: Item[][], nets: readonly Net[]): void {
  for (let walk = 0; walk < 6; walk++) {
    const isForth = walk % 2 === 0;
    const order = isForth ? columns.keys() : [...columns.keys()].reverse();
    for (const at of order) {
      const neighbours = columns[isForth ? at - 1 : at + 1];
      if (!neighbours) continue;
      const channel = between(nets, isForth ? at - 1 : at);
      const connected = (item: Item, other: Item) =>
        channel.some((net) => (isForth ? arrives(net, item) && leaves(net, other, at - 1) : leaves(net, item, at) && arrives(net, other)));
      sortByMean(columns[at]!, (item) => neighbours.flatMap((other, index) => (connected(item, other) ? [index] : [])));
    }
  }
}

/** Those without a neighbour stay where they are among the others. */
function sortByMean(column: Item[], places: (item: Item) => number[]): void {
  const keys = new Map(
    column.map((item, index) => {
      const found = places(item);
      return [item, found.length > 0 ? mean(found) : index];
    }),
  );
  column.sort((a, b) => keys.get(a)! - keys.get(b)!);
}

const mean = (numbers: readonly number[]) => numbers.reduce((sum, each) => sum + each, 0) / numbers.length;

/** Rows: as near to what is on the left as may be, a free one between two items. */
function place(column: Item[], left: readonly Item[], nets: readonly Net[], at: number): void {
  let free = 0;
  for (const item of column) {
    const wanted = between(nets, at - 1)
      .filter((net) => arrives(net, item))
      .flatMap((net) => left.filter((other) => leaves(net, other, at - 1)).map(({ y }) => y));
    item.y = Math.max(free, wanted.length > 0 ? Math.round(mean(wanted)) : 0);
    free = item.y + heightOf(item) + 1;
    item.entries.sort((a, b) => meanLeft(a, left, at - 1) - meanLeft(b, left, at - 1));
  }
}

const meanLeft = (net: Net, left: readonly Item[], at: number) => mean(left.filter((item) => leaves(net, item, at)).map(({ y }) => y));

/** Moves a column down until no line has to lie on another. */
function fitted(left: readonly Item[], right: readonly Item[], nets: readonly Net[], at: number): Channel | undefined {
  for (let shift = 0; shift < 4; shift++) {
    const channel = channelOf(left, right, between(nets, at), at);
    if (channel) return channel;
    for (const item of right) item.y++;
  }
  return undefined;
}

function channelOf(left: readonly Item[], right: readonly Item[], nets: readonly Net[], at: number): Channel | undefined {
  const all = nets.map((net): Channel["nets"][number] => {
    const target = right.find((item) => arrives(net, item))!;
    const lefts = left.filter((item) => leaves(net, item, at)).map(({ y }) => y);
    return { net, lefts, right: target.y + Math.max(0, target.entries.indexOf(net)) };
  });
  const bent = all.filter(({ lefts, right: row }) => lefts.some((y) => y !== row));
  // A line leaves on the row that another net arrives on: its own upright lines must come first, or the two lie on each other.
  const before = new Map(
    bent.map((net) => [net, bent.filter((other) => other !== net && other.lefts.includes(net.right) && !isStraight(all, net.right))]),
  );
  const straight = all.filter((net) => !bent.includes(net));
  const isCovered = bent.some((net) => straight.some((other) => other.right === net.right));
  const order = isCovered ? undefined : ordered(bent, before);
  if (!order) return undefined;
  for (const [track, net] of order.entries()) net.track = track;
  return { nets: all, tracks: order.length };
}

function isStraight(all: Channel["nets"], row: number): boolean {
  return all.some(({ lefts, right }) => right === row && lefts.every((y) => y === row));
}

/** undefined where they wait for each other. */
function ordered<Each extends { right: number }>(all: readonly Each[], before: ReadonlyMap<Each, readonly Each[]>): Each[] | undefined {
  const rest = [...all].sort((a, b) => a.right - b.right);
  const done: Each[] = [];
  while (rest.length > 0) {
    const next = rest.findIndex((each) => before.get(each)!.every((other) => done.includes(other)));
    if (next < 0) return undefined;
    done.push(...rest.splice(next, 1));
  }
  return done;
}
