import type { LoginDoor } from "../login/door.ts";
import type { Route } from "../preview/route.ts";
import { startAccessLine } from "./traffic/access-log.ts";
import type { AccessLogSettings, LogDone } from "./traffic/access-log.ts";
import type { AccessTally } from "./traffic/access-tally.ts";
import { answers } from "./answers/answer.ts";
import type { Answer } from "./answers/answer.ts";
import type { Client, ClientRequest, SwitchingClient } from "./client.ts";
import type { ClientAddresses } from "./client-address.ts";
import { decide } from "./decide/decide.ts";
import type { Decision, DecisionRequest, DecisionWorld } from "./decide/decide.ts";
import { Exchange } from "./forward/exchange.ts";
import type { ExchangeWorld } from "./forward/exchange-plan.ts";
import { findHeader } from "./forward/header-names.ts";
import { planExchange, planUpgrade } from "./forward/plan-exchange.ts";
import type { Arrival } from "./forward/plan-exchange.ts";
import type { LimitDecision } from "./traffic/traffic-limits.ts";
import { UpgradeRelay } from "./forward/upgrade-relay.ts";
import type { WakeCalls } from "./traffic/wake-calls.ts";

export interface RequestHandlerWorld extends ExchangeWorld, DecisionWorld, AccessLogSettings {
  readonly accesses: Pick<AccessTally, "record">;
  readonly limit: LimitDecision;
  readonly wakes: Pick<WakeCalls, "call">;
  readonly addresses: ClientAddresses;
  /** Told of one request in 32 how long it took until it was on its way. */
  readonly onHandled?: (durationMs: number) => void;
  /** Answers for the login; there whenever the gate is. */
  readonly door?: LoginDoor;
}

/** What the listener does with what arrives: decide, then forward or answer. */
export interface RequestHandler {
  onRequest(client: Client): void;
  onUpgrade(client: SwitchingClient): void;
}

export function createRequestHandler(world: RequestHandlerWorld): RequestHandler {
  const decideOn = (client: AnyClient, visitor: string | undefined, upgrade: boolean): Decision => {
    const { request, socket } = client;
    const decision = world.limit(decide(new Asked(client, upgrade), world), { remote: socket.remoteAddress, visitor });
    if (decision.route !== undefined) note(decision.route, decision);
    if (decision.kind === "forward") {
      const address = visitor ?? socket.remoteAddress ?? "";
      world.accesses.record(decision, { address, agent: findHeader(request.rawHeaders, "user-agent") ?? "" });
    }
    return decision;
  };
  const note = ({ previewId, linkId }: Route, decision: Decision) => {
    if (decision.kind === "forward") world.noteUse({ previewId });
    else if (decision.kind === "respond" && decision.wakes === true) world.wakes.call({ previewId, linkId });
  };
  const take = (client: AnyClient, upgrade: boolean): Taken => {
    const { framing } = client;
    const visitor =
      world.addresses.visitorOf(client) ?? (client.sharesConnection ? client.socket.remoteAddress : undefined);
    const answer = framing.refusal ?? world.clients.refusalOf(client.socket);
    const decision: Decision = answer === undefined ? decideOn(client, visitor, upgrade) : { kind: "respond", answer };
    return { decision, arrival: { framing, visitor, onDone: startAccessLine(world, client, decision) } };
  };
  /** What the login refused counts as a guess. */
  const limited = (answer: Answer, { socket }: AnyClient, { visitor }: Arrival): Answer => {
    const decision = world.limit({ kind: "respond", answer }, { remote: socket.remoteAddress, visitor });
    return decision.kind === "respond" ? decision.answer : answer;
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
    onRequest(client) {
      const startedAt = isSample() ? performance.now() : undefined;
      const { decision, arrival } = take(client, false);
      const respond = (answer: Answer) => answerLater(client, { answer, onDone: count(answer, arrival, decision) });
      if (decision.kind === "forward") {
        new Exchange(world, client, planExchange(client, decision, arrival)).start();
        if (startedAt !== undefined) world.onHandled?.(performance.now() - startedAt);
      } else if (decision.kind === "door") {
        // a login that was broken off would have to begin anew
        world.clients.addOwn(client.socket, client);
        void world.door?.(decision.request).then((answer) => {
          world.clients.removeOwn(client.socket, client);
          respond(limited(answer, client, arrival));
        });
      } else respond(decision.answer);
    },
    onUpgrade(client) {
      const { decision, arrival } = take(client, true);
      if (decision.kind === "forward")
        return new UpgradeRelay(world, client, planUpgrade(client, decision, arrival)).start();
      // the gate hands no upgrade to the login
      const answer = decision.kind === "door" ? answers.badRequest : decision.answer;
      answerLater(client, { answer, onDone: count(answer, arrival, decision) });
    },
  };
}

interface OwnAnswer {
  readonly answer: Answer;
  readonly onDone: LogDone;
}

type AnyClient = Client | SwitchingClient;

/** What is decided on. */
class Asked implements DecisionRequest {
  readonly host: string | undefined;
  readonly target: string;
  readonly method: string;
  readonly upgrade: boolean;
  readonly #client: AnyClient;

  constructor(client: AnyClient, upgrade: boolean) {
    const { url = "", method = "GET" } = client.request;
    this.host = client.framing.host;
    this.target = url;
    this.method = method;
    this.upgrade = upgrade;
    this.#client = client;
  }

  /** Only the gate reads them; Node parses them when they are first asked for. */
  get headers(): ClientRequest["headers"] {
    return this.#client.request.headers;
  }
}

interface Taken {
  readonly decision: Decision;
  readonly arrival: Arrival;
}

/** Sends an answer of our own, at once unless it is one that waits. */
function answerLater(client: AnyClient, { answer, onDone }: OwnAnswer): void {
  const finish = () => {
    const gone = client.gone();
    if (!gone) client.answer(answer);
    onDone(gone ? undefined : answer.status);
  };
  if (answer.delayMs === undefined) return finish();
  client.hold(true);
  setTimeout(() => {
    client.hold(false);
    finish();
  }, answer.delayMs).unref();
}
