/** Durations as Go's time package reads and writes them ("1m30s", "1.5h", "100ms"), in nanoseconds. Pure. */

/** Nanoseconds of each unit. */
const units: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  µs: 1_000n,
  μs: 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
  // Not Go's, but the Compose Specification's:
  d: 86_400_000_000_000n,
  w: 604_800_000_000_000n,
};

/** Of "1m30s", "1.5h", "250ms", "0", "-10s"; undefined when it is no duration. */
export function parseDuration(text: string): number | undefined {
  const exact = /[dw]/.test(text) ? undefined : parseLongDuration(text);
  return exact === undefined ? undefined : Number(exact);
}

/** The same exactly, and with days and weeks. */
export function parseLongDuration(text: string): bigint | undefined {
  const [, sign = "", rest = ""] = /^([+-]?)(.*)$/s.exec(text) ?? [];
  if (rest === "0") return 0n;
  if (!/^((\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h|d|w))+$/.test(rest)) return undefined;
  let sum = 0n;
  for (const [, number = "", unit = ""] of rest.matchAll(/([\d.]+)([a-zµμ]+)/g)) sum += scaled(number, units[unit]!);
  return sign === "-" ? -sum : sum;
}

function scaled(number: string, unit: bigint): bigint {
  const [whole = "", fraction = ""] = number.split(".");
  return BigInt(whole || "0") * unit + (BigInt(fraction || "0") * unit) / 10n ** BigInt(fraction.length);
}

/** As Go's time.Duration.String: "1h0m0s", "1m30s", "1.5s", "250ms", "0s". @param nanoseconds whole ones */
export function goDuration(nanoseconds: number | bigint): string {
  const exact = BigInt(nanoseconds);
  if (exact === 0n) return "0s";
  if (exact < 0n) return `-${goDuration(-exact)}`;
  for (const unit of ["ns", "µs", "ms"]) if (exact < units[unit]! * 1000n) return fixed(exact, units[unit]!) + unit;
  const seconds = `${fixed(exact % units["m"]!, units["s"]!)}s`;
  const minutes = exact / units["m"]!;
  if (minutes === 0n) return seconds;
  return minutes < 60n ? `${minutes}m${seconds}` : `${minutes / 60n}h${minutes % 60n}m${seconds}`;
}

/** In a unit, without needless zeros. */
function fixed(value: bigint, unit: bigint): string {
  const fraction = (value % unit)
    .toString()
    .padStart(unit.toString().length - 1, "0")
    .replace(/0+$/, "");
  return unit === 1n || fraction === "" ? `${value / unit}` : `${value / unit}.${fraction}`;
}
