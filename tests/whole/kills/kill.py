"""kill.py BUILD TIMES [SEED]: runs the whole pipeline TIMES times and sends a
random signal to a random member of it, or to all of its process group, at a
random moment; now and then a SIGKILL to another one soon after. What has to hold
then: soon no process, directory or socket of it is left, the user's files are as
they were, status 0 means that the machine ran to its end and all came out, and
emu-scratch ends as it should when it was the one that was hit. When both its
halves were killed, the next run is what leaves nothing. Prints what did not
hold, and how long cleaning up took."""
import collections
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

build = os.path.abspath(sys.argv[1])
times = int(sys.argv[2])
seed = int(sys.argv[3]) if len(sys.argv) > 3 else random.randrange(1 << 32)
chance = random.Random(seed)
top = tempfile.mkdtemp(prefix="kill-", dir=os.environ.get("BATS_TEST_TMPDIR"))
tag = "KILL_TAG=%d" % os.getpid()
SIGNALS = [signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP,
           signal.SIGPIPE]
WORDS = ["wait=100", "flood=2000", "wait=200", "poweroff"]
FRONT = "emu-stage -i in/images.json in/doc | emu-fvm-extend -l 64M | emu-argv -m | "
SPAWN = "emu-spawn -l serial.log -o run.json -S $EMU_SCRATCH/serial.sock"
PIPES = {
    "spawn": FRONT + SPAWN,
    "watch": FRONT + SPAWN + " | emu-watch -q 60 -r run.json",
    "cast": FRONT + SPAWN + " | emu-cast -r run.json -o out.cast",
    # Ends in 2: the guest has no tests.
    "ktap": FRONT + SPAWN + " | tee line | emu-ktap -r run.json",
    "run": "emu-run -l serial.log -o run.json -w 'emu-watch -q 60'"
           " in/doc in/images.json",
}


def contents(directory):
    found = {}
    for where, _, names in os.walk(directory):
        for n in names:
            with open(os.path.join(where, n), "rb") as f:
                found[n] = f.read()
    return found


def prepare():
    os.makedirs(top + "/in")
    os.makedirs(top + "/parent")
    shutil.copy(build + "/demo-x64", top + "/in")
    subprocess.run([build + "/tests/emu-fvm-extend/image", "make", top + "/in/x.img",
                    "32768", "aab.DbD..a.b...."], check=True)
    with open(top + "/in/images.json", "w") as f:
        json.dump([{"name": "demo", "type": "kernel", "path": "demo-x64"},
                   {"name": "storage-full", "type": "blk", "path": "x.img"}], f)
    with open(top + "/in/doc", "w") as f:
        json.dump({"guest": "none", "target": "x64", "memory": 64, "args": WORDS}, f)


def members():
    """The processes of the run, by number: their names."""
    found = {}
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open("/proc/%s/environ" % pid, "rb") as f:
                if tag.encode() in f.read().split(b"\0"):
                    with open("/proc/%s/comm" % pid) as c:
                        found[int(pid)] = c.read().strip()
        except OSError:
            pass
    return found


def start(pipe):
    env = dict(os.environ, PATH=build + ":" + os.environ["PATH"])
    env[tag.split("=")[0]] = tag.split("=")[1]
    for name in "serial.log", "run.json", "out.cast", "line":
        if os.path.exists(top + "/" + name):
            os.unlink(top + "/" + name)
    with open(top + "/out", "wb") as out, open(top + "/err", "wb") as err:
        return subprocess.Popen(
            [build + "/emu-scratch", "-d", "parent", "sh", "-c", PIPES[pipe]],
            cwd=top, env=env, stdin=subprocess.DEVNULL, stdout=out, stderr=err,
            start_new_session=True, restore_signals=True)


def read(name):
    try:
        with open(top + "/" + name, "rb") as f:
            return f.read()
    except FileNotFoundError:
        return b""


def expected(number, who):
    """How the front half ends when that is known."""
    if number == signal.SIGKILL:
        return {"front": [-9], "group": [-9], "keeper": [137]}.get(who)
    if number == signal.SIGINT:
        return {"front": [-2], "group": [-2], "keeper": [130]}.get(who)
    if who in ("front", "group", "keeper"):
        return [128 + number]
    return None


def hit(p):
    """Sends a signal to somebody; returns which, who and whether it was in
    time. What is alive when it is hit but past its work bears it."""
    number = chance.choice(SIGNALS)
    time.sleep(chance.uniform(0, 0.9) ** 1.5)
    alive = members()
    if p.pid not in alive or p.poll() is not None:
        return number, "nobody", 0
    keepers = [k for k, n in alive.items() if n == "emu-scratch" and k != p.pid]
    victim = chance.choice(sorted(alive) + [-p.pid])
    who = "group" if victim < 0 else "front" if victim == p.pid else \
        "keeper" if victim in keepers else alive[victim]
    try:
        os.kill(victim, number)
    except ProcessLookupError:
        return number, "nobody", 0
    if chance.random() < 0.3:
        time.sleep(chance.uniform(0, 0.05))
        also = [m for m in members() if m != victim]
        if also:
            try:
                os.kill(chance.choice(sorted(also)), signal.SIGKILL)
                return number, "two", time.monotonic()
            except ProcessLookupError:
                pass
    return number, who, time.monotonic()


def next_run():
    subprocess.run([build + "/emu-scratch", "-d", "parent", "true"], cwd=top,
                   check=True)


def left():
    return members() or os.listdir(top + "/parent")


def judge(p, number, who, sent, good):
    try:
        status = p.wait(60)
    except subprocess.TimeoutExpired:
        yield "hangs"
        p.kill()
        status = None
    end = time.monotonic() + (1 if who == "two" else 20)
    while time.monotonic() < end and left():
        time.sleep(0.005)
    if who == "two" and left():
        next_run()
    took[number, who].append(time.monotonic() - sent if sent else 0)
    for pid, name in members().items():
        yield "left process %d, %s" % (pid, name)
    for name in os.listdir(top + "/parent"):
        yield "left " + name
    if contents(top + "/in") != pristine:
        yield "changed the user's files"
    want = expected(number, who)
    whole = read("serial.log") == good
    # Before the front has begun, and when the command has ended already, it
    # just dies, or has been too quick.
    early = status == -number and not os.path.exists(top + "/serial.log")
    late = whole and status in (0, 2, -number)
    if want and status not in want and not early and not late:
        yield "status %s, wanted %s" % (status, want)
    if status == 0 and (not whole or read("out") != good or
                        json.loads(read("run.json"))["status"] != 0):
        yield "status 0 of a run that was cut short"


prepare()
pristine = contents(top + "/in")
p = start("spawn")
if p.wait(60) != 0:
    print(read("err").decode())
    sys.exit(1)
good = read("serial.log")
took = collections.defaultdict(list)
bad = 0
for i in range(times):
    pipe = chance.choice(sorted(PIPES))
    p = start(pipe)
    number, who, sent = hit(p)
    wrong = list(judge(p, number, who, sent, good))
    if wrong:
        bad += 1
        print("%s: SIG%s to %s: %s\n\tstatus %s\n\t%s" % (
            pipe, number.name[3:], who, "; ".join(wrong), p.returncode,
            "\n\t".join(read("err").decode().splitlines()[:8])))
worst = max((t for (n, w), l in took.items() for t in l
             if n == signal.SIGKILL and w in ("front", "keeper", "group", "sh")),
            default=0)
if "-v" in sys.argv:
    for (number, who), l in sorted(took.items()):
        print(number.name, who, len(l), "%.0f ms" % (1000 * max(l)))
print("seed %d: %d kills, %d not borne; at most %.0f ms after a SIGKILL" % (
    seed, times, bad, worst * 1000))
shutil.rmtree(top)
sys.exit(bad != 0)
