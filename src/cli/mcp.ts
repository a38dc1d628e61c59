import { randomUUID } from "node:crypto";
import type { Command } from "commander";
import { createConnector } from "../client/connector.ts";
import type { Connector } from "../client/connector.ts";
import { packageHere } from "../client/package-here.ts";
import { createInspectClient, createUseCasesClient } from "../client/use-cases-client.ts";
import type { ConnectClient } from "../client/use-cases-client.ts";
import type { PreviewUseCases } from "../preview/use-cases.ts";
import { currentDirectory } from "../client/working-tree.ts";
import { loadClientConfig, processEnv } from "../config.ts";
import { createLogger } from "../logger.ts";
import { toolsOf } from "../tools/registry.ts";
import { serveToolsOverStdio } from "../tools/stdio.ts";
import type { StdioToolsOptions } from "../tools/stdio.ts";
import { examples, newCommand } from "./new-command.ts";
import { readPackageInfo } from "./package-info.ts";
import { reportError } from "./run-action.ts";

interface McpFlags {
  readonly root?: string;
  readonly project?: string;
  readonly url?: string;
  readonly stateDir?: string;
  readonly toolsets?: string;
}

/** How long the process may linger once its client is gone. */
const lingerMs = 2_000;

export function createMcpCommand(): Command {
  return newCommand("mcp", "Serve the MCP tools on stdin and stdout; a plane starts at the first tool call")
    .option("--root <directory>", "the project's directory; default: this working tree (DEV_PREVIEW_ROOT)")
    .option("--project <slug>", "an already registered project instead (DEV_PREVIEW_PROJECT)")
    .option("--url <url>", "control address of a plane elsewhere (DEV_PREVIEW_URL; its token: DEV_PREVIEW_TOKEN)")
    .option("--state-dir <directory>", "state directory of the local plane (DEV_PREVIEW_STATE_DIR)")
    .option("--toolsets <names>", "further tools to offer, comma separated: inspect (DEV_PREVIEW_TOOLSETS)")
    .addHelpText(
      "after",
      examples(
        "claude mcp add dev-preview -- npx -y dev-preview-plane mcp",
        "dev-preview mcp --root ~/code/shop",
        "dev-preview mcp --toolsets inspect",
        "DEV_PREVIEW_TOKEN=… dev-preview mcp --url https://plane.example.com --project shop",
      ),
    )
    .action(async (flags: McpFlags) => {
      try {
        await runMcp(flags);
      } catch (error) {
        reportError(error, {});
      }
    });
}

/**
 * The thin front: tools over a plane's API. Clients start throw-away servers to probe, so nothing
 * happens before the first tool call: no file, no process, no plane.
 */
async function runMcp(flags: McpFlags): Promise<void> {
  const env = processEnv();
  const config = loadClientConfig({ env, flags: { ...flags }, cwd: currentDirectory() });
  const { bin, version } = readPackageInfo();
  const connector = createConnector(config, { env, serveArgs: [bin, "serve"] });
  const connect = connectWith(connector);
  const inspect = config.toolsets.includes("inspect") ? { inspect: createInspectClient(connect) } : {};
  const front = serveToolsOverStdio({
    useCases: startingHere(createUseCasesClient(connect), () => packageHere(config)),
    tools: toolsOf(inspect),
    contextOf: localContext(),
    version,
    logger: createLogger(config.logLevel),
  });
  await front.closed;
  // Nothing is left to do; whatever still holds the process must not leave it behind its client.
  setTimeout(() => process.exit(), lingerMs).unref();
}

/** A start without a directory means the one that the client works in. */
function startingHere(useCases: PreviewUseCases, directory: () => string | undefined): PreviewUseCases {
  return {
    ...useCases,
    start(context, input, options) {
      const repoDir = input.repoDir ?? directory();
      return useCases.start(context, repoDir === undefined ? input : { ...input, repoDir }, options);
    },
  };
}

function connectWith(connector: Connector): ConnectClient {
  return ({ requestId, sessionId }, { signal, onPhase }) =>
    connector.toProject({
      requestId,
      ...(sessionId === undefined ? {} : { sessionId }),
      ...(signal === undefined ? {} : { signal }),
      ...(onPhase === undefined ? {} : { onWait: (message) => onPhase({ name: "resolve", message }) }),
    });
}

/** One session per front. The project is bound by the connector, from the working tree. */
function localContext(): StdioToolsOptions["contextOf"] {
  const sessionId = `stdio-${randomUUID()}`;
  return () => ({
    principal: { kind: "local", org: "local", user: "local", scopes: ["operator"] },
    sessionId,
    requestId: randomUUID(),
  });
}
