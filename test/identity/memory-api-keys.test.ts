import { describe } from "vitest";
import { apiKeyContract } from "../contract/api-key-contract.ts";
import { memoryApiKeys } from "../support/memory-api-keys.ts";

describe("the store of API keys that tests use", () => apiKeyContract(memoryApiKeys));
