"""load.py BUILD [MACHINES [AT_ONCE [FLOOD]]]: many machines one after the
other, many at once, and a flood of FLOOD bytes through the whole pipeline.
Prints a Markdown table of what could grow: at the start, when a tenth has gone
by, and at the end. It is judged at each tenth, and exits 1 when anything grew,
stayed, was not the verdict or not the bytes that it should be.

Where it can it runs in namespaces of its own, so that what others do is not
counted: then sockets, terminals, mounts and shared memory are counted too."""
import collections
import glob
import hashlib
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time

build = os.path.abspath(sys.argv[1])
machines, at_once, flood = [
    int(n) for n in (sys.argv[2:] + ["1000", "64", str(24 * 3600 * 11520)]
                     [len(sys.argv) - 2:])]
here = os.path.dirname(os.path.abspath(__file__))
ALONE = "LOAD_ALONE"
tag = b"LOAD_TAG=%d" % os.getpid()
SANITIZED = os.path.basename(build) == "san" # keeps what was freed
# KiB. A page that is touched late is no leak: what leaks does so a thousand
# times. Pages of libraries come by the dozen.
SLACK = {"own memory, KiB": 64, "resident memory, KiB": 256}
DEADLINE = 300 # s without progress


def alone():
    """Begins again in namespaces of its own; goes on here when there are none."""
    if ALONE in os.environ:
        subprocess.run("mount -t devpts -o newinstance,ptmxmode=0666 devpts /dev/pts"
                       " && mount -t tmpfs tmpfs /dev/shm", shell=True, check=True)
        return
    words = ["unshare", "--mount", "--pid", "--fork", "--ipc", "--net",
             "--mount-proc", "--kill-child"]
    for more in [], ["--user", "--map-root-user"]:
        if subprocess.run(words + more + ["true"], stderr=subprocess.DEVNULL,
                          check=False).returncode == 0:
            os.environ[ALONE] = "1"
            os.execvp(words[0], words + more + [sys.executable] + sys.argv)


def read(path, pid=None):
    with open("/proc/%d/%s" % (pid, path) if pid else path, "rb") as f:
        return f.read()


def ours():
    """The processes of the load: their names by number."""
    found = {}
    for pid in map(int, filter(str.isdigit, os.listdir("/proc"))):
        try:
            parent = int(read("stat", pid).rpartition(b")")[2].split()[1])
            if ALONE in os.environ:
                mine = pid != os.getpid()
            else:
                mine = tag in read("environ", pid).split(b"\0")
            # What ended and is not ours to wait for is left: a zombie.
            if mine and (parent != os.getpid() or read("cmdline", pid)):
                found[pid] = read("comm", pid).decode().strip()
        except OSError:
            pass
    return found


def memory(pid, field):
    return sum(int(l.split()[1]) for l in read("smaps_rollup", pid).splitlines()
               if l.startswith(field.encode()))


def descriptors(pid):
    return len(os.listdir("/proc/%d/fd" % pid))


def kernel():
    """What lives in no process, or is named by none."""
    if ALONE not in os.environ:
        return {}
    lines = lambda p: len(read(p).splitlines()) - 1
    return {
        "sockets": sum(lines("/proc/net/" + n) for n in ("unix", "tcp", "udp")),
        "terminals": len(os.listdir("/dev/pts")) - 1,
        "mounts": lines("/proc/self/mountinfo"),
        "shared memory": len(os.listdir("/dev/shm")) + sum(
            lines("/proc/sysvipc/" + n) for n in ("shm", "sem", "msg")),
    }


def sample(processes, each=False):
    """What can grow, once no more processes are there: what has ended may not
    have been waited for yet. With each, memory and descriptors by the command."""
    end = time.monotonic() + 20
    while len(ours()) > processes and time.monotonic() < end:
        time.sleep(0.01)
    found = collections.Counter({
        "processes": 0, "files": sum(
            len(d) + len(f) for _, d, f in os.walk(top + "/tmp"))})
    found.update(kernel())
    for pid, name in ours().items():
        found["processes"] += 1
        if each and not name.startswith("emu-"):
            continue
        of = name + ": " if each else ""
        try:
            found.update({of + "descriptors": descriptors(pid),
                          of + "own memory, KiB": memory(pid, "Anonymous"),
                          of + "resident memory, KiB": memory(pid, "Rss")})
        except (FileNotFoundError, ProcessLookupError):
            # It ended meanwhile, as what sweeps does: all is looked at again.
            return sample(processes, each)
    return found


class Table:
    def __init__(self):
        self.bad = False
        print("| load | what | at the start | a tenth | the end | |\n"
              "|---|---|--:|--:|--:|---|")

    def row(self, load, what, values, good):
        """values: at the start, a tenth, the end; None is left out."""
        cells = ["" if v is None else str(v) for v in values]
        self.bad |= not good
        print("| %s | %s | %s | %s |" % (load, what, " | ".join(cells),
                                          "" if good else "**wrong**"),
              flush=True)

    def rows(self, load, samples, since=0):
        """Eleven samples, or two: the second is of the first tenth. A number
        stays as it was at the start (or since the tenth), memory as it was at
        the tenth."""
        for what in sorted(set().union(*samples)):
            values = [s[what] for s in samples]
            slack = SLACK.get(what.rpartition(": ")[2])
            if slack:
                good = SANITIZED or max(values[1:]) <= values[1] + slack
            else:
                good = len(set(values[since:])) == 1
            self.row(load, what, (values[0], values[1] if len(values) > 2
                                  else None, values[-1]), good)


def environment():
    env = dict(os.environ, PATH=build + ":" + os.environ["PATH"],
               TMPDIR=top + "/tmp")
    env.update([tag.decode().split("=")])
    env.pop("EMU_SCRATCH", None)
    return env


def wait_until(true, of=lambda: None):
    """Waits as long as there is progress: of() changes."""
    seen, end = of(), time.monotonic() + DEADLINE
    while not true():
        if of() != seen:
            seen, end = of(), time.monotonic() + DEADLINE
        if time.monotonic() > end:
            sys.exit("load: waited in vain: " + true.__name__)
        time.sleep(0.005)


def pattern(n):
    """What the demo guest's flood=n says."""
    return bytes((i ^ i >> 8 ^ i >> 16) & 255 for i in range(n))


# The ways a machine goes, in turn: its argument, what the record says, and the
# end of the line.
WAYS = [("flood=3000", 0, "exit", pattern(3000)), ("exit=3", 7, "exit", b""),
        ("panic", 120, "panic", b""), ("fault", 121, "reset", b"")]
LOOP = """while read -r word; do
	emu-run -l log -o record -a "$word" demo </dev/null >out 2>err
	echo $?
done"""


def told(way, status, where):
    """Whether a machine's line is all of what it should be, wherever it is."""
    line = read(where + "/out")
    record = json.loads(read(where + "/record"))
    return (status == record["status"] == way[1] and record["cause"] == way[2] and
            record["undelivered"] == 0 and record["bytes_out"] == len(line) and
            line == read(where + "/log") and line.endswith(way[3]) and
            b"arguments: %s\r\n" % way[0].encode() in line), line


def sequence(table):
    load = "%d machines in sequence" % machines
    where = top + "/sequence"
    os.mkdir(where)
    os.symlink(build + "/demo-x64", where + "/demo")
    p = subprocess.Popen([build + "/emu-scratch", "sh", "-c", LOOP], cwd=where,
                         env=environment(), stdin=subprocess.PIPE,
                         stdout=subprocess.PIPE, text=True, bufsize=1)
    # What sweeps has ended.
    processes = 3
    wait_until(lambda: sorted(ours().values()) == ["emu-scratch", "emu-scratch", "sh"])
    samples, verdicts, lines = [sample(processes)], collections.Counter(), {}
    for i in range(machines):
        way = WAYS[i % len(WAYS)]
        p.stdin.write(way[0] + "\n")
        status = int(p.stdout.readline() or "-1")
        good, line = told(way, status, where)
        good &= lines.setdefault(way, line) == line
        verdicts[status if good else "wrong"] += 1
        if (i + 1) * 10 // machines > i * 10 // machines:
            samples.append(sample(processes))
    table.row(load, "as they should end: " + ", ".join(
        "%s of status %s" % (n, s) for s, n in sorted(verdicts.items(), key=str)),
              (0, None, sum(verdicts.values()) - verdicts["wrong"]),
              verdicts["wrong"] == 0)
    table.row(load, "bytes of a line: " + ", ".join(
        "%d (%s)" % (len(l), w[0]) for w, l in lines.items()), [None] * 3, True)
    table.rows(load, samples)
    p.stdin.close()
    left(table, load, [p.wait(DEADLINE)])


def left(table, load, statuses):
    """All have ended well, and nothing of them is there."""
    found = sample(0)
    there = "statuses %s, %d processes, %d files" % (
        " ".join(map(str, statuses)), found["processes"], found["files"])
    table.row(load, "behind it: " + there, [None] * 3,
              not any(statuses) and found["processes"] == found["files"] == 0)


def together(table):
    """Each machine waits until all are there, and what is typed at it comes
    back."""
    load = "%d machines at once" % at_once
    before, running = sample(0), []
    for i in range(at_once):
        where = "%s/at-once-%d" % (top, i)
        os.mkdir(where)
        with open(where + "/out", "wb") as out, open(where + "/err", "wb") as err:
            running.append(subprocess.Popen(
                [build + "/emu-run", "-l", "log", "-o", "record", "-a", "echo",
                 "-a", "flood=%d" % (i * 100), build + "/demo-x64"], cwd=where,
                env=environment(), stdin=subprocess.PIPE, stdout=out, stderr=err))
    there = lambda: sum(b"\r\ndisk: none\r\n" in read(f)
                        for f in glob.glob(top + "/at-once-*/log"))
    wait_until(lambda: there() == at_once or any(
        p.poll() is not None for p in running), there)
    alive = sum(n.startswith("qemu-system") for n in ours().values())
    for i, p in enumerate(running):
        p.stdin.write(b"machine %d\4" % i)
        p.stdin.close()
    good = 0
    for i, p in enumerate(running):
        text = "echo flood=%d" % (i * 100)
        end = b"\r\nmachine %d" % i + pattern(i * 100)
        good += told((text, 0, "exit", end), p.wait(DEADLINE),
                     "%s/at-once-%d" % (top, i))[0]
    table.row(load, "alive at the same time", (0, None, alive), alive == at_once)
    table.row(load, "of status 0, with all bytes", (0, None, good), good == at_once)
    table.rows(load, [before, sample(0)])


class Drain(threading.Thread):
    """Reads to the end, counts, and sums up."""

    def __init__(self, fd, to=None):
        super().__init__(daemon=True)
        self.fd, self.to = fd, to
        self.count, self.digest = 0, hashlib.sha256()
        self.start()

    def run(self):
        while data := os.read(self.fd, 1 << 16):
            self.count += len(data)
            self.digest.update(data)
            if self.to:
                self.to.write(data)
        if self.to:
            self.to.close()

    def sum(self):
        self.join(DEADLINE)
        return "%d %s\n" % (self.count, self.digest.hexdigest())


def pipeline(where):
    """emu-spawn's stdin, what reads the line, and all commands."""
    os.mkfifo(where + "/cast")
    run = lambda words, before: subprocess.Popen(
        [build + "/" + words[0]] + words[1:], cwd=where, env=environment(),
        stdin=before, stdout=subprocess.PIPE, bufsize=0)
    spawn = run(["emu-spawn", "-l", "log", "-o", "record", "-S", "sock", "-k",
                 str(DEADLINE), "--", sys.executable, here + "/flood.py",
                 str(flood), where + "/said"], subprocess.PIPE)
    watch = run(["emu-watch", "-f", "@linux", "-r", "record"], spawn.stdout)
    # A FIFO has to have its reader before.
    Drain(os.open(where + "/cast", os.O_RDWR))
    cast = run(["emu-cast", "-r", "record", "-o", "cast"], watch.stdout)
    ktap = run(["emu-ktap", "-r", "record"], subprocess.PIPE)
    commands = [spawn, watch, cast, ktap]
    line = Drain(cast.stdout.fileno(), ktap.stdin)
    for p in spawn, watch:
        p.stdout.close()
    return spawn.stdin, line, commands


def rain(table):
    load = "a flood of %d bytes" % flood
    where = top + "/flood"
    os.mkdir(where)
    go, line, commands = pipeline(where)
    client = socket.socket(socket.AF_UNIX)
    os.chdir(where)
    wait_until(lambda: os.path.exists("sock"))
    client.connect("sock")
    past = Drain(client.fileno())
    count = lambda: (line.count, past.count)
    samples = []
    for tenth in range(11):
        here_by_now = flood * tenth // 10
        wait_until(lambda: min(count()) >= here_by_now, count)
        samples.append(sample(6, each=True))
        go.write(b"g")
    wait_until(lambda: commands[0].poll() is not None, count)
    said = read("said").decode()
    sums = [line.sum(), past.sum()]
    with open("log", "rb") as f:
        sums.append(Drain(f.fileno()).sum())
    results = b"\nok 1 - flood\n" in commands[3].stdout.read()
    statuses = [p.wait(DEADLINE) for p in commands]
    table.row(load, "bytes on stdout", (0, None, line.count), sums[0] == said)
    table.row(load, "bytes at the socket", (0, None, past.count), sums[1] == said)
    table.row(load, "bytes in the log", (0, None, int(sums[2].split()[0])),
              sums[2] == said)
    table.row(load, "test results", (0, None, int(results)), results)
    # At the start they may still be opening what they need.
    table.rows(load, samples, since=1)
    left(table, load, statuses)


alone()
top = tempfile.mkdtemp(prefix="load-", dir=os.environ.get(
    "BATS_TEST_TMPDIR", os.environ.get("TMPDIR", "/var/tmp")))
try:
    os.mkdir(top + "/tmp")
    table = Table()
    sequence(table)
    together(table)
    rain(table)
finally:
    shutil.rmtree(top)
sys.exit(table.bad)
