import type { DefinitionSource } from "./sources/definition.ts";
import type { ProjectFiles } from "./project-files.ts";

/** What a caller may say about a launch; whatever is absent is found in the project. */
interface LaunchRequest {
  /** Name of the preview: where a project defines several servers, it chooses. */
  readonly name?: string | undefined;
  readonly command?: string | undefined;
  readonly port?: number | undefined;
  readonly env?: Readonly<Record<string, string>> | undefined;
  readonly readyPath?: string | undefined;
  readonly repoDir?: string | undefined;
}

export interface LaunchQuestion {
  readonly files: ProjectFiles;
  /** Absolute path of the workspace, as the sandbox sees it. */
  readonly workspaceRoot: string;
  readonly request: LaunchRequest;
  /** The organisation's command for a project in which none is found. */
  readonly defaultCommand: string;
  /** Domain of preview host names; its subdomains are admitted where a server checks hosts. */
  readonly publicDomain: string;
}

export interface LaunchPlan {
  /** Absolute, symlinks resolved. */
  readonly repoDir: string;
  readonly framework?: string;
  readonly readyPath: string;
  /** The port that the caller, the project file or the given command line asks for. */
  readonly wantedPort?: number;
  /** The command line and environment for the port that was leased. */
  render(port: number): { readonly command: string; readonly env: Readonly<Record<string, string>> };
  /** To run first, in `repoDir`: dependencies are missing and a lock file names them. */
  readonly install?: { readonly command: string; readonly packageManager: string };
  readonly hostMode: "local" | "public";
  /** Hot reload dials the dev port: the gateway must put its WebSocket script into pages. */
  readonly socketScript: boolean;
  /** Ports that the launch is known to open besides its own; absent when none is known. */
  readonly secondPorts?: readonly number[];
  /** Other programs of the command may listen too, and earlier: the port that was rendered is the server's all the same. */
  readonly company: boolean;
  /** What a preview of this server would be called: `web`, `api`, `docs`, or like its package. */
  readonly name?: string;
  /** Where the command comes from; `files` is what dependencies, configuration and sources show. */
  readonly source: "argument" | "dev-preview.json" | DefinitionSource | "script" | "files" | "default";
  /** What may make the launch fail, known beforehand; worth showing when it does not become ready. */
  readonly problems: readonly LaunchProblem[];
}

export interface LaunchProblem {
  readonly code: "dependencies_missing" | "no_dev_command" | "port_not_passed";
  readonly message: string;
}
