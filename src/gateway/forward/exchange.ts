import { answers } from "../answers/answer.ts";
import type { Answer } from "../answers/answer.ts";
import type { Client } from "../client.ts";
import type { Cuttable } from "../traffic/open-traffic.ts";
import type { ResponseHead } from "../upstream/parse-response-head.ts";
import type { ExchangePlan, ExchangeWorld } from "./exchange-plan.ts";
import { pipeRequestBody } from "./request-body.ts";
import type { RequestBodyPipe } from "./request-body.ts";
import { mapResponseHeaders } from "./response-head.ts";
import type { AnswerWriter } from "./response-writer.ts";
import { ScriptWriter } from "../script/script-writer.ts";
import { enter, leave } from "../traffic/under-way.ts";
import type { ResponseHandler, UpstreamConnection } from "../upstream/upstream-connection.ts";
import type { LateWrite } from "../write-batch.ts";

/** Methods that may be sent a second time without being asked (RFC 9110, 9.2.2). */
const idempotent = new Set(["GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"]);

/**
 * One request on its way to the app and one answer on its way back. It ends in exactly one of four
 * ways: the answer is complete; an answer of our own took its place; the client's socket was
 * destroyed because an answer broke off half-way (a clean end would pass a torso off as the whole);
 * or the client left, which closes the app's side too.
 */
export class Exchange implements ResponseHandler, Cuttable, LateWrite {
  readonly #world: ExchangeWorld;
  readonly #client: Client;
  readonly #plan: ExchangePlan;
  readonly #writer: AnswerWriter;
  #connection: UpstreamConnection | undefined;
  #dialing: AbortController | undefined;
  #body: RequestBodyPipe | undefined;
  #awaitsDrain = false;
  #continued = false;
  #retried = false;
  /** The request's head waits for the end of the turn. */
  #unsent = false;
  /** The answer has ended, and waits for the end of the turn: with its trailers. */
  #ended: readonly string[] | undefined;
  #status = 0;
  #done = false;

  constructor(world: ExchangeWorld, client: Client, plan: ExchangePlan) {
    this.#world = world;
    this.#client = client;
    this.#plan = plan;
    const { origins } = plan;
    const writer = client.writer({ origins, closeAfter: () => this.#withheldBody() });
    this.#writer = plan.scripted ? new ScriptWriter(writer, origins) : writer;
  }

  start(): void {
    enter(this.#world, this.#plan, { socket: this.#client.socket, item: this });
    this.#client.watch(this);
    if (this.#done) return;
    const idle = this.#world.pool.take(this.#plan.route.launchId);
    if (idle === undefined) this.#dial();
    else this.#send(idle);
  }

  /** The link is gone, or the client is. */
  cut(answer: Answer): void {
    if (!this.#done) this.#endWith(answer);
  }

  beLast(): boolean {
    return this.#client.beLast();
  }

  /** HTTP has no way to end an answer early. */
  goAway(answer: Answer): void {
    this.cut(answer);
  }

  onInformation(head: ResponseHead): void {
    if (this.#isStray()) return this.#startOver();
    if (!this.#client.takesInformation()) return;
    if (head.status !== 100) {
      const headers = mapResponseHeaders(head, { origins: this.#plan.origins, chunked: false, informational: true });
      this.#client.sendInformation(head, headers);
    } else if (this.#plan.framing.expectsContinue && !this.#continued) {
      this.#continued = true;
      this.#client.sendContinue();
    }
  }

  onHead(head: ResponseHead): void {
    if (this.#isStray()) return this.#startOver();
    this.#status = head.status;
    this.#writer.head(head);
  }

  onBody(bytes: Buffer, start: number, end: number): void {
    this.#world.noteUse(this.#plan.route);
    this.#writer.body(bytes, { start, end, exclusive: this.#connection?.exclusive === true });
  }

  onReadEnd(): void {
    if (!this.#writer.endRead()) this.#awaitDrain();
  }

  onEnd(trailers: readonly string[]): void {
    this.#ended = trailers;
    // the next request of this turn may have it
    if (this.#body === undefined) this.#giveBack();
    if (this.#writer.canWait()) this.#world.batch.add(this);
    else this.#finish(trailers);
  }

  /** The end of the answer, or the request's head; neither, where it was cut or has failed meanwhile. */
  writeLate(): void {
    if (this.#done) return;
    if (this.#ended !== undefined) this.#finish(this.#ended);
    else if (this.#unsent) {
      this.#unsent = false;
      this.#connection?.write(this.#plan.headText);
    }
  }

  fail(): void {
    this.onFailure(true);
  }

  onFailure(answered: boolean): void {
    if (this.#done) return;
    if (this.#mayRetry(answered)) this.#startOver();
    else this.#endWith(answers.unreachable);
  }

  onDrain(): void {
    this.#body?.onDrain();
  }

  holdsBytes(): boolean {
    return this.#writer.holdsBytes();
  }

  #dial(): void {
    const dialing = new AbortController();
    this.#dialing = dialing;
    this.#world.pool.dial(this.#plan.route, dialing.signal).then(
      (connection) => {
        this.#dialing = undefined;
        if (this.#done) connection.destroy();
        else this.#send(connection);
      },
      () => this.#done || this.#endWith(answers.unreachable),
    );
  }

  #send(connection: UpstreamConnection): void {
    const { headText, framing } = this.#plan;
    this.#connection = connection;
    connection.begin(this, { method: this.#client.request.method ?? "GET", upgrade: false });
    if (framing.body === "none") {
      this.#unsent = true;
      return this.#world.batch.add(this);
    }
    connection.write(headText);
    this.#body = pipeRequestBody(this.#client, connection, { chunked: framing.body === "chunked" });
  }

  #finish(trailers: readonly string[]): void {
    this.#writer.end(trailers);
    this.#world.counts.answered(this.#status);
    this.#settle(this.#status);
  }

  /** The server may have closed a kept-alive connection just as it was used: only then, and only once. */
  #mayRetry(answered: boolean): boolean {
    if (answered || this.#retried || this.#connection?.reused !== true) return false;
    const isSafe = this.#unsent || idempotent.has(this.#client.request.method ?? "");
    return isSafe && this.#plan.framing.body === "none";
  }

  /** An answer to what was not sent: on a connection that was used before, it is the rest of what others got. */
  #isStray(): boolean {
    return this.#unsent && !this.#retried && this.#connection?.reused === true;
  }

  #startOver(): void {
    this.#connection?.destroy();
    this.#connection = undefined;
    this.#retried = true;
    this.#unsent = false;
    this.#dial();
  }

  #awaitDrain(): void {
    if (this.#awaitsDrain) return;
    this.#awaitsDrain = true;
    this.#connection?.pause();
    this.#client.onceDrained(() => {
      this.#awaitsDrain = false;
      if (!this.#done) this.#connection?.resume();
    });
  }

  /** A client that waits for 100 and gets a final answer may or may not send the body: the connection is spent. */
  #withheldBody(): boolean {
    return this.#plan.framing.expectsContinue && !this.#continued && this.#body?.finished() !== true;
  }

  #endWith(answer: Answer): void {
    const client = this.#client;
    const begun = client.begun();
    const answers = !begun && !client.gone();
    if (answers) this.#world.counts.refused(answer);
    else this.#world.counts.aborted();
    this.#settle(answers ? answer.status : undefined);
    if (begun) client.breakOff();
    else if (answers) client.answer(answer);
  }

  #settle(status: number | undefined): void {
    this.#done = true;
    leave(this.#world, this.#plan, { socket: this.#client.socket, item: this });
    this.#dialing?.abort();
    this.#giveBack();
    this.#body?.stop();
    this.#plan.onDone?.(status);
  }

  #giveBack(): void {
    const connection = this.#connection;
    this.#connection = undefined;
    // the app has not got all of the request: it may take the next one for the rest
    if (this.#unsent || this.#body?.finished() === false) connection?.destroy();
    else if (connection !== undefined) this.#world.pool.release(connection);
  }
}
