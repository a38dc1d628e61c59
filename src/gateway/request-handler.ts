import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { LoginDoor } from "../login/door.ts";
import { startAccessLine } from "./access-log.ts";
import type { AccessLogSettings, LogDone } from "./access-log.ts";
import { answers } from "./answer.ts";
import type { Answer } from "./answer.ts";
import type { ClientAddresses } from "./client-address.ts";
import { decide } from "./decide.ts";
import type { Decision, DecisionWorld } from "./decide.ts";
import { Exchange } from "./exchange.ts";
import type { ExchangeWorld } from "./exchange.ts";
import { planExchange, planUpgrade } from "./plan-exchange.ts";
import type { Arrival } from "./plan-exchange.ts";
import { readRequestFraming } from "./request-framing.ts";
import type { RequestTally } from "./request-tally.ts";
import { sendAnswer, sendLastAnswer } from "./send-answer.ts";
import type { LimitDecision } from "./traffic-limits.ts";
import { UpgradeRelay } from "./upgrade-relay.ts";

export interface RequestHandlerWorld extends ExchangeWorld, DecisionWorld, AccessLogSettings {
  readonly tally: RequestTally;
  readonly limit: LimitDecision;
  readonly addresses: ClientAddresses;
  /** Told of one request in 32 how long it took until it was on its way. */
  readonly onHandled?: (durationMs: number) => void;
  /** Answers for the login; there whenever the gate is. */
  readonly door?: LoginDoor;
}

/** What the listener does with what arrives: decide, then forward or answer. */
export interface RequestHandler {
  onRequest(request: IncomingMessage, response: ServerResponse): void;
  onUpgrade(request: IncomingMessage, socket: Socket, early: Buffer): void;
}

export function createRequestHandler(world: RequestHandlerWorld): RequestHandler {
  const decideOn = (request: IncomingMessage, { framing, visitor, upgrade }: Asked): Decision => {
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
    const decision = world.limit(decide(asked, world), { remote: request.socket.remoteAddress, visitor });
    if (decision.route !== undefined) world.tally.record(decision.route.previewId, world.clock.now());
    return decision;
  };
  const take = (request: IncomingMessage, upgrade: boolean): Taken => {
    const framing = readRequestFraming(request.rawHeaders, request.httpVersionMinor);
    const visitor = world.addresses.visitorOf(request);
    const answer = framing.refusal ?? world.clients.refusalOf(request.socket);
    const decision: Decision =
      answer === undefined ? decideOn(request, { framing, visitor, upgrade }) : { kind: "respond", answer };
    return { decision, arrival: { framing, visitor, onDone: startAccessLine(world, request, decision) } };
  };
  let seen = 0;
  const isSample = () => world.onHandled !== undefined && (seen = (seen + 1) % 32) === 0;
  const count =
    (answer: Answer, { onDone }: Arrival, { route }: Decision): LogDone =>
    (status) => {
      if (status === undefined) world.counts.aborted();
      else world.counts.refused(answer, route?.previewId);
      onDone?.(status);
    };
  return {
    onRequest(request, response) {
      const startedAt = isSample() ? performance.now() : undefined;
      const { decision, arrival } = take(request, false);
      const respond = (answer: Answer) =>
        answerLater(request.socket, { answer, onDone: count(answer, arrival, decision) }, () =>
          sendAnswer(request, response, answer),
        );
      if (decision.kind === "forward") {
        new Exchange(world, { request, response }, planExchange(request, decision, arrival)).start();
        if (startedAt !== undefined) world.onHandled?.(performance.now() - startedAt);
      } else if (decision.kind === "door") void world.door?.(decision.request).then(respond);
      else respond(decision.answer);
    },
    onUpgrade(request, socket, early) {
      const { decision, arrival } = take(request, true);
      if (decision.kind === "forward")
        return new UpgradeRelay(world, { request, socket, early }, planUpgrade(request, decision, arrival)).start();
      // the gate hands no upgrade to the login
      const answer = decision.kind === "door" ? answers.badRequest : decision.answer;
      answerLater(socket, { answer, onDone: count(answer, arrival, decision) }, () => sendLastAnswer(socket, answer));
    },
  };
}

interface OwnAnswer {
  readonly answer: Answer;
  readonly onDone: LogDone;
}

interface Asked extends Pick<Arrival, "framing" | "visitor"> {
  readonly upgrade: boolean;
}

interface Taken {
  readonly decision: Decision;
  readonly arrival: Arrival;
}

/** Sends an answer of our own, at once unless it is one that waits. */
function answerLater(socket: Socket, { answer, onDone }: OwnAnswer, send: () => void): void {
  const finish = () => {
    const { destroyed } = socket;
    if (!destroyed) send();
    onDone(destroyed ? undefined : answer.status);
  };
  if (answer.delayMs === undefined) return finish();
  socket.pause();
  setTimeout(() => {
    socket.resume();
    finish();
  }, answer.delayMs).unref();
}
