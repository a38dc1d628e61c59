import { describe, expect, test } from "vitest";
import { closing } from "../support/fixture.ts";
import { mintLink, startGateway } from "../support/harness.ts";
import { connectFrames, flags, frameTypes, headerBlock } from "../support/http2-frames.ts";
import { startRecordingUpstream } from "../support/recording-upstream.ts";
import { fixedCertificates } from "../support/tls-preview.ts";

type RawField = readonly [name: string, value: string];

interface RawStream {
  readonly fields: readonly RawField[];
  readonly body?: string;
  readonly trailers?: readonly RawField[];
}

/** `{host}` is the preview's authority. */
const pseudo = (overrides: Readonly<Record<string, string>> = {}): RawField[] =>
  Object.entries({ ":method": "GET", ":scheme": "https", ":authority": "{host}", ":path": "/first", ...overrides });
const get = (...fields: RawField[]): RawStream => ({ fields: [...pseudo(), ...fields] });
const asking = (overrides: Readonly<Record<string, string>>): RawStream => ({ fields: pseudo(overrides) });
const post = (body: string, ...fields: RawField[]): RawStream => ({
  fields: [...pseudo({ ":method": "POST" }), ...fields],
  body,
});
const hidden = "GET /hidden HTTP/1.1\r\nHost: other.test\r\n\r\n";

/** What would end a header, or begin another, once it is printed for HTTP/1.1: the request arrives without it. */
const dropped: readonly (readonly [string, RawStream])[] = [
  ...["\r\nX-B: c", "\nX-B: c", "\r", "\0", "\x01", "\x7f"].map(
    (bytes) => [`a value with ${JSON.stringify(bytes)}`, get(["x-a", `b${bytes}`])] as const,
  ),
  ...["x-a: b\r\nx-c", "x-a\r", "x-a\n", "x a", "x:a", "x\0a", "", "x-a:", "x\xe9"].map(
    (name) => [`the name ${JSON.stringify(name)}`, get([name, "b"])] as const,
  ),
  ["a line end in trailers", { ...post("12345"), trailers: [["x-a", "b\r\nx-c: d"]] }],
];

/** What makes another request of it: none of these may arrive in any form. */
const refused: readonly (readonly [string, RawStream])[] = [
  ["a name in capitals", get(["X-A", "b"])],
  ...[" HTTP/1.1\r\nHost: x\r\n\r\nGET /hidden", "\r\n", " ", "\t", "\0", "\x7f", "\xe9"].map(
    (bytes) => [`a path with ${JSON.stringify(bytes)}`, asking({ ":path": `/first${bytes}` })] as const,
  ),
  ...["GET /hidden HTTP/1.1\r\nHost: x\r\n\r\nGET", "GET ", "G\0T", "G(T", "", "GET\t"].map(
    (method) => [`the method ${JSON.stringify(method)}`, asking({ ":method": method })] as const,
  ),
  ...["{host}\r\nX-A: b", "{host} ", "user@{host}", "{host},other.test", "", "{host}/x"].map(
    (authority) => [`the authority ${JSON.stringify(authority)}`, asking({ ":authority": authority })] as const,
  ),
  ...["http", "https\r\nX-A: b", "", "file"].map(
    (scheme) => [`the scheme ${JSON.stringify(scheme)}`, asking({ ":scheme": scheme })] as const,
  ),
  ...["", "first", "http://other.test/", "?x", "*"].map(
    (path) => [`the path ${JSON.stringify(path)}`, asking({ ":path": path })] as const,
  ),
  ["chunks", post(`0\r\n\r\n${hidden}`, ["transfer-encoding", "chunked"])],
  ["chunks and a length", post(hidden, ["transfer-encoding", "chunked"], ["content-length", "5"])],
  ["a Connection", get(["connection", "content-length"])],
  ["a Keep-Alive", get(["keep-alive", "5"])],
  ["a Proxy-Connection", get(["proxy-connection", "close"])],
  ["an Upgrade", get(["upgrade", "h2c"])],
  ["another TE than trailers", get(["te", "chunked"])],
  ["a length that is too short", post(hidden, ["content-length", "0"])],
  ["a length that is too long", post(hidden, ["content-length", "500"])],
  ["two lengths", post("12345", ["content-length", "5"], ["content-length", "0"])],
  ["a signed length", post("12345", ["content-length", "+5"])],
  ["a list of lengths", post("12345", ["content-length", "5, 5"])],
  ["another host", get(["host", "other.test"])],
  ["two hosts", get(["host", "{host}"], ["host", "other.test"])],
  ["a path twice", { fields: [...pseudo(), [":path", "/hidden"]] }],
  ["an authority twice", { fields: [...pseudo(), [":authority", "other.test"]] }],
  ["a path behind a header", { fields: [...pseudo().slice(0, 3), ["x-a", "b"], [":path", "/hidden"]] }],
  ["no path", { fields: pseudo().slice(0, 3) }],
  ["an unknown pseudo-header", { fields: [...pseudo(), [":hidden", "/hidden"]] }],
  ["a status", { fields: [...pseudo(), [":status", "200"]] }],
  [
    "a tunnel",
    {
      fields: [
        [":method", "CONNECT"],
        [":authority", "{host}"],
      ],
    },
  ],
  ["a path in trailers", { ...post("12345"), trailers: [[":path", "/hidden"]] }],
  ["a coding in trailers", { ...post("12345"), trailers: [["transfer-encoding", "chunked"]] }],
];

const twins: readonly (readonly [string, RawStream, string, string])[] = [
  ["a request", get(["x-a", "b"]), "GET /first HTTP/1.1", ""],
  ["a body with a length", post(hidden, ["content-length", String(hidden.length)]), "POST /first HTTP/1.1", hidden],
  ["a body without a length", post(hidden), "POST /first HTTP/1.1", hidden],
  ["a length with an underline", post("12345", ["content_length", "0"]), "POST /first HTTP/1.1", "12345"],
  ["the same host once more", get(["host", "{host}"]), "GET /first HTTP/1.1", ""],
  ["a path of odd characters", asking({ ":path": "/a/..//%2e;x?q=[a]|b" }), "GET /a/..//%2e;x?q=[a]|b HTTP/1.1", ""],
];

async function open() {
  const upstream = closing(await startRecordingUpstream());
  const link = mintLink(upstream.port);
  const harness = closing(
    await startGateway([link.route], { publicScheme: "https", certificates: fixedCertificates() }),
  );
  const authority = `${link.name}:${harness.port}`;
  const filled = (fields: readonly RawField[]) =>
    fields.map(([name, value]) => [name, value.replaceAll("{host}", authority)] as const);
  /** On a connection of its own, until the stream or the connection is over. */
  const send = async ({ fields, body, trailers }: RawStream): Promise<void> => {
    const client = await connectFrames(harness.port);
    const last = (isLast: boolean) => (isLast ? flags.endStream : 0);
    const { data, headers } = frameTypes;
    const block = (sent: readonly RawField[]) => headerBlock(filled(sent));
    client.send(headers, flags.endHeaders | last(body === undefined && trailers === undefined), 1, block(fields));
    if (body !== undefined) client.send(data, last(trailers === undefined), 1, Buffer.from(body, "latin1"));
    if (trailers !== undefined) client.send(headers, flags.endHeaders | flags.endStream, 1, block(trailers));
    // an answer, a reset, or the end of the connection
    await client.next(({ type, stream }) => type === frameTypes.goaway || (stream === 1 && type !== data));
    client.socket.destroy();
  };
  return { upstream, send };
}

describe("a request over HTTP/2 becomes no other one over HTTP/1.1", () => {
  test.each(refused)("by %s", async (_, stream) => {
    const { upstream, send } = await open();
    await send(stream);
    await send(asking({ ":path": "/last" }));
    expect(upstream.malformed).toEqual([]);
    expect(upstream.whole.map(({ line }) => line)).toEqual(["GET /last HTTP/1.1"]);
  });

  test.each(dropped)("by %s, which is left out", async (_, stream) => {
    const { upstream, send } = await open();
    await send(stream);
    expect(upstream.malformed).toEqual([]);
    expect(upstream.whole).toHaveLength(1);
    expect(upstream.whole[0]!.line).toMatch(/^(?:GET|POST) \/first HTTP\/1\.1$/);
    expect(
      upstream.whole[0]!.fields.filter((field) => !/^(?:host|x-preview-origin|transfer-encoding): /.test(field)),
    ).toEqual([]);
  });

  test.each(twins)("and %s arrives", async (_, stream, line, body) => {
    const { upstream, send } = await open();
    await send(stream);
    expect(upstream.malformed).toEqual([]);
    expect(upstream.whole).toMatchObject([{ line, body }]);
    expect(upstream.whole[0]!.fields.join("\n")).not.toMatch(/content_length|^:/m);
  });
});
