/**
 * libnftables in process (libnftables(3)): a rule or a map element costs a fraction of a millisecond instead of a
 * process. Scripts are built only from ids, numbers and validated addresses: never from user text.
 */
import { bind } from "./libc.ts";

const library = "libnftables.so.1";
/** <nftables/libnftables.h> NFT_CTX_OUTPUT_HANDLE */
const OUTPUT_HANDLE = 1 << 3;

let context: unknown;

/** A context speaks to the network namespace in which it was opened. */
function open(): unknown {
  const opened = bind<(flags: number) => unknown>("void *nft_ctx_new(uint32_t flags)", library)(0);
  if (!opened) throw new Error("cannot open libnftables");
  for (const name of ["nft_ctx_buffer_output", "nft_ctx_buffer_error"])
    bind<(context: unknown) => number>(`int ${name}(void *context)`, library)(opened);
  bind<(context: unknown, flags: number) => void>("void nft_ctx_output_set_flags(void *context, unsigned int flags)", library)(
    opened,
    OUTPUT_HANDLE,
  );
  return opened;
}

/** What libnftables answered. */
export interface NftResult {
  ok: boolean;
  output: string;
  /** nft's own text; several lines when it quotes the script. */
  error: string;
}

/** Runs a script in the host's namespace, as one transaction: all of it takes effect, or nothing. Throws only when the library is missing. */
export function runNft(script: string): NftResult {
  context ??= open();
  return runIn(context, script);
}

/** The same in the network namespace that this thread is in at the moment. */
export function runNftIn(script: string): NftResult {
  const opened = open();
  try {
    return runIn(opened, script);
  } finally {
    bind<(context: unknown) => void>("void nft_ctx_free(void *context)", library)(opened);
  }
}

/**
 * A signal (SIGCHLD, SIGWINCH) can cut the library's wait short; it is then asked again, so scripts must be harmless
 * when they run twice.
 */
function runIn(opened: unknown, script: string): NftResult {
  for (let attempt = 1; ; attempt++) {
    const result = runOnce(opened, script);
    if (result.ok || attempt === 10 || !result.error.includes("Interrupted system call")) return result;
  }
}

function runOnce(opened: unknown, script: string): NftResult {
  const status = bind<(context: unknown, script: string) => number>(
    "int nft_run_cmd_from_buffer(void *context, const char *script)",
    library,
  )(opened, script);
  const read = (name: string) =>
    bind<(context: unknown) => string>(`const char *nft_ctx_get_${name}_buffer(void *context)`, library)(opened);
  return { ok: status === 0, output: read("output"), error: read("error").trim() };
}

/** True when the library can be loaded. */
export function hasNft(): boolean {
  try {
    context ??= open();
    return true;
  } catch {
    return false;
  }
}
