import { acceptedContent, inputRequired, inputResponse } from "@modelcontextprotocol/server";
import type { CallToolResult, InputRequiredResult, McpServer, ServerContext } from "@modelcontextprotocol/server";
import * as z from "zod";
import { result, text } from "./fixture-content.ts";

type Answer = CallToolResult | InputRequiredResult;
/** Seals what a tool wants to find again in the next round. */
export type Mint = (payload: Round) => Promise<string>;

export interface Round {
  readonly round: number;
}

const nameSchema = z.object({ name: z.string() });
const okSchema = z.object({ ok: z.boolean() });
const colorSchema = z.object({ color: z.string() });
const contextSchema = z.object({ context: z.string() });

const askName = inputRequired.elicit({ message: "What is your name?", requestedSchema: nameSchema });
const askOk = inputRequired.elicit({ message: "Please confirm", requestedSchema: okSchema });
const askColor = inputRequired.elicit({
  message: "Step 2: What is your favorite color?",
  requestedSchema: colorSchema,
});
const askRoots = inputRequired.listRoots();

function askModel(question: string) {
  const messages = [{ role: "user" as const, content: { type: "text" as const, text: question } }];
  return inputRequired.createMessage({ messages, maxTokens: 100 });
}

/** Tools and a prompt of the 2026 revision, which answer with what they still need to know. */
export function registerInputTools(server: McpServer, mint: Mint): void {
  const tool = (name: string, answer: (call: ServerContext) => Answer | Promise<Answer>) =>
    server.registerTool(name, { description: `Answers ${name}` }, (call) => answer(call));

  tool("test_input_required_result_elicitation", greet);
  tool("test_streaming_elicitation", greet);
  tool("test_input_required_result_sampling", (call) => {
    const answer = inputResponse(call.mcpReq.inputResponses, "capital_question");
    if (answer.kind === "sampling") return result(text(JSON.stringify(answer.result.content)));
    return inputRequired({ inputRequests: { capital_question: askModel("What is the capital of France?") } });
  });
  tool("test_input_required_result_list_roots", (call) => {
    const answer = inputResponse(call.mcpReq.inputResponses, "client_roots");
    if (answer.kind === "roots") return result(text(answer.roots.map(({ uri }) => uri).join(", ")));
    return inputRequired({ inputRequests: { client_roots: askRoots } });
  });
  tool("test_input_required_result_request_state", (call) => confirm(call, mint));
  tool("test_input_required_result_tampered_state", (call) => confirm(call, mint));
  tool("test_input_required_result_multiple_inputs", (call) => askThree(call, mint));
  tool("test_input_required_result_multi_round", (call) => askTwice(call, mint));
  tool("test_input_required_result_capabilities", askWhatTheClientCan);
  tool("test_missing_capability", () => inputRequired({ inputRequests: { model: askModel("Anything") } }));
  tool("test_logging_tool", async (call) => {
    await call.mcpReq.log("info", "only for clients that asked for logs");
    return result(text("logged"));
  });
  server.registerPrompt("test_input_required_result_prompt", { description: "Needs to know more" }, (call) => {
    const answer = acceptedContent(call.mcpReq.inputResponses, "user_context", contextSchema);
    if (answer !== undefined)
      return { messages: [{ role: "user", content: { type: "text", text: `Context: ${answer.context}` } }] };
    const message = "What context should the prompt use?";
    return inputRequired({
      inputRequests: { user_context: inputRequired.elicit({ message, requestedSchema: contextSchema }) },
    });
  });
}

function greet(call: ServerContext): Answer {
  const answer = acceptedContent(call.mcpReq.inputResponses, "user_name", nameSchema);
  if (answer !== undefined) return result(text(`Hello, ${answer.name}!`));
  return inputRequired({ inputRequests: { user_name: askName } });
}

async function confirm(call: ServerContext, mint: Mint): Promise<Answer> {
  const confirmed = acceptedContent(call.mcpReq.inputResponses, "confirm", okSchema);
  const state = call.mcpReq.requestState<Round>();
  if (confirmed !== undefined && state?.round === 1) return result(text("state-ok"));
  return inputRequired({ inputRequests: { confirm: askOk }, requestState: await mint({ round: 1 }) });
}

async function askThree(call: ServerContext, mint: Mint): Promise<Answer> {
  const kinds = ["user_name", "greeting", "client_roots"].map(
    (key) => inputResponse(call.mcpReq.inputResponses, key).kind,
  );
  if (!kinds.includes("missing")) return result(text(`answered by ${kinds.join(", ")}`));
  return inputRequired({
    inputRequests: { user_name: askName, greeting: askModel("Generate a greeting"), client_roots: askRoots },
    requestState: await mint({ round: 1 }),
  });
}

async function askTwice(call: ServerContext, mint: Mint): Promise<Answer> {
  const state = call.mcpReq.requestState<Round>();
  if (state?.round === 2) {
    const answer = acceptedContent(call.mcpReq.inputResponses, "step2", colorSchema);
    if (answer !== undefined) return result(text(`Your favorite color is ${answer.color}`));
  }
  const first = acceptedContent(call.mcpReq.inputResponses, "step1", nameSchema);
  if (first !== undefined || state?.round === 2)
    return inputRequired({ inputRequests: { step2: askColor }, requestState: await mint({ round: 2 }) });
  const askFirst = inputRequired.elicit({ message: "Step 1: What is your name?", requestedSchema: nameSchema });
  return inputRequired({ inputRequests: { step1: askFirst }, requestState: await mint({ round: 1 }) });
}

function askWhatTheClientCan(call: ServerContext): Answer {
  const envelope: Record<string, unknown> = { ...call.mcpReq.envelope };
  const declared = z
    .looseObject({ sampling: z.unknown(), elicitation: z.unknown() })
    .partial()
    .parse(envelope["io.modelcontextprotocol/clientCapabilities"] ?? {});
  const inputRequests = {
    ...(declared.sampling !== undefined && { question: askModel("What is the capital of France?") }),
    ...(declared.elicitation !== undefined && { user_name: askName }),
  };
  return Object.keys(inputRequests).length > 0
    ? inputRequired({ inputRequests })
    : result(text("the client can answer nothing"));
}
