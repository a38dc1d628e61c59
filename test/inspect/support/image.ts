import { inflateSync } from "node:zlib";

/** Width and height of a PNG. */
export function imageSize(png: Buffer): { width: number; height: number } {
  return { width: png.readUInt32BE(16), height: png.readUInt32BE(20) };
}

/** Red, green and blue of each pixel of a PNG with 8 bits per channel and no interlacing. */
export function pixelsOf(png: Buffer): (x: number, y: number) => [number, number, number] {
  const { width, height } = imageSize(png);
  const channels = png[25] === 6 ? 4 : 3;
  const rows = unfilter(inflateSync(imageData(png)), { height, stride: width * channels, channels });
  return (x, y) => {
    const at = x * channels;
    return [rows[y]![at]!, rows[y]![at + 1]!, rows[y]![at + 2]!];
  };
}

function imageData(png: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let at = 8; at < png.length;) {
    const length = png.readUInt32BE(at);
    if (png.toString("latin1", at + 4, at + 8) === "IDAT") parts.push(png.subarray(at + 8, at + 8 + length));
    at += length + 12;
  }
  return Buffer.concat(parts);
}

function unfilter(
  raw: Buffer,
  { height, stride, channels }: { height: number; stride: number; channels: number },
): Buffer[] {
  const rows: Buffer[] = [];
  for (let y = 0; y < height; y += 1) {
    const start = y * (stride + 1);
    const row = Buffer.from(raw.subarray(start + 1, start + 1 + stride));
    const above = rows[y - 1] ?? Buffer.alloc(stride);
    for (let x = 0; x < stride; x += 1) {
      const left = x < channels ? 0 : row[x - channels]!;
      const corner = x < channels ? 0 : above[x - channels]!;
      row[x]! += predicted(raw[start]!, { left, up: above[x]!, corner });
    }
    rows.push(row);
  }
  return rows;
}

function predicted(filter: number, { left, up, corner }: { left: number; up: number; corner: number }): number {
  if (filter === 1) return left;
  if (filter === 2) return up;
  if (filter === 3) return Math.floor((left + up) / 2);
  if (filter !== 4) return 0;
  const guess = left + up - corner;
  const [toLeft, toUp, toCorner] = [left, up, corner].map((value) => Math.abs(guess - value));
  if (toLeft! <= toUp! && toLeft! <= toCorner!) return left;
  return toUp! <= toCorner! ? up : corner;
}
