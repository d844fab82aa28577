/**
 * Builds in the quick program (LocalOptions.handOver), which makes no layers: it answers from the cache, and leaves as soon
 * as something must be made. Nothing has been shown or kept by then: the build begins again in the full program.
 */
import { EngineError } from "../../errors.ts";
import type { Ground } from "../../state/ground.ts";
import type { BuildOptions } from "../index.ts";
import { isFromDirectory } from "./build-source.ts";

/** Bytes that are read within some 50 ms. */
const silently = 64 << 20;

export interface Making {
  /** To be called before a layer, a mount or a download is made. @throws EngineError `cancelled` where nothing is made */
  begin(): void;
  /** To be called before bytes of the context are read: more of them take long, and want to be shown. @throws like `begin` */
  read(bytes: number): void;
  /** The build was called off here, to begin again in the full program. */
  readonly leaves: boolean;
  /** Waits until it is known which program answers; does not return when that is the full one. */
  decided(build: Promise<unknown>): Promise<void>;
}

export function makingOf({ options: { handOver } }: Ground, options: BuildOptions): Making {
  if (!handOver) return { begin() {}, read() {}, leaves: false, decided: async () => {} };
  if (!mayBeCached(options)) handOver();
  let leaves = false;
  let left = silently;
  const begin = () => {
    leaves = true;
    throw new EngineError("cancelled", "the build goes on in another program");
  };
  return {
    begin,
    read(bytes) {
      left -= bytes;
      if (left < 0) begin();
    },
    get leaves() {
      return leaves;
    },
    async decided(build) {
      await build.catch(() => {}); // the caller awaits it too, and sees the error
      if (leaves) handOver();
    },
  };
}

/** Only what is built from a directory and stays in the store can come from the cache alone. */
function mayBeCached(options: BuildOptions): boolean {
  const { noCache, noCacheFilter = [], pull, outputs = [], cacheFrom = [], cacheTo = [], buildContexts = {}, attests = [] } = options;
  const others = [noCacheFilter, outputs, cacheFrom, cacheTo, attests, Object.keys(buildContexts)];
  return isFromDirectory(options) && !noCache && !pull && !options.platform?.includes(",") && others.every(({ length }) => length === 0);
}
