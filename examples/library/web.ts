// Another program's use of the engine: starts a web server, waits until it is healthy, runs a command in it, follows its log,
// and takes everything back. As root: node examples/library/web.ts [IMAGE]
import { type Engine, EngineError, openEngine } from "berth";

const image = process.argv[2] ?? "busybox";
const second = 1e9; // durations in health checks are nanoseconds

/** Long operations yield what happens meanwhile, and return their result. */
async function finish<T>(operation: AsyncGenerator<{ type: string }, T>): Promise<T> {
  for (;;) {
    const { done, value } = await operation.next();
    if (done) return value;
    if (value.type === "warning" || value.type === "message") console.error(value);
  }
}

/** What other processes do is heard, too: a health check is run by a process of berth's own. */
async function becomesHealthy(engine: Engine, id: string, since: number): Promise<void> {
  const filters = { container: [id], event: ["health_status", "die"] };
  for await (const { Action } of engine.events({ since, follow: true, filters, signal: AbortSignal.timeout(60_000) })) {
    if (Action === "health_status: healthy") return;
    throw new EngineError("expectation", `the server is not healthy: ${Action}`);
  }
}

await using engine = await openEngine();

const since = Date.now() / 1000;
const { Id } = await finish(
  engine.containers.create({
    Image: image,
    Cmd: ["sh", "-c", "mkdir /www && echo hello > /www/index.html && exec httpd -f -v -p 8080 -h /www"],
    Healthcheck: { Test: ["CMD-SHELL", "wget -q -O /dev/null http://127.0.0.1:8080/"], Interval: second, Retries: 5 },
  }),
);
try {
  await engine.containers.start(Id);
  await becomesHealthy(engine, Id, since);
  console.log("healthy");

  const exec = await engine.execs.create(Id, { Cmd: ["wget", "-q", "-O", "-", "http://127.0.0.1:8080/"] });
  await engine.execs.start(exec.Id, { streams: { stdout: process.stdout, stderr: process.stderr } });
  console.log("status", (await engine.execs.inspect(exec.Id)).ExitCode);

  // The log ends with the container, which is asked to end when the request has been seen in it.
  for await (const entries of engine.containers.logs(Id, { follow: true }))
    for (const { stream, data } of entries) {
      console.log(`${stream}: ${Buffer.from(data).toString()}`);
      void engine.containers.stop(Id, { timeout: 1 });
    }
} finally {
  await engine.containers.remove(Id, { force: true, volumes: true });
}
