import { createRoute } from "@hono/zod-openapi";
import * as z from "zod";
import {
  apiKeyInput,
  apiKeyList,
  apiKeyOutput,
  keyId,
  keyRotation,
  keyTarget,
  mintedKeyOutput,
} from "./api-key-schemas.ts";
import { answers, jsonBody } from "./route-parts.ts";

const tags = ["keys"];
const params = z.object({ id: keyId });
const key = apiKeyOutput.meta({ id: "ApiKey" });
const mintedKey = mintedKeyOutput.meta({ id: "MintedApiKey" });

export const createKeyRoute = createRoute({
  method: "post",
  path: "/v1/keys",
  operationId: "createKey",
  summary: "Make an API key; the answer alone carries its text",
  tags,
  request: { query: z.strictObject({}), body: jsonBody(apiKeyInput.meta({ id: "ApiKeyInput" })) },
  responses: answers(mintedKey, "The key"),
});

export const listKeysRoute = createRoute({
  method: "get",
  path: "/v1/keys",
  operationId: "listKeys",
  summary: "The API keys of the org, ended ones too",
  tags,
  request: { query: keyTarget },
  responses: answers(apiKeyList.meta({ id: "ApiKeyList" }), "The keys"),
});

export const rotateKeyRoute = createRoute({
  method: "post",
  path: "/v1/keys/{id}/rotations",
  operationId: "rotateKey",
  summary: "Give a key a new secret; the one before may stay good for a grace",
  tags,
  request: { query: z.strictObject({}), params, body: jsonBody(keyRotation.meta({ id: "KeyRotation" })) },
  responses: answers(mintedKey, "The key"),
});

export const revokeKeyRoute = createRoute({
  method: "delete",
  path: "/v1/keys/{id}",
  operationId: "revokeKey",
  summary: "End a key within a second; repeating it is fine",
  tags,
  request: { query: keyTarget, params },
  responses: answers(key, "The revoked key"),
});
