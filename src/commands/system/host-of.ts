/** Which host an engine is of, for whoever has to know where a line goes. */
import type { Engine } from "../../../engine/index.ts";
import type { RemoteEngine } from "../../../engine/remote/index.ts";

/** docker's name for it, "default" without a context; and its address, where it is not this machine's own engine. */
export function hostOf(engine: Engine | RemoteEngine): { Context: string; Host?: string } {
  if (!("connection" in engine)) return { Context: "default" };
  const { address, name = "default" } = engine.connection;
  return { Context: name, Host: address };
}
