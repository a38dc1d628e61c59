// A stdio server over the fake use-cases: what the tests spawn, once compiled.
import { createLogger } from "../../../src/logger.ts";
import { serveToolsOverStdio } from "../../../src/tools/stdio.ts";
import { createFakeUseCases } from "./fake-use-cases.ts";

let calls = 0;
const { closed } = serveToolsOverStdio({
  useCases: createFakeUseCases(),
  version: "1.2.3",
  logger: createLogger("warn"),
  contextOf: () => ({
    principal: { kind: "local", org: "local", user: "ada", scopes: ["operator"] },
    projectSlug: "shop",
    requestId: `stdio-${(calls += 1)}`,
  }),
});
await closed;
