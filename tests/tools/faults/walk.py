"""walk.py BUILD MOST [SCENARIO ...]: lets every call of a command fail once.

A SCENARIO stands for all whose names begin with its words. Runs each command
once to count its calls, then once for each call with that call failing
(faults.c), at most MOST times a kind of call, spread evenly. What has to hold
whatever fails: the command ends, and either succeeds with all that it writes
without a fault, or fails with one of its statuses and one line that says why;
its input is untouched and nothing is left behind. Half a transfer or an
interruption by a signal is no failure. Prints what did not hold."""
import collections
import errno
import os
import re
import shutil
import struct
import subprocess
import sys
import tempfile

build = os.path.abspath(sys.argv[1])
most = int(sys.argv[2])
only = sys.argv[3:]
root = os.path.realpath(__file__ + "/../../../..")
top = tempfile.mkdtemp(prefix="walk-", dir=os.environ.get("BATS_TEST_TMPDIR"))
work = top + "/work"
tag = "FAULT_TAG=%d" % os.getpid()

# What the sanitizer's runtime, which is preloaded into all, says of qemu-img's
# coroutines.
COROUTINES = re.compile(r"==\d+==WARNING: ASan doesn't fully support makecontext.*\n"
                        r"(==\d+==WARNING: ASan is ignoring .*\n(.*\n){2})?")
FAULTS = collections.defaultdict(lambda: ["EIO"], {
    "read": ["EIO", "EINTR", "short"],
    "readv": ["EIO", "EINTR", "EAGAIN", "short"],
    "write": ["ENOSPC", "EINTR", "short"],
    "pread64": ["EIO", "EINTR", "short"],
    "pwrite64": ["ENOSPC", "EINTR", "short"],
    "recv": ["ECONNRESET", "EINTR", "short"],
    "send": ["EPIPE", "ENOBUFS", "EINTR", "short"],
    "sendmsg": ["EPIPE", "ENOBUFS", "EINTR"],
    "copy_file_range": ["ENOSPC", "EXDEV", "short"],
    "getrandom": ["EAGAIN"],
    "open64": ["EMFILE", "EACCES"],
    "openat64": ["EMFILE", "EACCES"],
    "mkdirat": ["ENOSPC"], "linkat": ["ENOSPC"], "symlinkat": ["ENOSPC"],
    "mkdir": ["ENOSPC"], "mkdtemp": ["ENOSPC"], "mkostemp64": ["ENOSPC"],
    "fork": ["EAGAIN"], "pthread_create": ["EAGAIN"], "posix_spawnp": ["EAGAIN"],
    "execv": ["EACCES"], "execl": ["EACCES"], "execvp": ["EACCES"],
    "posix_spawn_file_actions_init": ["ENOMEM"],
    "posix_spawn_file_actions_adddup2": ["ENOMEM"],
    "posix_spawn_file_actions_addopen": ["ENOMEM"],
    "poll": ["EINTR", "ENOMEM"], "ppoll": ["EINTR", "ENOMEM"],
    # Without handlers of signals there is nothing that makes these fail.
    "waitpid": [], "waitid": [], "wait4": [], "sigwaitinfo": [],
    "nanosleep": ["EINTR"],
    "malloc": ["ENOMEM"], "mmap64": ["ENOMEM"], "setenv": ["ENOMEM"], "fmemopen": ["ENOMEM"],
    "getdelim": ["ENOMEM", "EIO"], "__getdelim": ["ENOMEM", "EIO"],
    "open_memstream": ["ENOMEM"], "fdopen": ["ENOMEM"], "fdopendir": ["ENOMEM"],
    "opendir": ["EMFILE"], "fopen64": ["EMFILE"], "pipe2": ["EMFILE"],
    "socket": ["EMFILE"], "socketpair": ["EMFILE"], "signalfd": ["EMFILE"],
    "memfd_create": ["EMFILE"], "posix_openpt": ["ENOSPC"],
    "accept4": ["EMFILE", "ECONNABORTED", "EINTR"], "connect": ["EAGAIN"],
    "fallocate64": ["ENOSPC", "EOPNOTSUPP"], "ftruncate64": ["ENOSPC"],
    "flock": ["ENOLCK"], "getcwd": ["ENOENT"], "syscall": ["ENOSYS"],
    "prctl": ["EPERM"], "kill": ["EPERM"], "setrlimit64": ["EPERM"],
    "fgetxattr": ["ERANGE"], "fsetxattr": ["ENOSPC"],
    "getpgid": ["ESRCH"], "sched_getaffinity": ["EINVAL"], "setpgid": ["EPERM"], "setsid": ["EPERM"],
    "ioctl": ["EIO", "ENOTTY"], "close_range": ["ENOSYS"],
})
HARMLESS = {"EINTR", "short"}


def file(name, data):
    path = work + "/" + name
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as f:
        f.write(data if isinstance(data, bytes) else data.encode())
    os.chmod(path, 0o755 if data[:2] in ("#!", b"#!") else 0o644)


class Scenario:
    """kind: "filter" prints nothing when it fails, "copy" the beginning, "run"
    whatever. ends: the status without a fault; statuses: those of a failure. made: names that may be
    there after a success; left: after a failure; loose: names that a success may
    leave as it likes. spared: what does not fail."""

    def __init__(self, name, program, words, files, stdin=b"", kind="filter",
                 statuses=(1,), made=(), left=(), lines=1, env=None, same=None,
                 spared=(), command=None, ends=0, loose=()):
        self.name, self.program, self.words = name, program, words
        self.files, self.stdin, self.kind = files, stdin, kind
        self.statuses, self.made, self.left = statuses, made, left
        self.lines, self.env = lines, env or {}
        self.spared, self.command = spared, command or program
        self.ends, self.loose = ends, loose
        self.same = same or (lambda path, data: data)

    def fresh(self):
        shutil.rmtree(work, ignore_errors=True)
        os.makedirs(work)
        for name, data in self.files.items():
            if data is None:
                os.makedirs(work + "/" + name)
            else:
                file(name, data)

    def tree(self):
        found = {}
        for where, directories, names in os.walk(work):
            for d in directories:
                found[os.path.relpath(os.path.join(where, d), work) + "/"] = b""
            for n in names:
                path = os.path.join(where, n)
                if os.path.islink(path) or not os.path.isfile(path):
                    data = b"special"
                else:
                    with open(path, "rb") as f:
                        data = f.read()
                found[os.path.relpath(path, work)] = data
        return found

    def run(self, fault=None):
        with open(top + "/log", "wb") as f:
            f.write(bytes(8 + 128 * 56))
        env = dict(os.environ, LSAN_OPTIONS="print_suppressions=0:suppressions="
                   + root + "/tests/tools/faults/leaks", LD_PRELOAD=preload, FAULT_IN=self.program,
                   FAULT_LOG=top + "/log", PATH=build + ":" + os.environ["PATH"],
                   TMPDIR=work)
        env.update(self.env)
        env[tag.split("=")[0]] = tag.split("=")[1]
        if fault:
            call, n, number = fault
            env.update(FAULT_CALL=call, FAULT_NTH=str(n),
                       FAULT_ERRNO=number if number == "short"
                       else str(getattr(errno, number)))
        self.fresh()
        p = subprocess.Popen([self.command] + self.words, cwd=work, env=env,
                             stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE, start_new_session=True)
        try:
            out, err = p.communicate(self.stdin, timeout=30)
        except subprocess.TimeoutExpired:
            p.kill()
            return None, b"", b"hangs"
        return p.returncode, out, COROUTINES.sub("", err.decode(errors="replace"))

    def log(self):
        with open(top + "/log", "rb") as f:
            data = f.read()
        calls = {}
        for i in range(128):
            used, n, name = struct.unpack_from("QQ40s", data, 8 + 56 * i)
            if used:
                calls[name.rstrip(b"\0").decode()] = n
        return struct.unpack_from("Q", data)[0], calls

    def strays(self):
        found = []
        if self.kind == "run":
            for pid in filter(str.isdigit, os.listdir("/proc")):
                try:
                    with open("/proc/%s/environ" % pid, "rb") as f:
                        if tag.encode() in f.read().split(b"\0"):
                            found.append(pid)
                except OSError:
                    pass
        return found

    def judge(self, good, fault, status, out, err):
        """Yields what does not hold."""
        tree = {k: self.same(k, v) for k, v in self.tree().items()}
        out = self.same("stdout", out)
        if status is None:
            yield "hangs"
        elif status == self.ends or fault[2] in HARMLESS:
            if status != good[0]:
                yield "status %d, without the fault %d" % (status, good[0])
            if out != good[1]:
                yield "succeeds with another output: %r" % out[:200]
            for name in sorted(set(tree) ^ set(good[2])):
                if not name.startswith(self.loose or "\0"):
                    yield "succeeds, but %s %s" % (
                        name, "is left" if name in tree else "is missing")
            for name in set(tree) & set(good[2]):
                if tree[name] != good[2][name] and \
                        not name.startswith(self.loose or "\0"):
                    yield "succeeds with another %s" % name
        else:
            if status not in self.statuses:
                yield "status %d" % status
            lines = err.splitlines()
            if not 1 <= len(lines) <= self.lines:
                yield "%d lines on stderr" % len(lines)
            for line in lines:
                # Those of several programs may be mixed: err(3) writes in
                # pieces.
                mine = line.startswith(self.program + ": ") or \
                    self.command != self.program
                if not mine or "Success" in line:
                    yield "unclear: " + line
            # What is closed has been written; a sanitizer's own fprintf(3)
            # goes on writing.
            late = fault[0] == "fclose" or "libasan" in preload and \
                fault[0] in ("fputs", "puts", "putc", "fputc", "fwrite", "fflush")
            if self.kind == "filter" and out and not late:
                yield "fails, but prints %r" % out[:200]
            if self.kind == "copy" and not good[1].startswith(out) and \
                    not late:
                yield "prints another thing: %r" % out[:200]
            for name in tree:
                known = name in self.files or name.rstrip("/") in self.files or \
                    any(f.startswith(name) for f in self.files)
                if not known and not any(name.startswith(m) for m in self.left):
                    yield "fails, but leaves " + name
        for name, data in self.files.items():
            if data is not None:
                data = data if isinstance(data, bytes) else data.encode()
                allowed = [self.same(name, data)]
                if name in self.made: # changed in place: the old or the new
                    allowed.append(good[2][name])
                if tree.get(name) not in allowed:
                    yield "changed its input " + name
        for pid in self.strays():
            yield "left process " + pid

    def walk(self):
        status, out, err = self.run()
        tree = {k: self.same(k, v) for k, v in self.tree().items()}
        good = status, self.same("stdout", out), tree
        if status != self.ends:
            print("%s: without a fault: status %s: %s" % (self.name, status, err))
            return 0, 1
        runs = bad = 0
        for call, n in sorted(self.log()[1].items()):
            step = max(1, -(-n // most))
            for number in FAULTS[call]:
                if call + " " + number in self.spared:
                    continue
                for i in range(1, n + 1, step):
                    fault = call, i, number
                    status, out, err = self.run(fault)
                    if self.log()[0] == 0:
                        continue
                    runs += 1
                    wrong = list(self.judge(good, fault, status, out, err))
                    if wrong:
                        bad += 1
                        print("%s: %s %d %s (status %s): %s\n\t%s" % (
                            self.name, call, i, number, status,
                            "; ".join(wrong), "\n\t".join(str(err).splitlines()[:6])))
        return runs, bad


def libasan():
    """A sanitized program wants its library to come first."""
    words = subprocess.run(["ldd", build + "/emu-scratch"], text=True,
                           capture_output=True).stdout.split()
    return [w for w in words if w.startswith("/") and "libasan" in w]


preload = ":".join(libasan() + [build + "/tests/tools/faults.so"])
with open(root + "/tests/tools/faults/scenarios.py") as f:
    exec(compile(f.read(), "scenarios.py", "exec"))
bad_total = 0
for scenario in SCENARIOS:
    if only and not any((scenario.name + "-").startswith(o + "-") for o in only):
        continue
    runs, bad = scenario.walk()
    bad_total += bad
    print("%s: %d faults, %d not borne" % (scenario.name, runs, bad))
shutil.rmtree(top)
sys.exit(bad_total != 0)
