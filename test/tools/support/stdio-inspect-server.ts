// The same as stdio-server.ts, with the toolset inspect.
import { createLogger } from "../../../src/logger.ts";
import { toolsOf } from "../../../src/tools/registry.ts";
import { serveToolsOverStdio } from "../../../src/tools/stdio.ts";
import { createFakeInspect } from "../../support/fake-inspect.ts";
import { createFakeUseCases } from "./fake-use-cases.ts";

const { closed } = serveToolsOverStdio({
  useCases: createFakeUseCases(),
  tools: toolsOf({ inspect: createFakeInspect().inspect }),
  version: "1.2.3",
  logger: createLogger("warn"),
  contextOf: () => ({
    principal: { kind: "local", org: "local", user: "ada", scopes: ["operator"] },
    projectSlug: "shop",
    requestId: "stdio-1",
  }),
});
await closed;
