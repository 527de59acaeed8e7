#!/usr/bin/env python3
"""Runs a program with listening sockets handed over as systemd does (sd_listen_fds(3)).

    pass-sockets.py ADDRESS PORT COMMAND...

File descriptor 3 is a UDP socket and 4 a listening TCP socket, both bound; LISTEN_FDS and LISTEN_PID say so.
Python, because the child must have this very process id and node has no exec().
"""
import os
import socket
import sys

address, port, command = sys.argv[1], int(sys.argv[2]), sys.argv[3:]
family = socket.AF_INET6 if ":" in address else socket.AF_INET
udp = socket.socket(family, socket.SOCK_DGRAM)
tcp = socket.socket(family, socket.SOCK_STREAM)
tcp.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
for number, made in ((3, udp), (4, tcp)):
    made.bind((address, port))
    if made is tcp:
        made.listen(128)
# Above what dup2 writes to, so that neither overwrites the other.
kept = [os.dup(made.fileno()) for made in (udp, tcp)]
kept = [os.dup2(fd, 20 + i) for i, fd in enumerate(kept)]
for i, fd in enumerate(kept):
    os.dup2(fd, 3 + i, inheritable=True)
    os.close(fd)
os.environ.update(LISTEN_FDS="2", LISTEN_PID=str(os.getpid()), LISTEN_FDNAMES="dns:dns")
os.execvp(command[0], command)
