/** What a volume may be called and which options its driver takes (docker's local driver). Pure. */
import { EngineError } from "../errors.ts";

/** @throws EngineError `invalid`, with docker's words */
export function checkVolumeName(name: string): void {
  if (name.length === 1) throw new EngineError("invalid", "volume name is too short, names should be at least two alphanumeric characters");
  if (name.length <= 255 && /^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/.test(name)) return;
  throw new EngineError(
    "invalid",
    `create ${JSON.stringify(name)}: includes invalid characters for a local volume name, only "[a-zA-Z0-9][a-zA-Z0-9_.-]" are allowed`,
    { hint: "if you intended to pass a host directory, use an absolute path" },
  );
}

/** What mount(8) is told: `mount -t TYPE -o OPTIONS DEVICE`. */
export interface MountPlan {
  type: string;
  options: string;
  device: string;
}

/**
 * The mount that a volume's options ask for; undefined when it is a plain directory.
 * @throws EngineError `invalid` (unknown or incomplete options), `unsupported` (size: a quota)
 */
export function planMount(options: Record<string, string>): MountPlan | undefined {
  for (const name of Object.keys(options)) {
    if (name === "size")
      throw new EngineError("unsupported", "quota size requested but no quota support", {
        hint: "use type=tmpfs with o=size=… for a limited volume",
      });
    if (!["type", "o", "device"].includes(name))
      throw new EngineError("invalid", `invalid option: ${JSON.stringify(name)}`, { hint: "the local driver takes type, o and device" });
  }
  const { type = "", o = "", device = "" } = options;
  if (!type && !o && !device) return undefined;
  if (!device) throw new EngineError("invalid", 'missing required option: "device"');
  if (!type) throw new EngineError("invalid", 'missing required option: "type"');
  return { type, options: o, device };
}
