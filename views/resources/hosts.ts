/** The hosts tab: this machine and those that have a context, what runs there, and whether they are there at all. */
import { humanDuration } from "../../src/format/duration.ts";
import { humanSize } from "../../src/format/size.ts";
import type { HostRow } from "../hosts/hosts.ts";
import type { Tone } from "../theme.ts";
import { cpuText, memoryText } from "../usage.ts";
import type { DetailSection, ResourceView } from "./resource.ts";

const tones: Record<HostRow["status"], Tone> = { connected: "good", connecting: "busy", lost: "bad", idle: "dim" };
const symbols: Record<HostRow["status"], string> = { connected: "●", connecting: "◌", lost: "✗", idle: "·" };

/** "in use", "connected 12 ms", "gone 5 seconds: connection refused". */
function state({ status, isUsed, latency, lostSince, error }: HostRow, now: number): string {
  if (status === "lost") {
    const since = lostSince === undefined ? "" : ` ${humanDuration(Math.max(0, (now - lostSince) / 1000)).toLowerCase()}`;
    return `gone${since}: ${error?.message ?? "no answer"}`;
  }
  const words = [
    isUsed ? "in use" : status === "idle" ? "not asked" : status,
    latency !== undefined && `${Math.max(1, Math.round(latency))} ms`,
  ];
  return words.filter(Boolean).join(", ");
}

const running = ({ facts }: HostRow) => (facts ? `${facts.running}/${facts.total}` : "");
const cpu = ({ facts, usage }: HostRow) => (usage ? `${cpuText(usage)}${facts ? ` of ${facts.cpus}` : ""}` : "");
const memory = ({ facts, usage }: HostRow) => (usage ? `${memoryText(usage)}${facts ? `/${memoryText(facts)}` : ""}` : "");

export const hosts: ResourceView<HostRow> = {
  id: "hosts",
  title: "Hosts",
  key: "7",
  noun: "host",
  events: [],
  columns: [
    { header: " ", name: "symbol", min: 1, value: ({ status }) => symbols[status], tone: ({ status }) => tones[status] },
    {
      header: "NAME",
      min: 12,
      grow: 2,
      value: (row) => row.name,
      tone: ({ isUsed }) => (isUsed ? "strong" : "plain"),
      sort: (row) => row.name,
    },
    { header: "ADDRESS", min: 14, grow: 3, drop: 2, value: (row) => row.address, tone: () => "dim" },
    { header: "ENGINE", min: 13, grow: 1, drop: 3, value: (row) => row.engine },
    { header: "RUNNING", min: 8, align: "right", value: running },
    { header: "CPU", min: 10, content: 10, align: "right", drop: 3, value: cpu },
    { header: "MEM", min: 11, content: 11, align: "right", drop: 4, value: memory },
    { header: "STATE", min: 16, content: 22, grow: 3, value: state, tone: ({ status }) => tones[status], sort: (row) => row.status },
  ],
  load: (_engine, { hosts: list }) => list(),
  identify: (row) => row.name,
  name: (row) => row.name,
  haystack: (row) => `${row.name} ${row.address} ${row.engine} ${row.status}`.toLowerCase(),
  since: (row) => row.lostSince,
  detail: async (_engine, row) => sections(row),
  empty: ["No hosts.", "Press <host.create> to give one a name."],
};

function sections(row: HostRow): DetailSection[] {
  const { facts, error } = row;
  const pairs: [string, string][] = [
    ["Name", row.name],
    ["Address", row.address],
    ["Engine", row.engine || "not known yet"],
    ["State", state(row, Date.now())],
    ["Containers", facts ? `${facts.total}, of which ${facts.running} run` : "not known yet"],
    ["CPU", facts ? cpu(row) || String(facts.cpus) : "not known yet"],
    ["Memory", facts ? memory(row) || humanSize(facts.memory) : "not known yet"],
  ];
  const wrong = error
    ? [{ kind: "lines" as const, title: "What is wrong", lines: [...error.message.split("\n"), `hint: ${error.hint}`] }]
    : [];
  return [{ kind: "pairs", title: "", rows: pairs }, ...wrong];
}
