/** `--output type=image,compression=…`: the image gets its manifest at once, and so its digest, before a registry has it. */
import { EngineError } from "../../errors.ts";
import type { ProgressEvent } from "../../events.ts";
import { parseReference } from "../../image/documents/index.ts";
import type { Compression } from "../../registry/give-manifest.ts";
import type { Ground } from "../../state/ground.ts";
import type { BuildOptions } from "../index.ts";
import type { Progress } from "../report/index.ts";

/** How the layers are to be compressed for a manifest at once, when an output asks for one. @throws EngineError `unsupported` */
export function compressionOf(outputs: NonNullable<BuildOptions["outputs"]> = []): Compression | undefined {
  const wanted = outputs.map(({ attributes }) => attributes["compression"]).find((each) => each !== undefined);
  if (wanted === undefined || wanted === "gzip" || wanted === "uncompressed") return wanted;
  throw new EngineError("unsupported", `cannot carry out "compression=${wanted}" of an output of type image`, {
    exit: 1,
    hint: "it is gzip or uncompressed",
  });
}

/** Gives the image its manifest. @returns the digest of that */
export async function exportManifest(
  ground: Ground,
  id: string,
  tags: readonly string[],
  compression: Compression,
  progress: Progress,
  signal: AbortSignal,
): Promise<string> {
  return await progress.step("exporting manifest", async (report) => {
    const { giveManifest } = await import("../../registry/give-manifest.ts");
    const onEvent = (event: ProgressEvent) => {
      if (event.type === "transfer") report.status(`${event.id}: ${event.status}`, event.current ?? 0, { unit: "bytes" });
    };
    const { digest } = await giveManifest(ground, id, tags.map(parseReference), { compression, report: onEvent, signal });
    report.status(`exporting manifest ${digest}`, 0, { done: true });
    return digest;
  });
}
