/** The hosts that the terminal UI can show: this machine, those that have a context, and the one that the command line named. */
import type { Engine } from "../engine/index.ts";
import type { Connection } from "../engine/remote/index.ts";

/** An engine, and how its host is doing where that is another. */
export type HostEngine = Engine & { readonly connection?: Connection };

export interface TuiHost {
  /** The context's, "local", or the address. */
  name: string;
  address: string;
  /** What a command line names it by. */
  flags: readonly string[];
  /** The one that the UI was opened on. */
  isOpened: boolean;
  /** @throws EngineError for an address that cannot be used */
  open(): Promise<HostEngine>;
}

/** @param openLocal opens this machine's own engine */
export async function tuiHosts(opened: HostEngine, openLocal: () => Promise<Engine>): Promise<TuiHost[]> {
  const { contextHost, listContexts, openRemoteEngine } = await import("../engine/remote/index.ts");
  const at = opened.connection?.address;
  const documents = listContexts();
  const known = documents.find(({ Endpoints }) => at !== undefined && Endpoints.docker?.Host === at);
  const contexts = documents.map((document): TuiHost => {
    const { Name: name, Endpoints } = document;
    const isOpened = document === known;
    // Nobody could answer a question for a password in the middle of the screen.
    const open = async () => (isOpened ? opened : openRemoteEngine(contextHost(name)!, { asks: false }));
    return { name, address: Endpoints.docker?.Host ?? "", flags: ["-c", name], isOpened, open };
  });
  const isHere = at === undefined;
  const own = {
    name: "local",
    address: "this machine",
    flags: ["-H", "local"],
    isOpened: isHere,
    open: isHere ? async () => opened : openLocal,
  };
  const named = isHere || known ? [] : [{ name: at, address: at, flags: ["-H", at], isOpened: true, open: async () => opened }];
  return [own, ...named, ...contexts];
}
