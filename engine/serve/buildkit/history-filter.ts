/** Conditions on records of builds, as buildx writes them: "status==error,duration>1m30s". Pure but for the clock. */
import { parseDuration } from "../../duration.ts";
import { EngineError } from "../../errors.ts";
import { grpcCodes } from "../../http/grpc.ts";
import type { HistoryRecord } from "./messages.ts";

type Test = (record: HistoryRecord) => boolean;

const texts = new Map<string, (record: HistoryRecord) => string>([
  ["ref", ({ Ref = "" }) => Ref],
  ["repository", ({ FrontendAttrs = {} }) => FrontendAttrs["context"] ?? ""],
  ["status", statusOf],
]);

function statusOf({ error, CompletedAt }: HistoryRecord): string {
  if (CompletedAt === undefined) return "running";
  if (error === undefined) return "completed";
  return error.code === grpcCodes.cancelled ? "canceled" : "error";
}

/** Milliseconds. */
const numbers = new Map<string, (record: HistoryRecord) => number>([
  ["startedAt", ({ CreatedAt = 0 }) => CreatedAt],
  ["completedAt", ({ CompletedAt = 0 }) => CompletedAt],
  ["duration", ({ CreatedAt = 0, CompletedAt = Date.now() }) => CompletedAt - CreatedAt],
]);

/** @param filters any of which must hold; what commas part within one must hold together. @throws EngineError `invalid` */
export function historyFilter(filters: readonly string[]): Test {
  const any = filters.map((filter) => {
    const all = filter.split(",").map(testOf);
    return (record: HistoryRecord) => all.every((test) => test(record));
  });
  return (record) => any.length === 0 || any.some((test) => test(record));
}

function testOf(condition: string): Test {
  const [, name = "", how = "", value = ""] = /^"?(\w+)(==|!=|~=|<=|>=|<|>)(.*?)"?$/.exec(condition) ?? [];
  const test = textTest(texts.get(name), how, value) ?? numberTest(numbers.get(name), how, numberOf(name, value));
  if (!test) throw new EngineError("invalid", `cannot read the filter "${condition}"`);
  return test;
}

function textTest(read: ((record: HistoryRecord) => string) | undefined, how: string, value: string): Test | undefined {
  if (!read) return undefined;
  if (how === "==") return (record) => read(record) === value;
  if (how === "!=") return (record) => read(record) !== value;
  return how === "~=" ? (record) => read(record).includes(value) : undefined;
}

function numberTest(read: ((record: HistoryRecord) => number) | undefined, how: string, value: number): Test | undefined {
  if (!read || Number.isNaN(value)) return undefined;
  if (how === "<") return (record) => read(record) < value;
  if (how === "<=") return (record) => read(record) <= value;
  if (how === ">") return (record) => read(record) > value;
  return how === ">=" ? (record) => read(record) >= value : undefined;
}

/** Milliseconds: of a length; of a moment, or how long ago that was. */
function numberOf(name: string, text: string): number {
  const nanoseconds = parseDuration(text);
  if (name === "duration") return (nanoseconds ?? Number.NaN) / 1e6;
  return nanoseconds === undefined ? Date.parse(text) : Date.now() - nanoseconds / 1e6;
}
