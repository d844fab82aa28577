/** What a volume may be called and which options its driver takes (docker's local driver). Pure. */
import { EngineError } from "../errors.ts";

/** @throws EngineError `invalid`, with docker's words */
export function checkVolumeName(name: string): void {
  if (name.length === 1)
    throw new EngineError("invalid", `create ${name}: volume name is too short, names should be at least two alphanumeric characters`);
  if (name.length <= 255 && /^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/.test(name)) return;
  throw new EngineError(
    "invalid",
    `create ${name}: ${JSON.stringify(name)} includes invalid characters for a local volume name, only "[a-zA-Z0-9][a-zA-Z0-9_.-]" are allowed. If you intended to pass a host directory, use absolute path`,
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
 * @param volume its name, for messages
 * @throws EngineError `invalid`: unknown or incomplete options, or a quota
 */
export function planMount(options: Record<string, string>, volume: string): MountPlan | undefined {
  const refuse = (text: string, hint?: string) => new EngineError("invalid", `create ${volume}: ${text}`, hint ? { hint } : {});
  for (const name of Object.keys(options)) {
    if (name === "size") throw refuse("quota size requested but no quota support", "use type=tmpfs with o=size=… for a limited volume");
    if (!["type", "o", "device"].includes(name))
      throw refuse(`invalid option: ${JSON.stringify(name)}`, "the local driver takes type, o and device");
  }
  const { type = "", o = "", device = "" } = options;
  if (!type && !o && !device) return undefined;
  if (!device) throw refuse('missing required option: "device"');
  if (!type) throw refuse('missing required option: "type"');
  return { type, options: o, device };
}
