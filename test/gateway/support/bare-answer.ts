import type { Answer } from "../../../src/gateway/answers/answer.ts";

/** What a listener under test answers when nothing is behind it. */
export const bareAnswer: Answer = { status: 200, previewStatus: "ok", title: "", text: "" };
