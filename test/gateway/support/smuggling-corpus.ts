/**
 * Further requests that two parsers could read differently, beside the rows of test/gateway/wire, as bytes
 * (latin1, `{host}` is the preview's name), and what of them may reach the app. Behind each a further request
 * is sent on the same connection: it must arrive as itself where the connection goes on, and not at all where
 * it does not.
 */
export interface WireCase {
  readonly title: string;
  readonly sent: string;
  /** First lines and bodies as the app may see them; absent: nothing of it arrives. */
  readonly arrives?: readonly Arrival[];
  /** Default: the next request is served when something arrives, and refused with the rest when nothing does. */
  readonly next?: "served" | "refused" | "swallowed" | "unsent";
  /** The head is in order and may have been passed on before the body broke: never as a whole request. */
  readonly breaksOff?: boolean;
  /** Status of the answer, where it says more than that there was one. */
  readonly status?: number;
}

export interface Arrival {
  readonly line: string;
  readonly body?: string;
  /** Headers that must be there, or must not. */
  readonly has?: readonly string[];
  readonly lacks?: readonly string[];
}

const head = (line: string, ...lines: string[]): string => [line, ...lines, "", ""].join("\r\n");
const get = (...lines: string[]): string => head("GET /first HTTP/1.1", "Host: {host}", ...lines);
const post = (lines: readonly string[], body: string): string =>
  head("POST /first HTTP/1.1", "Host: {host}", ...lines) + body;
const chunked = "Transfer-Encoding: chunked";
const posted = (body: string, more: Partial<Arrival> = {}): readonly Arrival[] => [
  { line: "POST /first HTTP/1.1", body, ...more },
];
const got: readonly Arrival[] = [{ line: "GET /first HTTP/1.1" }];
const smuggled = "GET /smuggled HTTP/1.1\r\nHost: {host}\r\n\r\n";
/** A whole chunked body that a reader of lengths would take for the begin of one. */
const end = "0\r\n\r\n";

const lengths: readonly WireCase[] = [
  { title: "a length", sent: post(["Content-Length: 5"], "12345"), arrives: posted("12345") },
  {
    title: "a length with zeros before it",
    sent: post(["Content-Length: 005"], "12345"),
    arrives: posted("12345"),
  },
  {
    title: "a length that swallows the next request",
    sent: post(["Content-Length: 5000"], "12345"),
    next: "swallowed",
    breaksOff: true,
  },
  { title: "a length with a NUL behind it", sent: post(["Content-Length: 5\0"], "12345") },
  { title: "a length with a vertical tab before it", sent: post(["Content-Length:\x0b5"], "12345") },
  { title: "a length of more than 64 bits", sent: post(["Content-Length: 18446744073709551621"], "12345") },
  { title: "a length in other digits", sent: post(["Content-Length: \xd9\xa5"], "12345") },
  {
    title: "a length with an underline beside the true one",
    sent: post(["Content_Length: 0", "Content-Length: 5"], "12345"),
    arrives: posted("12345", { lacks: ["content_length"] }),
  },
];

const codings: readonly WireCase[] = [
  { title: "chunks", sent: post([chunked], `5\r\n12345\r\n${end}`), arrives: posted("12345") },
  {
    title: "chunks, in capitals",
    sent: post(["TRANSFER-ENCODING: CHUNKED"], `5\r\n12345\r\n${end}`),
    arrives: posted("12345"),
  },
  {
    title: "chunks, with a tab before the word and a space behind it",
    sent: post(["Transfer-Encoding:\tchunked "], `5\r\n12345\r\n${end}`),
    arrives: posted("12345"),
  },
  ...[
    "Transfer-Encoding: chunkedx",
    'Transfer-Encoding: "chunked"',
    "Transfer-Encoding: chunked;q=1",
    "Transfer-Encoding: chunked, chunked",
    "Transfer-Encoding: chunked,",
    "Transfer-Encoding: , chunked",
    "Transfer-Encoding:",
    "Transfer-Encoding: identity\r\nTransfer-Encoding: chunked",
    "Transfer-Encoding: chunked\r\ntransfer-encoding: chunked",
    "Transfer-Encoding : chunked",
    " Transfer-Encoding: chunked",
    "Transfer-Encoding\t: chunked",
    "Transfer-Encoding: \x0bchunked",
    "Transfer-Encoding: \x0cchunked",
    "Transfer-Encoding: \xa0chunked",
    "Transfer-Encoding: chunked\x00",
    "Transfer-Encoding: chunked\r",
    "Transfer-Encoding:\r\n chunked",
    "Transfer-Encoding\r\n: chunked",
    "X-Any: x\nTransfer-Encoding: chunked",
    "X-Any: x\rTransfer-Encoding: chunked",
    "\0Transfer-Encoding: chunked",
    "Transfer-Encoding\0: chunked",
    "Transfer\xadEncoding: chunked\r\nTransfer-Encoding: x",
  ].map((line) => ({
    title: `a coding spelled ${JSON.stringify(line)}`,
    sent: post([line, "Content-Length: 5"], `${end}${smuggled}`),
  })),
  {
    title: "a coding with an underline is none",
    sent: post(["Transfer_Encoding: chunked", "Content-Length: 5"], "0\r\n\r\n"),
    arrives: posted("0\r\n\r\n", { lacks: ["transfer_encoding"] }),
  },
];

const chunks: readonly WireCase[] = [
  {
    title: "a chunk with a quoted extension",
    sent: post([chunked], `5;name="a b"\r\n12345\r\n0;last\r\n\r\n`),
    arrives: posted("12345"),
  },
  { title: "a size with zeros before it", sent: post([chunked], `0005\r\n12345\r\n${end}`), arrives: posted("12345") },
  {
    title: "a size with 64 KB of zeros before it",
    sent: post([chunked], `${"0".repeat(65_536)}5\r\n12345\r\n${end}`),
    arrives: posted("12345"),
  },
  { title: "a size in capitals", sent: post([chunked], `A\r\n1234567890\r\n${end}`), arrives: posted("1234567890") },
  ...[
    ["a tab behind it", `5\t\r\n12345\r\n${end}`],
    ["an underline", `1_0\r\n12345\r\n${end}`],
    ["zeros that overflow", `00000000000000000000000000000000000000000000000000000000000000000000000g\r\n${end}`],
    ["a bare carriage return behind it", `5\r12345\r\n${end}`],
    ["an extension with a bare line feed", `5;\n12345\r\n${end}`],
    ["an extension with a bare carriage return", `5;a\rb\r\n12345\r\n${end}`],
    ["an extension with a NUL", `5;a\0b\r\n12345\r\n${end}`],
    ["an extension of 64 KB", `5;${"a".repeat(65_536)}\r\n12345\r\n${end}`],
  ].map(([what, body]) => ({
    title: `a chunk size with ${what}`,
    sent: post([chunked], body!),
    breaksOff: true,
  })),
  { title: "a chunk that ends in nothing", sent: post([chunked], `5\r\n12345${end}`), breaksOff: true },
  {
    title: "a last chunk without its empty line, whose trailer would be the next request",
    sent: post([chunked], "5\r\n12345\r\n0\r\n"),
    breaksOff: true,
  },
  ...["Host: other.test", "Cookie: a=b", "X-Preview-Token: x", "Content_Length: 40"].map((trailer) => ({
    title: `a trailer ${trailer}`,
    sent: post([chunked], `5\r\n12345\r\n0\r\n${trailer}\r\n\r\n`),
    arrives: posted("12345", { lacks: [trailer.toLowerCase()] }),
  })),
  ...["Transfer-Encoding: identity"].map((trailer) => ({
    title: `a trailer ${trailer}`,
    sent: post([chunked], `5\r\n12345\r\n0\r\n${trailer}\r\n\r\n`),
    breaksOff: true,
  })),
  {
    title: "trailers of 200 KB",
    sent: post([chunked], `5\r\n12345\r\n0\r\nX-Sum: ${"6".repeat(200_000)}\r\n\r\n`),
    breaksOff: true,
  },
];

const hosts: readonly WireCase[] = [
  { title: "a plain request", sent: get(), arrives: got },
  { title: "a host with a space", sent: head("GET / HTTP/1.1", "Host: {host} other.test"), next: "served" },
  { title: "a list of hosts", sent: head("GET / HTTP/1.1", "Host: {host}, other.test"), next: "served" },
  { title: "a host with a user", sent: head("GET / HTTP/1.1", "Host: user@{host}"), next: "served" },
  { title: "a host behind a user", sent: head("GET / HTTP/1.1", "Host: {host}@other.test"), next: "served" },
  { title: "a host with a path", sent: head("GET / HTTP/1.1", "Host: {host}/x"), next: "served" },
  { title: "a host with two ports", sent: head("GET / HTTP/1.1", "Host: {host}:80:81"), next: "served" },
  { title: "no host", sent: head("GET / HTTP/1.1"), next: "served" },
  { title: "an empty host", sent: head("GET / HTTP/1.1", "Host:"), next: "served" },
  { title: "a folded host", sent: head("GET / HTTP/1.1", "Host:\r\n {host}") },
  { title: "a host with a NUL", sent: head("GET / HTTP/1.1", "Host: {host}\0.other.test") },
  {
    title: "another host by X-Forwarded-Host",
    sent: get("X-Forwarded-Host: other.test", "X_Forwarded_Host: other.test", "Forwarded: host=other.test"),
    arrives: [{ ...got[0]!, lacks: ["x-forwarded-host", "x_forwarded_host", "forwarded"] }],
  },
  {
    title: "the preview as target of another host",
    sent: head("GET http://{host}/ HTTP/1.1", "Host: other.test"),
    next: "served",
  },
  { title: "a target that is a host", sent: head("GET other.test:80 HTTP/1.1", "Host: {host}") },
];

const heads: readonly WireCase[] = [
  { title: "an empty line in front", sent: `\r\n${get()}`, arrives: got },
  { title: "a space in front", sent: ` ${get()}` },
  { title: "a NUL in front", sent: `\0${get()}` },
  { title: "a header without a value", sent: get("X-A:"), arrives: [{ ...got[0]!, has: ["x-a"] }] },
  {
    title: "a value with bytes above ASCII",
    sent: get("X-A: caf\xe9"),
    arrives: [{ ...got[0]!, has: ["x-a: caf\xe9"] }],
  },
  ...[" ", "\xe9", "(", "/", "@", "[", '"'].map((byte) => ({
    title: `a name with the byte ${JSON.stringify(byte)}`,
    sent: get(`X${byte}A: b`),
  })),
  ...[" ", "\r", "\n", "\xe9"].map((byte) => ({
    title: `a target with the byte ${JSON.stringify(byte)}`,
    sent: head(`GET /a${byte}b HTTP/1.1`, "Host: {host}"),
  })),
  ...["Get", "G\xc9T", "GETGETGETGET"].map((method) => ({
    title: `the method ${JSON.stringify(method)}`,
    sent: head(`${method} /first HTTP/1.1`, "Host: {host}"),
  })),
  {
    title: "a method that few know",
    sent: head("PROPFIND /first HTTP/1.1", "Host: {host}"),
    arrives: [{ line: "PROPFIND /first HTTP/1.1" }],
  },
  ...["HTTP/3.7", "HTTP/01.1", "HTTP/1.1.", "HTTP/1", "ICE/1.0"].map((version) => ({
    title: `the version ${version}`,
    sent: head(`GET /first ${version}`, "Host: {host}"),
  })),
  { title: "a request of HTTP/0.9", sent: "GET /first\r\n\r\n" },
  { title: "two spaces before the version", sent: head("GET /first  HTTP/1.1", "Host: {host}"), arrives: got },
  { title: "a tab before the version", sent: head("GET /first\tHTTP/1.1", "Host: {host}") },
  { title: "no target", sent: head("GET HTTP/1.1", "Host: {host}") },
  { title: "the begin of HTTP/2", sent: "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" },
  { title: "the begin of TLS", sent: "\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03" },
  {
    title: "HTTP/1.0 that keeps the connection",
    sent: head("GET /first HTTP/1.0", "Host: {host}", "Connection: keep-alive"),
    arrives: got,
  },
  { title: "HTTP/1.0", sent: head("GET /first HTTP/1.0", "Host: {host}"), arrives: got, next: "unsent" },
  {
    title: "HTTP/1.0 with a length",
    sent: `${head("POST /first HTTP/1.0", "Host: {host}", "Content-Length: 5", "Connection: keep-alive")}12345`,
    arrives: posted("12345"),
  },
  { title: "a name of 200 KB", sent: get(`${"a".repeat(200_000)}: b`), status: 431 },
];

const asking = [
  "Connection: Upgrade",
  "Upgrade: websocket",
  "Sec-WebSocket-Version: 13",
  "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
];

const hops: readonly WireCase[] = [
  {
    title: "a WebSocket that the app refuses",
    sent: get(...asking),
    arrives: [{ ...got[0]!, has: ["upgrade: websocket"] }],
    next: "refused",
  },
  {
    title: "h2c beside a WebSocket",
    sent: get("Connection: Upgrade", "Upgrade: h2c, websocket"),
    arrives: [{ ...got[0]!, lacks: ["upgrade"] }],
    next: "refused",
  },
  {
    title: "a WebSocket by POST",
    sent: head("POST /first HTTP/1.1", "Host: {host}", ...asking, "Content-Length: 0"),
    arrives: [{ line: "POST /first HTTP/1.1", lacks: ["upgrade"] }],
    next: "refused",
  },
  {
    title: "an Upgrade that the connection does not name",
    sent: get("Upgrade: websocket"),
    arrives: [{ ...got[0]!, lacks: ["upgrade"] }],
  },
  ...["Content-Length", "Content-Length, close, keep-alive", "content-LENGTH", "X-A, Content-Length"].map((names) => ({
    title: `a Connection that would remove the length (${names})`,
    sent: post([`Connection: ${names}`, "Content-Length: 5"], "12345"),
    arrives: posted("12345", { has: ["content-length: 5"] }),
    ...(names.includes("close") && { next: "unsent" as const }),
  })),
  {
    title: "a Connection that would remove the coding",
    sent: post(["Connection: Transfer-Encoding", chunked], `5\r\n12345\r\n${end}`),
    arrives: posted("12345", { has: ["transfer-encoding: chunked"] }),
  },
  {
    title: "a Connection that would remove the host",
    sent: get("Connection: Host"),
    arrives: [{ ...got[0]!, has: ["host"] }],
  },
  {
    title: "a Connection that removes what it may",
    sent: get("Connection: X-Mine", "X-Mine: 1", "Keep-Alive: 5", "TE: trailers", "Proxy-Authorization: x"),
    arrives: [{ ...got[0]!, lacks: ["x-mine", "keep-alive", "te", "proxy-authorization", "connection"] }],
  },
  {
    title: "a body that waits to be asked for",
    sent: post(["Expect: 100-continue", "Content-Length: 5"], "12345"),
    arrives: posted("12345", { has: ["expect: 100-continue"] }),
  },
  {
    title: "two expectations",
    sent: post(["Expect: 100-continue", "Expect: tea", "Content-Length: 5"], "12345"),
    status: 400,
  },
];

export const smugglingCorpus: Readonly<Record<string, readonly WireCase[]>> = {
  "with lengths": lengths,
  "with codings": codings,
  "in chunks": chunks,
  "by its host and target": hosts,
  "in its head": heads,
  "for one hop": hops,
};
