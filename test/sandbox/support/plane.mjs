// A plane that launches one dev server and then only waits to be killed:
// plane.mjs <url of the compiled sandbox> <directory> <launch id> <port> <command> [die after ms]
const [, , url, directory, launchId, port, command, dieAfterMs] = process.argv;
const { createLocalSandbox } = await import(url);
const sandbox = await createLocalSandbox({
  directory,
  portRange: { from: 20000, to: 20099 },
  logMaxBytes: 1024 * 1024,
  logger: { debug: () => undefined },
  hostEnv: process.env,
});
const launching = sandbox.launch({ launchId, command, cwd: directory, port: Number(port), env: {} });
if (dieAfterMs !== undefined) setTimeout(() => process.kill(process.pid, "SIGKILL"), Number(dieAfterMs));
process.stdout.write(`${JSON.stringify(await launching)}\n`);
setInterval(() => undefined, 60_000);
