/**
 * Abstract Unix sockets belong to the network namespace, which confined launches share with the host. Landlock
 * keeps a process, and what it starts, from those of processes outside (Linux 6.12 and later). It takes two
 * system calls, which have the same numbers everywhere; Perl's is the interpreter that distributions carry.
 * Source: the kernel's userspace-api/landlock document.
 */
const rules = 'my $rules = pack("QQQ", 0, 0, 1); my $fd = syscall(444, $rules, 24, 0); exit 125 if $fd < 0;';
const restrict = `${rules} exit 125 if syscall(446, $fd, 0) != 0;`;

/** Words in front of a command, which must not gain privileges any more. */
export const withoutAbstractSockets = ["perl", "-e", `${restrict} exec { $ARGV[0] } @ARGV or exit 126`, "--"];

/** A command that succeeds where that can be done. */
export const canRefuseAbstractSockets = ["perl", "-e", rules];
