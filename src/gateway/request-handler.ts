import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Logger } from "../logger.ts";
import { startAccessLine } from "./access-log.ts";
import type { LogDone } from "./access-log.ts";
import { decide } from "./decide.ts";
import type { Decision, DecisionWorld } from "./decide.ts";
import { Exchange } from "./exchange.ts";
import type { ExchangePlan, ExchangeWorld } from "./exchange.ts";
import { printRequestHead } from "./request-head.ts";
import { readRequestFraming } from "./request-framing.ts";
import type { RequestFraming } from "./request-framing.ts";
import type { RequestTally } from "./request-tally.ts";
import { sendAnswer, sendLastAnswer } from "./send-answer.ts";
import { UpgradeRelay } from "./upgrade-relay.ts";

export interface RequestHandlerWorld extends ExchangeWorld, DecisionWorld {
  readonly logger: Logger;
  readonly tally: RequestTally;
}

/** What the listener does with what arrives: decide, then forward or answer. */
export interface RequestHandler {
  onRequest(request: IncomingMessage, response: ServerResponse): void;
  onUpgrade(request: IncomingMessage, socket: Socket, early: Buffer): void;
}

type Forward = Extract<Decision, { kind: "forward" }>;

export function createRequestHandler(world: RequestHandlerWorld): RequestHandler {
  const decideOn = (request: IncomingMessage, framing: RequestFraming): Decision => {
    if (framing.refusal !== undefined) return { kind: "respond", answer: framing.refusal };
    const decision = decide({ host: framing.host, target: request.url ?? "" }, world);
    if (decision.route !== undefined) world.tally.record(decision.route.previewId, world.clock.now());
    return decision;
  };
  return {
    onRequest(request, response) {
      const framing = readRequestFraming(request.rawHeaders);
      const decision = decideOn(request, framing);
      const onDone = startAccessLine(world.logger, request, decision);
      if (decision.kind === "forward") {
        const plan = planOf(request, decision, { framing, onDone, upgrade: false });
        new Exchange(world, { request, response }, plan).start();
      } else {
        sendAnswer(request, response, decision.answer);
        onDone?.(decision.answer.status);
      }
    },
    onUpgrade(request, socket, early) {
      const framing = readRequestFraming(request.rawHeaders);
      const decision = decideOn(request, framing);
      const onDone = startAccessLine(world.logger, request, decision);
      if (decision.kind === "forward") {
        const upgrade = isWebSocket(request, framing);
        const plan = planOf(request, decision, { framing, onDone, upgrade });
        new UpgradeRelay(world, { request, socket, early }, { ...plan, upgrade }).start();
      } else {
        sendLastAnswer(socket, decision.answer);
        onDone?.(decision.answer.status);
      }
    },
  };
}

/** Other protocols (h2c above all) are not offered to the app: it answers as if nothing had been asked. */
function isWebSocket(request: IncomingMessage, framing: RequestFraming): boolean {
  return request.method === "GET" && framing.upgrade?.toLowerCase() === "websocket";
}

function planOf(
  request: IncomingMessage,
  { route, host }: Forward,
  options: { framing: RequestFraming; onDone: LogDone | undefined; upgrade: boolean },
): ExchangePlan {
  const origins = { hostMode: route.hostMode, port: route.port, publicOrigin: host.publicOrigin };
  const { method = "GET", url: target = "/", rawHeaders } = request;
  const { framing, upgrade, onDone } = options;
  const headText = printRequestHead(
    { method, target, rawHeaders, framing },
    { origins, clientAddress: request.socket.remoteAddress ?? "unknown", upgrade },
  );
  return { route, origins, framing, headText, ...(onDone && { onDone }) };
}
