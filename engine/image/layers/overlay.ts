/**
 * Mounting a union of layers (overlayfs, kernel documentation "Overlay Filesystem"). The mount options keep the upper
 * directory portable: everything that would tie it to these very lower directories is off.
 */
import { chmodSync, chownSync, closeSync, existsSync, mkdirSync, openSync, statSync } from "node:fs";
import { basename, dirname } from "node:path";
import { EngineError } from "../../errors.ts";
import { MS, mount, unmount } from "../../sys/libc.ts";
import { type MountOption, mountByParts } from "../../sys/mount-parts.ts";

export interface OverlayMount {
  /** Topmost first, as `Images.lowerdirs` gives them; at least one. */
  lower: string[];
  /** Without it the union is read-only. Made when missing, with the mode and owner of the topmost lower root. */
  upper?: string;
  /** Made when missing; on the same file system as `upper`. */
  work?: string;
  merged: string;
  /** Never sync: only for what is thrown away (`run --rm`). */
  volatile?: boolean;
}

// A lower layer comes from an image, which could carry redirects written by its author: they are never followed.
const fixed = "redirect_dir=nofollow,metacopy=off,index=off,xino=off";
/** mount(2) takes one page of options. */
const optionLimit = 4095;

/**
 * Mounts the union on `merged`, making that directory when it is missing.
 * @throws EngineError `system` with the mount's errno, `unsupported` when the layers are too many for one mount
 */
export function mountOverlay(union: OverlayMount): void {
  const { lower, upper, work, merged } = union;
  try {
    if (upper) makeUpper(upper, lower[0]!);
    if (work) mkdirSync(work, { recursive: true, mode: 0o700 });
    mkdirSync(merged, { recursive: true, mode: 0o755 });
    const plain = overlayOptions(union);
    if (!upper && lower.length === 1) mountSingle(lower[0]!, merged);
    else if (plain.length <= optionLimit) mount("overlay", merged, "overlay", 0, plain);
    else mountByDescriptor(union);
  } catch (cause) {
    if (cause instanceof EngineError) throw cause;
    const gone = lower.find((path) => !existsSync(path));
    if (gone) throw vanished(gone, cause);
    const kind = (cause as { code?: string }).code === "ENOSPC" ? "no-space" : "system";
    throw new EngineError(kind, `cannot mount overlay on "${merged}": ${(cause as Error).message}`, { cause });
  }
}

/** Somebody deleted files of the state directory. */
function vanished(layer: string, cause: unknown): EngineError {
  return new EngineError("corrupt", `cannot mount the image's layer "${layer}": it is gone from the state directory`, {
    cause,
    exit: 125,
    hint: "bring the image again: pull, load, build or import it",
  });
}

/** A read-only overlay takes at least two lower directories: one layer alone is simply shown. */
function mountSingle(lower: string, merged: string): void {
  mount(lower, merged, "", MS.BIND);
  mount("", merged, "", MS.REMOUNT | MS.BIND | MS.RDONLY);
}

/** The mount's option string. Pure. */
export function overlayOptions({ lower: stack, upper, work, volatile }: OverlayMount): string {
  const lower = stack.map(escapeOption).join(":");
  return `${fixed}${volatile ? ",volatile" : ""},lowerdir=${lower}${upper ? `,upperdir=${escapeOption(upper)},workdir=${escapeOption(work ?? "")}` : ""}`;
}

/** Commas end an option, colons a lower directory; overlayfs takes a backslash before either. */
function escapeOption(path: string): string {
  return path.replaceAll(/[\\:,]/g, "\\$&");
}

/**
 * Many layers: directories are named by descriptors, so that it does not matter where they lie, and given one by one, where
 * the kernel takes them so (Linux 6.8). Older ones take a page of them, which is enough for docker's 125 layers and a few more.
 */
function mountByDescriptor(union: OverlayMount): void {
  using short = new ShortPaths();
  const { upper, work } = union;
  const shortened = {
    ...union,
    lower: union.lower.map((path) => short.of(path)),
    ...(upper && { upper: short.of(upper) }),
    ...(work && { work: short.of(work) }),
  };
  if (mountOneByOne(shortened)) return;
  const options = overlayOptions(shortened);
  if (options.length > optionLimit) {
    throw new EngineError(
      "unsupported",
      `cannot mount ${union.lower.length} layers on "${union.merged}": the kernel takes ${optionLimit} bytes of options`,
      { hint: "build the image with fewer layers" },
    );
  }
  mount("overlay", union.merged, "overlay", 0, options);
}

/** False when the kernel is too old for it. */
function mountOneByOne({ lower, upper, work, merged, volatile }: OverlayMount): boolean {
  const options: MountOption[] = [
    ["source", "overlay"],
    ...fixed.split(",").map((option) => option.split("=") as [string, string]),
    ...(volatile ? [["volatile"] as const] : []),
    ...lower.map((path) => ["lowerdir+", path] as const),
    ...(upper && work
      ? ([
          ["upperdir", upper],
          ["workdir", work],
        ] as const)
      : []),
  ];
  try {
    mountByParts("overlay", merged, options);
    return true;
  } catch (error) {
    if (["ENOSYS", "EINVAL"].includes((error as NodeJS.ErrnoException).code ?? "")) return false;
    throw error;
  }
}

/** Names of directories by descriptors of the directories that hold them, for as long as they are used. */
class ShortPaths implements Disposable {
  readonly #open = new Map<string, number>();

  of(path: string): string {
    const parent = dirname(path);
    let fd = this.#open.get(parent);
    if (fd === undefined) this.#open.set(parent, (fd = openSync(parent, "r")));
    return `/proc/self/fd/${fd}/${basename(path)}`;
  }

  [Symbol.dispose](): void {
    for (const fd of this.#open.values()) closeSync(fd);
  }
}

/** The root directory of a container has the attributes of its image's root, not of a fresh directory. */
function makeUpper(upper: string, top: string): void {
  if (mkdirSync(upper, { recursive: true, mode: 0o755 }) === undefined) return;
  const { uid, gid, mode } = statSync(top);
  chownSync(upper, uid, gid);
  chmodSync(upper, mode & 0o7777);
}

/** Unmounts a union; a path that is not mounted, or does not exist, is fine. */
export function unmountOverlay(merged: string): void {
  unmount(merged);
}
