"""terminal.py KEYS CMD...: runs CMD as the leader of a session on a terminal of
its own, sends it KEYS (escapes understood) when it has printed "ready", and
prints what it printed and how it ended: "exit N", "signal N"."""
import os
import pty
import signal
import sys
import time

keys = sys.argv[1].encode().decode("unicode_escape").encode("latin1")
signal.signal(signal.SIGINT, signal.SIG_DFL)
signal.signal(signal.SIGQUIT, signal.SIG_DFL)
signal.alarm(30)
pid, terminal = pty.fork()
if pid == 0:
    os.execvp(sys.argv[2], sys.argv[2:])
seen = b""
while True:
    try:
        piece = os.read(terminal, 4096)
    except OSError:
        break
    if not piece:
        break
    seen += piece
    if keys and b"ready" in seen:
        time.sleep(0.05)
        os.write(terminal, keys)
        keys = b""
status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
sys.stdout.write(seen.decode().replace("\r", ""))
print("signal %d" % -status if status < 0 else "exit %d" % status)
