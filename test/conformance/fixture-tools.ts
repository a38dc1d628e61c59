import { setTimeout as sleep } from "node:timers/promises";
import type { CallToolResult, McpServer, ServerContext } from "@modelcontextprotocol/server";
import * as z from "zod";
import { image, result, text, textResource, wav } from "./fixture-content.ts";

/** Tools that the suite calls by name, in both revisions. */
export function registerPlainTools(server: McpServer): void {
  const answers: Record<string, CallToolResult> = {
    test_simple_text: result(text("This is a simple text response for testing.")),
    test_image_content: result(image),
    test_audio_content: result({ type: "audio", data: wav, mimeType: "audio/wav" }),
    test_embedded_resource: result(
      textResource("test://embedded-resource", "text/plain", "This is an embedded resource content."),
    ),
    test_multiple_content_types: result(
      text("Multiple content types test:"),
      image,
      textResource("test://mixed-content-resource", "application/json", '{"test":"data","value":123}'),
    ),
  };
  for (const [name, answer] of Object.entries(answers))
    server.registerTool(name, { description: `Answers ${name}` }, () => answer);

  server.registerTool("test_error_handling", { description: "Always fails" }, () => {
    throw new Error("This tool intentionally returns an error for testing");
  });
  server.registerTool("test_tool_with_progress", { description: "Tells its progress" }, async (call) => {
    const progressToken = call.mcpReq._meta?.progressToken;
    for (const progress of [0, 50, 100]) {
      if (progressToken !== undefined)
        await call.mcpReq.notify({ method: "notifications/progress", params: { progressToken, progress, total: 100 } });
      await sleep(50);
    }
    return result(text("progress told"));
  });
}

/** Tools of the 2025 revisions, in which the server asks the client in the middle of a call. */
export function registerAskingTools(server: McpServer): void {
  server.registerTool("test_tool_with_logging", { description: "Logs as it runs" }, async (call) => {
    for (const message of ["Tool execution started", "Tool processing data", "Tool execution completed"]) {
      await call.mcpReq.log("info", message);
      await sleep(50);
    }
    return result(text("logged"));
  });
  server.registerTool(
    "test_sampling",
    { description: "Asks the client's model", inputSchema: z.object({ prompt: z.string() }) },
    async ({ prompt }, call) => {
      const messages = [{ role: "user" as const, content: { type: "text" as const, text: prompt } }];
      const { content } = await call.mcpReq.requestSampling({ messages, maxTokens: 100 });
      return result(text(`LLM response: ${JSON.stringify(content)}`));
    },
  );
  server.registerTool(
    "test_elicitation",
    { description: "Asks the user", inputSchema: z.object({ message: z.string() }) },
    ({ message }, call) =>
      elicit(call, message, {
        username: { type: "string", description: "User's response" },
        email: { type: "string", description: "User's email address" },
      }),
  );
  server.registerTool("test_elicitation_sep1034_defaults", { description: "Asks with defaults" }, (call) =>
    elicit(call, "Please review and update the form fields with defaults", {
      name: { type: "string", default: "John Doe" },
      age: { type: "integer", default: 30 },
      score: { type: "number", default: 95.5 },
      status: { type: "string", enum: ["active", "inactive", "pending"], default: "active" },
      verified: { type: "boolean", default: true },
    }),
  );
  server.registerTool("test_elicitation_sep1330_enums", { description: "Asks with choices" }, (call) =>
    elicit(call, "Please choose", choices),
  );
}

type Properties = Parameters<ServerContext["mcpReq"]["elicitInput"]>[0] extends infer Params
  ? Params extends { requestedSchema: { properties: infer Fields } }
    ? Fields
    : never
  : never;

const titled = (names: readonly string[]) => names.map((title, index) => ({ const: `value${index + 1}`, title }));

/** The five ways to offer a choice. */
const choices: Properties = {
  untitledSingle: { type: "string", enum: ["option1", "option2", "option3"] },
  titledSingle: { type: "string", oneOf: titled(["First Option", "Second Option", "Third Option"]) },
  legacyEnum: {
    type: "string",
    enum: ["opt1", "opt2", "opt3"],
    enumNames: ["Option One", "Option Two", "Option Three"],
  },
  untitledMulti: { type: "array", items: { type: "string", enum: ["option1", "option2", "option3"] } },
  titledMulti: { type: "array", items: { anyOf: titled(["First Choice", "Second Choice", "Third Choice"]) } },
};

async function elicit(call: ServerContext, message: string, properties: Properties): Promise<CallToolResult> {
  const answer = await call.mcpReq.elicitInput({ message, requestedSchema: { type: "object", properties } });
  return result(text(`User response: action=${answer.action}, content=${JSON.stringify(answer.content)}`));
}
