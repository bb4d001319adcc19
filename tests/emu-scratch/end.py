"""end.py SIGNAL TO CMD...: runs CMD in a process group of its own, waits for
the file "ready" to appear, sends SIGNAL and says how CMD ended: "exit N" or
"signal N". TO is "front" (CMD itself), "group", or a file with a process id."""
import os
import signal
import subprocess
import sys
import time

number = getattr(signal, "SIG" + sys.argv[1])
for s in (signal.SIGINT, signal.SIGQUIT, signal.SIGPIPE):
    signal.signal(s, signal.SIG_DFL)
p = subprocess.Popen(sys.argv[3:], preexec_fn=os.setpgrp, restore_signals=False)
end = time.monotonic() + 20
while not os.path.exists("ready") and time.monotonic() < end:
    time.sleep(0.01)
if sys.argv[2] == "front":
    os.kill(p.pid, number)
elif sys.argv[2] == "group":
    os.killpg(p.pid, number)
else:
    os.kill(int(open(sys.argv[2]).read()), number)
status = p.wait(20)
print("signal %d" % -status if status < 0 else "exit %d" % status)
