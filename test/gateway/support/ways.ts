import { once } from "node:events";
import { constants } from "node:http2";
import type { ClientHttp2Session } from "node:http2";
import type { GatewayOptions } from "../../../src/gateway/gateway.ts";
import { createByteReader } from "./byte-reader.ts";
import { requestTo } from "./fixture.ts";
import type { Preview } from "./fixture.ts";
import type { RawClient } from "./raw-client.ts";
import { connectHttp2, connectTls, fixedCertificates } from "./tls-preview.ts";

type Place = Pick<Preview, "harness" | "link">;

/** How a client may speak to the gateway. */
export interface Way {
  readonly name: string;
  readonly gateway: Partial<GatewayOptions>;
  connect(place: Place): Promise<Connection>;
}

export interface Connection {
  /** Sends a GET. */
  ask(path: string): Asked;
  /** Resolves when the gateway has ended the connection; true when it was told before that nothing more will be answered. */
  ended(): Promise<boolean>;
  /** Breaks it off. */
  leave(): void;
}

/** One request and what comes of it. */
export interface Asked {
  status(): Promise<number>;
  until(mark: string): Promise<string>;
  /** False when the answer broke off: to be asked behind `status`. */
  whole(): Promise<boolean>;
}

const secure = { certificates: fixedCertificates(), publicScheme: "https" } as const;

export const ways: readonly Way[] = [
  { name: "HTTP/1.1", gateway: {}, connect: async ({ harness, link }) => http1(await harness.connect(), link) },
  { name: "HTTP/1.1 with TLS", gateway: secure, connect: async (place) => http1(await connectTls(place), place.link) },
  { name: "HTTP/2", gateway: secure, connect: async (place) => http2(await connectHttp2(place)) },
];

function http1(client: RawClient, link: Preview["link"]): Connection {
  let told = false;
  return {
    ask(path) {
      client.write(requestTo(link, path));
      let sized = "";
      return {
        async status() {
          const head = await client.head();
          told = head.header("connection") === "close";
          sized = head.header("content-length") ?? "";
          return head.status;
        },
        until: (mark) => client.until(mark),
        async whole() {
          const rest = await (sized === "" ? client.until("0\r\n\r\n") : client.take(Number(sized))).catch(
            () => undefined,
          );
          return rest !== undefined;
        },
      };
    },
    async ended() {
      await client.ended();
      return told;
    },
    leave: () => client.close(),
  };
}

function http2(session: ClientHttp2Session): Connection {
  let told = false;
  session.on("goaway", (code) => (told = code === constants.NGHTTP2_NO_ERROR));
  const closed = once(session, "close");
  return {
    ask(path) {
      const stream = session.request({ ":path": path });
      stream.on("error", () => {});
      const reader = createByteReader(stream);
      const answered = once(stream, "response");
      return {
        status: async () => ((await answered)[0] as { ":status": number })[":status"],
        until: (mark) => reader.until(mark),
        async whole() {
          await reader.closed();
          return stream.rstCode === constants.NGHTTP2_NO_ERROR;
        },
      };
    },
    async ended() {
      await closed;
      return told;
    },
    leave: () => session.destroy(),
  };
}
