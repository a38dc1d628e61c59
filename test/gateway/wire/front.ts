import type { Duplex } from "node:stream";
import type { GatewayOptions } from "../../../src/gateway/gateway.ts";
import type { Route } from "../../../src/preview/route.ts";
import type { Preview } from "../support/fixture.ts";
import type { RawHead } from "../support/raw-client.ts";
import type { Script } from "../support/scripted-upstream.ts";

export type Field = readonly [name: string, value: string];

/** A request. `{host}`, `{origin}` and `{app}` in values are the preview's name, its public origin, and the app's address. */
export interface Ask {
  /** Default GET. */
  readonly method?: string;
  /** Default `/`. */
  readonly path?: string;
  /** Default `{host}`. */
  readonly host?: string;
  readonly fields?: readonly Field[];
  /** Sent at once, and all of it unless `open`. */
  readonly body?: string;
  /** More of the body is written later. */
  readonly open?: true;
  /** Its length as announced; default: the body's, or none where it is open or has trailers. */
  readonly length?: number | "unknown";
  readonly trailers?: readonly Field[];
}

/** An answer as its client got it. */
export interface Answer extends RawHead {
  readonly body: string;
  readonly trailers: readonly Field[];
  /** 1xx that came before it and were not taken. */
  readonly information: readonly RawHead[];
  /** False: there was none (status 0), or the client was told that it broke off. */
  readonly whole: boolean;
}

/** A request under way. */
export interface Asking {
  /** Its connection or stream. */
  readonly duplex: Duplex;
  /** More of its body; one character a byte. */
  write(text: string): void;
  end(trailers?: readonly Field[]): void;
  /** The next 1xx. */
  information(): Promise<RawHead>;
  head(): Promise<RawHead>;
  /** So many bytes of the body. */
  take(length: number): Promise<string>;
  /** What there is, to its end. */
  answer(): Promise<Answer>;
  /** Breaks this request off, over HTTP/1.1 with its connection. */
  leave(): void;
}

/** A WebSocket that is asked for. */
export interface Opening {
  readonly path?: string;
  readonly host?: string;
  readonly fields?: readonly Field[];
  /** Sent along with the request, before any answer. */
  readonly early?: string;
}

/** A client's connection. */
export interface Line {
  ask(request?: Ask): Asking;
  /** Asks for a WebSocket; once there is one, the body is what the app says. */
  open(opening?: Opening): Asking;
  /** Resolves once the other side has ended it. */
  ended(): Promise<void>;
  /** Breaks it off with all that is under way. */
  leave(): void;
}

export interface Place extends Preview {
  readonly origin: string;
  /** With `{host}`, `{origin}` and `{app}` filled in. */
  readonly fill: (text: string) => string;
  connect(): Promise<Line>;
}

export interface PlaceOptions {
  readonly route?: Partial<Route>;
  readonly gateway?: Partial<GatewayOptions>;
}

/** A way into a gateway. */
export interface Front {
  readonly name: "HTTP/1.1" | "HTTP/2";
  /** A gateway with one preview, served by a script; closed after the test. */
  start(app?: Script, options?: PlaceOptions): Promise<Place>;
}

export function placeOf(preview: Preview, scheme: string, connect: (place: Place) => Promise<Line>): Place {
  const { link, harness, upstream } = preview;
  const origin = `${scheme}://${link.name}:${harness.port}`;
  const place: Place = {
    ...preview,
    origin,
    fill: (text) =>
      text
        .replaceAll("{host}", link.name)
        .replaceAll("{origin}", origin)
        .replaceAll("{app}", `localhost:${upstream.port}`),
    connect: () => connect(place),
  };
  return place;
}

/** How long a body is said to be; undefined: there is none. */
export function lengthOf({ body, open, length, trailers }: Ask): number | "unknown" | undefined {
  if (body === undefined && open === undefined && trailers === undefined) return length;
  return length ?? (open === true || trailers !== undefined ? "unknown" : (body ?? "").length);
}
