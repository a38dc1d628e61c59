import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FrameWalk } from "../../../src/gateway/forward/frame-walk.ts";
import { opcodes, printFrame } from "../support/web-socket-frames.ts";

const lengths = [0, 1, 125, 126, 127, 65_535, 65_536, 100_000];

const frames = fc.array(
  fc.record({
    length: fc.oneof(fc.constantFrom(...lengths), fc.integer({ min: 0, max: 300 })),
    masked: fc.boolean(),
    opcode: fc.constantFrom(opcodes.continuation, opcodes.text, opcodes.binary, opcodes.ping, opcodes.pong),
  }),
  { minLength: 1, maxLength: 6 },
);

function print({ length, masked, opcode }: { length: number; masked: boolean; opcode: number }): Buffer {
  return printFrame({ opcode, payload: Buffer.alloc(length, 0x88) }, masked ? randomBytes(4) : undefined);
}

describe("a walk over the frames of a WebSocket", () => {
  test("is at an end behind each frame and nowhere else, however the bytes come", () => {
    fc.assert(
      fc.property(frames, fc.array(fc.integer({ min: 1, max: 70_000 }), { minLength: 1 }), (list, pieces) => {
        const printed = list.map(print);
        const ends = new Set(printed.map((_, at) => Buffer.concat(printed.slice(0, at + 1)).length));
        const bytes = Buffer.concat(printed);
        const walk = new FrameWalk();
        for (let at = 0, turn = 0; at < bytes.length; turn++) {
          const piece = bytes.subarray(at, at + pieces[turn % pieces.length]!);
          walk.pass(piece);
          at += piece.length;
          expect(walk.atEnd).toBe(ends.has(at));
        }
        expect(walk.closed).toBe(false);
      }),
      { numRuns: 60 },
    );
  });

  test("passes one frame alone, from wherever in it", () => {
    fc.assert(
      fc.property(frames, fc.nat(), (list, cut) => {
        const printed = list.map(print);
        const bytes = Buffer.concat(printed);
        const at = cut % printed[0]!.length;
        const walk = new FrameWalk();
        walk.pass(bytes.subarray(0, at));
        expect(at + walk.passOne(bytes.subarray(at))).toBe(printed[0]!.length);
        expect(walk.atEnd).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  test("takes all there is of a frame that goes on", () => {
    const walk = new FrameWalk();
    expect(walk.passOne(printFrame({ opcode: opcodes.text, payload: Buffer.alloc(200) }).subarray(0, 100))).toBe(100);
    expect(walk.atEnd).toBe(false);
  });

  test("tells that a close frame began, and does not take payloads for one", () => {
    const walk = new FrameWalk();
    walk.pass(printFrame({ opcode: opcodes.text, payload: Buffer.alloc(300, 0x88) }));
    expect(walk.closed).toBe(false);
    walk.pass(printFrame({ opcode: opcodes.close, payload: Buffer.from([3, 0xe8]) }));
    expect([walk.closed, walk.atEnd]).toEqual([true, true]);
  });
});
