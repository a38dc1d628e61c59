import { quoteArguments } from "./quote-arguments.ts";

export const mcpClients = ["claude-code", "claude-desktop", "cursor", "vscode", "codex", "gemini"] as const;
export type McpClient = (typeof mcpClients)[number];

/** What a person pastes, and where. */
export interface Snippet {
  readonly where: string;
  readonly text: string;
}

/** How the front is started: the published package by its name, a checkout by absolute paths. */
export interface FrontCommand {
  readonly command: string;
  readonly args: readonly string[];
}

export function frontCommand(from: { isCheckout: boolean; node: string; bin: string }): FrontCommand {
  if (from.isCheckout) return { command: from.node, args: [from.bin, "mcp"] };
  return { command: "npx", args: ["-y", "dev-preview-plane", "mcp"] };
}

export function clientSnippet(client: McpClient, front: FrontCommand, root: string): Snippet {
  switch (client) {
    case "claude-code":
      return {
        where: "run in the project",
        text: `claude mcp add dev-preview -- ${quoteArguments([front.command, ...front.args])}`,
      };
    case "claude-desktop":
      // Starts its servers elsewhere than in a project, so that the project has to be named.
      return {
        where: "claude_desktop_config.json (Settings, Developer, Edit Config)",
        text: json({ mcpServers: { "dev-preview": withRoot(front, root) } }),
      };
    case "cursor":
      return {
        where: ".cursor/mcp.json in the project, or ~/.cursor/mcp.json",
        text: json({ mcpServers: { "dev-preview": withRoot(front, "${workspaceFolder}") } }),
      };
    case "vscode":
      return {
        where: ".vscode/mcp.json in the project",
        text: json({ servers: { "dev-preview": { type: "stdio", ...withRoot(front, "${workspaceFolder}") } } }),
      };
    case "codex":
      return { where: "~/.codex/config.toml", text: toml(front) };
    case "gemini":
      return {
        where: ".gemini/settings.json in the project, or ~/.gemini/settings.json",
        text: json({ mcpServers: { "dev-preview": front } }),
      };
  }
}

function withRoot(front: FrontCommand, root: string): FrontCommand {
  return { command: front.command, args: [...front.args, "--root", root] };
}

function json(value: unknown): string {
  return JSON.stringify(value, null, 2);
}

/** The first run may download the package, which takes longer than Codex waits by itself. */
function toml({ command, args }: FrontCommand): string {
  // A JSON string is a TOML basic string.
  return [
    "[mcp_servers.dev-preview]",
    `command = ${JSON.stringify(command)}`,
    `args = [${args.map((arg) => JSON.stringify(arg)).join(", ")}]`,
    "startup_timeout_sec = 30",
  ].join("\n");
}
