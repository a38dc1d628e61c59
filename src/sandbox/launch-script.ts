/**
 * The sh scripts of a launch. The supervisor, a session of its own, waits for the command and
 * writes down how it ended. The recorder writes down who it is and then becomes the command, so
 * that the recorded pid is the command's own, in a session and group that hold nothing else.
 *
 * The command runs in the foreground of the supervisor: started with `&` it would ignore SIGINT
 * for the rest of its life, and under job control `$!` may name a process that is gone.
 */

/** The command line, in the environment so that it shows in no argument list but its own. */
export const commandVariable = "DEV_PREVIEW_COMMAND";

/**
 * sh -c supervisor sh <launch directory> <boot id> <path of setsid, or empty> <recorder>. Its own
 * stderr is closed to it: the shell would add a line of its own when a signal ends the command.
 */
export const supervisor = `
exec 3>&1 >>"$1/log" 2>/dev/null
if [ -n "$3" ]; then "$3" /bin/sh -c "$4" sh "$1" "$2"
else /bin/sh -c "$4" sh "$1" "$2"
fi
printf '%s\\n' "$?" >"$1/exit"
`;

/**
 * sh -c recorder sh <launch directory> <boot id>. Field 22 of stat is the start time, field 6 the
 * session; without /proc, ps knows the first, and the supervisor leads the second. Descriptor 3,
 * the supervisor's own stdout, tells the plane that the record is written; a plane that died
 * meanwhile costs a subshell its life (SIGPIPE), not the launch.
 */
export const recorder = `
exec 2>&1
_dp_directory=$1 _dp_boot=$2 _dp_command=$${commandVariable}
unset ${commandVariable}
if { read -r _dp_stat </proc/$$/stat; } 2>/dev/null; then
  set -- \${_dp_stat##*) }
  _dp_session=$4 _dp_start=$_dp_boot:\${20}
else
  set -- $(LC_ALL=C TZ=UTC ps -o lstart= -p $$)
  _dp_session=$PPID _dp_start=$*
fi
printf '%s %s %s\\n' "$$" "$_dp_session" "$_dp_start" >"$_dp_directory/pid" || exit 126
(printf . >&3) 2>/dev/null
exec 3>&-
exec /bin/sh -c "$_dp_command"
`;

/** Words that the shell itself answers, and assignments; what else stands first is a program. */
const shellWord =
  /^(?:[A-Za-z_]\w*=.*|\.|:|alias|bg|break|case|cd|command|continue|do|done|elif|else|esac|eval|exec|exit|export|fc|fg|fi|for|getopts|hash|if|jobs|local|read|readonly|return|set|shift|source|then|times|trap|type|ulimit|umask|unalias|unset|until|wait|while)$/;

/**
 * A command line that is one program with plain arguments takes the place of its shell. Some
 * shells do that by themselves; where they do not, a second process would stay in between, whose
 * exit code on a signal hides the program's.
 */
export function withoutShell(command: string): string {
  const simple = /^[\w ./@:=,+-]+$/.test(command);
  const [first = ""] = command.trim().split(" ");
  return simple && first !== "" && !shellWord.test(first) ? `exec ${command.trim()}` : command;
}
