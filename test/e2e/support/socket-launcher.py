"""Keeps listening sockets open, and starts a program on them by sd_listen_fds(3), as a service manager does.

Arguments: name=address:port ... -- program arguments ... Each line on stdin starts the program once more. On stdout:
"pid <pid>" for each start, "exit <pid>" for each end.
"""
import os
import socket
import sys
import threading

at = sys.argv.index("--")
names, sockets = [], []
for argument in sys.argv[1:at]:
    name, address = argument.split("=")
    host, port = address.rsplit(":", 1)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if family == socket.AF_INET6:
        listening.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    listening.bind((host, int(port)))
    listening.listen(4096)
    names.append(name)
    # out of the way of the places that they are given to the program in
    sockets.append(os.dup(listening.fileno()) if listening.fileno() > 50 else os.dup2(listening.fileno(), 50 + len(sockets)))


def say(*words):
    print(*words, flush=True)


def wait(pid):
    os.waitpid(pid, 0)
    say("exit", pid)


for _line in sys.stdin:
    pid = os.fork()
    if pid == 0:
        for index, fd in enumerate(sockets):
            os.dup2(fd, 3 + index)
        for fd in sockets:
            os.close(fd)
        own = {"LISTEN_PID": str(os.getpid()), "LISTEN_FDS": str(len(sockets)), "LISTEN_FDNAMES": ":".join(names)}
        os.execve(sys.argv[at + 1], sys.argv[at + 1 :], {**os.environ, **own})
    say("pid", pid)
    threading.Thread(target=wait, args=(pid,), daemon=True).start()
