import { hostname, networkInterfaces } from "node:os";
import { expect, test } from "vitest";
import { databasePort, localDatabasePort } from "../../src/db/local-port.ts";

const [address] = Object.values(networkInterfaces()).flatMap((all) => all ?? []);

test.each([
  ["postgres://u:p@localhost:5433/d", 5433],
  ["postgres://u:p@localhost/d", 5432],
  ["postgresql://127.0.0.9:6000/d", 6000],
  ["postgres://[::1]:6001/d", 6001],
  [`postgres://${hostname()}:6002/d`, 6002],
  [`postgres://${address?.family === "IPv6" ? `[${address.address}]` : address?.address}:6003/d`, 6003],
])("of %s the port is on this host", (url, port) => {
  expect(localDatabasePort(url)).toBe(port);
  expect(databasePort(url)).toBe(port);
});

test.each(["postgres://db.example.com:5432/d", "postgres://u:p@localhost/d?host=/var/run/postgresql", "no url"])(
  "of %s no port is on this host",
  (url) => {
    expect(localDatabasePort(url)).toBeUndefined();
  },
);

test.each([
  ["postgres://db.example.com/d", 5432],
  ["postgres://db.example.com:6543/d", 6543],
  ["postgres://u:p@localhost/d?host=/var/run/postgresql", undefined],
  ["no url", undefined],
])("the port of %s is %s, wherever it is", (url, port) => {
  expect(databasePort(url)).toBe(port);
});
