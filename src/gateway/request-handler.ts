import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Logger } from "../logger.ts";
import type { LoginDoor } from "../login/door.ts";
import { startAccessLine } from "./access-log.ts";
import { answers } from "./answer.ts";
import { decide } from "./decide.ts";
import type { Decision, DecisionWorld } from "./decide.ts";
import { Exchange } from "./exchange.ts";
import type { ExchangeWorld } from "./exchange.ts";
import { planExchange, planUpgrade } from "./plan-exchange.ts";
import { readRequestFraming } from "./request-framing.ts";
import type { RequestFraming } from "./request-framing.ts";
import type { RequestTally } from "./request-tally.ts";
import { sendAnswer, sendLastAnswer } from "./send-answer.ts";
import type { LimitDecision } from "./traffic-limits.ts";
import { UpgradeRelay } from "./upgrade-relay.ts";

export interface RequestHandlerWorld extends ExchangeWorld, DecisionWorld {
  readonly logger: Logger;
  readonly tally: RequestTally;
  readonly limit: LimitDecision;
  /** Answers for the login; there whenever the gate is. */
  readonly door?: LoginDoor;
}

/** What the listener does with what arrives: decide, then forward or answer. */
export interface RequestHandler {
  onRequest(request: IncomingMessage, response: ServerResponse): void;
  onUpgrade(request: IncomingMessage, socket: Socket, early: Buffer): void;
}

export function createRequestHandler(world: RequestHandlerWorld): RequestHandler {
  const decideOn = (request: IncomingMessage, framing: RequestFraming, upgrade: boolean): Decision => {
    if (framing.refusal !== undefined) return { kind: "respond", answer: framing.refusal };
    const { url: target = "", method = "GET" } = request;
    const asked = {
      host: framing.host,
      target,
      method,
      upgrade,
      // only the gate reads them; Node parses them when they are first asked for
      get headers() {
        return request.headers;
      },
    };
    const decision = world.limit(decide(asked, world), request.socket.remoteAddress);
    if (decision.route !== undefined) world.tally.record(decision.route.previewId, world.clock.now());
    return decision;
  };
  return {
    onRequest(request, response) {
      const framing = readRequestFraming(request.rawHeaders);
      const decision = decideOn(request, framing, false);
      const onDone = startAccessLine(world.logger, request, decision);
      if (decision.kind === "forward") {
        const plan = planExchange(request, decision, { framing, onDone });
        new Exchange(world, { request, response }, plan).start();
      } else if (decision.kind === "door") {
        void world.door?.(decision.request).then((answer) => {
          if (!request.socket.destroyed) sendAnswer(request, response, answer);
          onDone?.(request.socket.destroyed ? undefined : answer.status);
        });
      } else {
        sendAnswer(request, response, decision.answer);
        onDone?.(decision.answer.status);
      }
    },
    onUpgrade(request, socket, early) {
      const framing = readRequestFraming(request.rawHeaders);
      const decision = decideOn(request, framing, true);
      const onDone = startAccessLine(world.logger, request, decision);
      if (decision.kind === "forward") {
        const plan = planUpgrade(request, decision, { framing, onDone });
        new UpgradeRelay(world, { request, socket, early }, plan).start();
      } else {
        // the gate hands no upgrade to the login
        const answer = decision.kind === "door" ? answers.badRequest : decision.answer;
        sendLastAnswer(socket, answer);
        onDone?.(answer.status);
      }
    },
  };
}
