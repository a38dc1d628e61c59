import { answers } from "../answers/answer.ts";
import type { Answer } from "../answers/answer.ts";
import type { SwitchingClient } from "../client.ts";
import type { ExchangePlan, ExchangeWorld } from "./exchange-plan.ts";
import type { Cuttable } from "../traffic/open-traffic.ts";
import type { ResponseHead } from "../upstream/parse-response-head.ts";
import { findHeader } from "./header-names.ts";
import { mapResponseHeaders } from "./response-head.ts";
import { FrameWalk } from "./frame-walk.ts";
import { isKeepAlive } from "./is-keep-alive.ts";
import { enter, leave } from "../traffic/under-way.ts";
import type { ResponseHandler, UpstreamConnection } from "../upstream/upstream-connection.ts";

export interface UpgradePlan extends ExchangePlan {
  /** Asks the app to switch protocols; otherwise it answers as if nothing had been asked. */
  readonly upgrade: boolean;
  /** No other answer than the switch is passed on. */
  readonly onlyJoins: boolean;
  /** A protocol that carried our token: agreed to where the app agrees to none, or the browser would give up. */
  readonly ownProtocol?: string | undefined;
}

/** Time for the app to answer the handshake. */
const handshakeMs = 30_000;
/** More is not read before the handshake ended. */
const maxEarlyBytes = 64 * 1024;
/** A close frame with 1001, "going away" (RFC 6455, 7.4.1). */
const goingAway = Buffer.from([0x88, 0x02, 0x03, 0xe9]);
/** A client that has ended its side gets this long to hear the end of the other. */
const halfClosedMs = 30_000;

/**
 * A request to switch protocols. After 101 both sockets are joined, byte for byte, each at the pace
 * of the other; any other answer is passed on and ends the connection. Both ends of the handshake
 * were parsed and printed anew, so that no byte reaches the app that was not understood here.
 */
export class UpgradeRelay implements ResponseHandler, Cuttable {
  readonly #world: ExchangeWorld;
  readonly #client: SwitchingClient;
  readonly #owner: Owner;
  /** What an open socket does without: half of the memory that it would take. */
  #handshake: Handshake | undefined;
  /** Of the handshake; later of the app's side, once the client has ended its own. */
  #deadline: NodeJS.Timeout | undefined;
  #connection: UpstreamConnection | undefined;
  #state: "handshake" | "joined" | "refused" | "done" = "handshake";
  /** What the client was answered. */
  #status: number | undefined;
  /** Of what the client was sent of a WebSocket; absent for other protocols. */
  #frames: FrameWalk | undefined;
  /** The client hears no more than the end of a frame that has begun. */
  #leaving = false;

  constructor(world: ExchangeWorld, client: SwitchingClient, plan: UpgradePlan) {
    this.#world = world;
    this.#client = client;
    const { route, sessionId, visitor, onDone } = plan;
    this.#owner = { route, visitor, sessionId, onDone };
    this.#handshake = { plan, dialing: new AbortController(), early: client.early };
    this.#deadline = setTimeout(() => this.#endWith(answers.unreachable), handshakeMs);
  }

  start(): void {
    enter(this.#world, this.#owner, { socket: this.#client.socket, item: this });
    this.#client.watch(this);
    const handshake = this.#handshake;
    if (handshake === undefined) return;
    this.#watchClient();
    this.#world.pool.dial(this.#owner.route, handshake.dialing.signal).then(
      (connection) => (this.#state === "done" ? connection.destroy() : this.#send(connection, handshake.plan)),
      () => this.#endWith(answers.unreachable),
    );
  }

  cut(answer: Answer): void {
    this.#endWith(answer);
  }

  /** What follows the handshake is no request in any case. */
  beLast(): boolean {
    return !this.#client.sharesConnection;
  }

  /** Our own frame fits in between two of the app's; in the middle of one it comes when that has ended. */
  goAway(answer: Answer): void {
    if (this.#state !== "joined" || this.#frames === undefined) return this.cut(answer);
    this.#leaving = true;
    if (this.#frames.atEnd) this.#sayGoodbye(this.#frames);
  }

  /** A handshake has no use for them. */
  onInformation(): void {}

  onHead(head: ResponseHead): void {
    const handshake = this.#handshake;
    if (handshake === undefined) return;
    const { plan, early } = handshake;
    const joins = head.status === 101;
    if (joins ? !this.#client.agrees(head) : plan.onlyJoins) return this.#endWith(answers.unreachable);
    this.#state = joins ? "joined" : "refused";
    if (joins && head.upgrade?.toLowerCase() === "websocket") this.#frames = new FrameWalk();
    this.#forgetHandshake();
    const headers = mapResponseHeaders(head, { origins: plan.origins, chunked: false, informational: joins });
    if (joins) headers.push(...ownProtocol(plan, headers));
    this.#client.sendHead(head, headers);
    if (joins) this.#join(early);
    this.#status = head.status;
    this.#world.counts.answered(head.status);
  }

  onBody(bytes: Buffer, start: number, end: number): void {
    const part = bytes.subarray(start, end);
    this.#noteUse(part);
    if (this.#leaving && this.#frames !== undefined) return this.#relayLast(part, this.#frames);
    this.#frames?.pass(part);
    const flowing = this.#client.write(this.#connection?.exclusive === true ? part : Buffer.from(part));
    if (!flowing) this.#connection?.pause();
  }

  onReadEnd(): void {}

  onEnd(): void {
    this.#client.finish();
    this.#settle();
  }

  onFailure(): void {
    this.#endWith(answers.unreachable);
  }

  onDrain(): void {
    this.#client.duplex.resume();
  }

  holdsBytes(): boolean {
    return this.#client.duplex.writableLength > 0;
  }

  #relayLast(part: Buffer, frames: FrameWalk): void {
    const length = frames.passOne(part);
    this.#client.write(Buffer.from(part.subarray(0, length)));
    if (frames.atEnd) this.#sayGoodbye(frames);
  }

  #sayGoodbye({ closed }: FrameWalk): void {
    if (!closed) this.#client.write(goingAway);
    this.#client.finish();
    this.#settle();
  }

  #send(connection: UpstreamConnection, { upgrade, headText }: UpgradePlan): void {
    this.#connection = connection;
    connection.begin(this, { method: this.#client.request.method ?? "GET", upgrade });
    connection.write(headText);
  }

  /** The client is read from the first moment on, also where its bytes are of no use: only so is its leaving noticed. */
  #watchClient(): void {
    const { duplex } = this.#client;
    duplex.on("data", (chunk: Buffer) => this.#onClientData(chunk));
    duplex.on("end", () => this.#onClientEnd());
    duplex.on("drain", () => this.#connection?.resume());
  }

  #onClientData(chunk: Buffer): void {
    const { duplex } = this.#client;
    if (this.#state === "joined") {
      this.#noteUse(chunk);
      if (this.#connection?.write(chunk) === false) duplex.pause();
    } else if (this.#handshake !== undefined) {
      const early = Buffer.concat([this.#handshake.early, chunk]);
      this.#handshake.early = early;
      if (early.length > maxEarlyBytes) duplex.pause();
    }
  }

  #onClientEnd(): void {
    // after the end of both, what is still queued for the client may leave
    if (this.#state === "done") return;
    if (this.#state !== "joined") return this.#client.breakOff();
    this.#connection?.end();
    this.#deadline = setTimeout(() => this.#client.breakOff(), halfClosedMs).unref();
  }

  #noteUse(part: Buffer): void {
    if (!isKeepAlive(part)) this.#world.noteUse(this.#owner.route);
  }

  #join(early: Buffer): void {
    if (early.length > 0) this.#connection?.write(early);
    this.#client.duplex.resume();
  }

  #forgetHandshake(): void {
    clearTimeout(this.#deadline);
    this.#deadline = undefined;
    this.#handshake = undefined;
  }

  /** Before any answer went out there is still room for one of ours; afterwards both sides are broken off. */
  #endWith(answer: Answer): void {
    if (this.#state === "done") return;
    const client = this.#client;
    const answers = this.#state === "handshake" && !client.gone();
    if (answers) {
      this.#status = answer.status;
      this.#world.counts.refused(answer);
    } else if (this.#status === undefined) this.#world.counts.aborted();
    this.#settle();
    if (answers) client.answer(answer);
    else client.breakOff();
  }

  #settle(): void {
    this.#state = "done";
    leave(this.#world, this.#owner, { socket: this.#client.socket, item: this });
    this.#handshake?.dialing.abort();
    this.#forgetHandshake();
    this.#connection?.abandon();
    this.#owner.onDone?.(this.#status);
  }
}

type Owner = Pick<ExchangePlan, "route" | "sessionId" | "visitor" | "onDone">;

interface Handshake {
  readonly plan: UpgradePlan;
  readonly dialing: AbortController;
  /** What the client said before the app agreed to listen. */
  early: Buffer;
}

function ownProtocol({ ownProtocol: token }: UpgradePlan, headers: readonly string[]): string[] {
  const agreed = findHeader(headers, "sec-websocket-protocol");
  return token === undefined || agreed !== undefined ? [] : ["Sec-WebSocket-Protocol", token];
}
