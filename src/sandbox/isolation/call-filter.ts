/**
 * A seccomp filter for confined launches, as the classic BPF program that `bwrap --seccomp` takes. It keeps
 * from them what no namespace divides: the keyrings of a user, io_uring (which passes filters by) and
 * SO_REUSEPORT, by which sockets of one user take each other's connections. Nor do they make user namespaces,
 * in which they would have every capability. Source: the kernel's seccomp_filter document and
 * `include/uapi/linux/{seccomp,bpf_common,audit,sched}.h`.
 */
export function callFilter(arch: string): Buffer | undefined {
  const calls = callNumbers[arch];
  if (calls === undefined) return undefined;
  const rules = [
    // another architecture, or x32, numbers its calls differently: refused as a whole
    ...refuseUnless(load(archOffset), calls.audit),
    load(numberOffset),
    ...(arch === "x64" ? [jump(jumpIfAtLeast, x32, 0, 1), answer(errno.ENOSYS)] : []),
    ...calls.refused.flatMap((call) => [jump(jumpIfEqual, call, 0, 1), answer(errno.EPERM)]),
    // clone3 has its flags in memory, where no filter looks: the C library falls back to clone
    ...[...ioUring, clone3].flatMap((call) => [jump(jumpIfEqual, call, 0, 1), answer(errno.ENOSYS)]),
    // "success": a single server works as ever, and a second one on its port is told that it is taken
    ...onArguments(
      calls.setsockopt,
      [
        [1, solSocket],
        [2, soReusePort],
      ],
      answer(0),
    ),
    ...onArguments(calls.ioctl, [[1, terminalInput]], answer(errno.EPERM)),
    ...[calls.clone, calls.unshare].flatMap((call) => onFlag(call, newUserNamespace, answer(errno.EPERM))),
    instruction(returnValue, 0, 0, allow),
  ];
  return Buffer.concat(rules);
}

const errno = { EPERM: 1, ENOSYS: 38 } as const;
const ioUring = [425, 426, 427];
const [solSocket, soReusePort, terminalInput] = [1, 15, 0x5412];
const x32 = 0x4000_0000;
const clone3 = 435;
const newUserNamespace = 0x1000_0000;

interface CallNumbers {
  readonly audit: number;
  readonly setsockopt: number;
  readonly ioctl: number;
  readonly clone: number;
  readonly unshare: number;
  /** add_key, request_key, keyctl; bpf, perf_event_open, userfaultfd. */
  readonly refused: readonly number[];
}

const callNumbers: Readonly<Record<string, CallNumbers>> = {
  x64: {
    audit: 0xc000_003e,
    setsockopt: 54,
    ioctl: 16,
    clone: 56,
    unshare: 272,
    refused: [248, 249, 250, 321, 298, 323],
  },
  arm64: {
    audit: 0xc000_00b7,
    setsockopt: 208,
    ioctl: 29,
    clone: 220,
    unshare: 97,
    refused: [217, 218, 219, 280, 241, 282],
  },
};

// offsets into struct seccomp_data; the low half of an argument comes first
const [numberOffset, archOffset, argumentsOffset] = [0, 4, 16];
const [loadWord, jumpIfEqual, jumpIfAtLeast, jumpIfAnySet, returnValue] = [0x20, 0x15, 0x35, 0x45, 0x06];
const allow = 0x7fff_0000;
const refuse = 0x0005_0000;

/** struct sock_filter, as every processor that we run on stores it. */
function instruction(code: number, ifTrue: number, ifFalse: number, value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt16LE(code, 0);
  bytes.writeUInt8(ifTrue, 2);
  bytes.writeUInt8(ifFalse, 3);
  bytes.writeUInt32LE(value >>> 0, 4);
  return bytes;
}

function load(offset: number): Buffer {
  return instruction(loadWord, 0, 0, offset);
}

/** Skips so many instructions. */
function jump(code: number, value: number, ifTrue: number, ifFalse: number): Buffer {
  return instruction(code, ifTrue, ifFalse, value);
}

function answer(error: number): Buffer {
  return instruction(returnValue, 0, 0, refuse | error);
}

function refuseUnless(loaded: Buffer, value: number): Buffer[] {
  return [loaded, jump(jumpIfEqual, value, 1, 0), answer(errno.ENOSYS)];
}

/** For a call whose arguments, by index, are these; every other goes on with its number loaded. */
function onArguments(call: number, wanted: readonly (readonly [number, number])[], then: Buffer): Buffer[] {
  const tests = wanted.flatMap(([index, value], at) => [
    load(argumentsOffset + 8 * index),
    jump(jumpIfEqual, value, 0, 2 * (wanted.length - at - 1) + 1),
  ]);
  return [jump(jumpIfEqual, call, 0, tests.length + 2), ...tests, then, load(numberOffset)];
}

/** For a call whose first argument has this flag; every other goes on with its number loaded. */
function onFlag(call: number, flag: number, then: Buffer): Buffer[] {
  const test = [load(argumentsOffset), jump(jumpIfAnySet, flag, 0, 1), then, load(numberOffset)];
  return [jump(jumpIfEqual, call, 0, test.length), ...test];
}
