// Loaded before everything else, in the processes that run tests and in those that they start from source: what Node makes
// of the sources is kept for the next one. Most of the time of a short process, or of a layer's thread, goes into that.
import { enableCompileCache } from "node:module";
import { homedir } from "node:os";
import { join } from "node:path";

enableCompileCache(join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "berth-test", "code"));
