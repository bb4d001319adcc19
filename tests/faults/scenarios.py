# What walk.py lets fail: one plain run of each command.
import io
import re
import tarfile

with open(build + "/demo-x64", "rb") as f:
    KERNEL = f.read()
DOCUMENT = """{"guest": "none", "target": "x64", "memory": 64, "cpu": 1,
 "images": [{"name": "demo", "type": "kernel", "path": "in/demo"},
  {"name": "disk", "type": "blk", "path": "in/disk"}], "args": ["poweroff"]}"""
DISK = b"data" + bytes(200000) + b"end"
LINE = b"emu demo guest\r\nKTAP version 1\n1..1\nok 1 boots\n"


def no_record(path, data):
    if path == "record":
        data = b"".join(re.findall(rb'"(?:cause|status|bytes_out)": \S+', data))
    return data


def no_time(path, data):
    if path.endswith(".cast"):
        data = re.sub(rb'"timestamp": \d+', b"", data)
        return b"".join(re.findall(rb'"o", "(.*)"\]', data))
    return data


def archive():
    b = io.BytesIO()
    with tarfile.open(fileobj=b, mode="w:gz") as t:
        for name, data in ("a/demo", KERNEL[:5000]), ("a/disk", DISK):
            info = tarfile.TarInfo(name)
            info.size = len(data)
            t.addfile(info, io.BytesIO(data))
    return b.getvalue()


def fvm():
    path = top + "/fvm.img"
    subprocess.run([build + "/tests/fvm/image", "make", path, "32768",
                    "aab.DbD..a.b...."], check=True)
    with open(path, "rb") as f:
        return f.read()


def no_count(path, data):
    return re.sub(rb'"written":\d+', b"", data)


FVM = fvm()
FVM_DOCUMENT = b"""{"images": [{"type": "blk", "name": "storage-full",
 "path": "in/x.img"}]}"""
MANIFEST = """[{"name": "demo", "type": "kernel", "path": "demo"},
 {"name": "disk", "type": "blk", "path": "disk"}]"""
WORDS = b"sh\0-c\0read x; echo got $x\0"

DOCUMENT_X = """{"guest": "none", "images": [
 {"name": "demo", "type": "x", "path": "a/demo"},
 {"name": "disk", "type": "x", "path": "a/disk"}]}"""
# What could not be kept is no failure of the run, and said in a line.
NO_CACHE = ()

# Then the socket cannot but stay. A terminal's EIO is its end.
NO_UNLINK = "unlink EIO", "lstat64 EIO", "readv EIO"

SCENARIOS = [
    Scenario("scratch", "emu-scratch",
             ["-d", "parent", "sh", "-c",
              "mkdir $EMU_SCRATCH/d; : >$EMU_SCRATCH/d/f; (sleep 100 >&- 2>&- &); echo x"],
             {"parent": None}, kind="run", statuses=(125, 126, 127),
             left=("parent/emu-scratch-",)),
    Scenario("cast", "emu-cast", ["-o", "out.cast", "-t", "t"], {}, stdin=LINE,
             kind="copy", statuses=(125,), made=("out.cast",),
             left=("out.cast",), same=no_time),
    Scenario("watch", "emu-watch", ["-s", "ok 1", "-f", "panic"], {},
             stdin=LINE, kind="copy", statuses=(125,)),
    Scenario("ktap", "emu-ktap", [], {}, stdin=LINE, kind="copy",
             statuses=(125,)),
    Scenario("ktap-module", "emu-ktap", ["-J"], {}, stdin=b"  1..1\n  # Subtest: s\n"
             b"  KTAP version 1\n  1..1\n  ok 1 a\nok 4 s\n", kind="copy",
             statuses=(125,)),
    Scenario("doc", "emu-doc", ["in/demo"], {"in/demo": KERNEL}),
    Scenario("argv", "emu-argv", ["-m"], {"in/demo": KERNEL}, stdin=DOCUMENT.encode()),
    Scenario("stage", "emu-stage", ["-d", "out"],
             {"in/demo": KERNEL, "in/disk": DISK, "out": None},
             stdin=DOCUMENT.encode()),
    Scenario("unpack", "emu-unpack", ["-d", "out", "in/a.tar.gz", "a/demo", "a/disk=d"],
             {"in/a.tar.gz": archive(), "out": None}, same=no_count,
             kind="copy"),
    Scenario("stage-archive", "emu-stage", ["-d", "out", "-c", "cache", "-x",
                                            "in/a.tar.gz", "in/doc"],
             {"in/a.tar.gz": archive(), "in/doc": DOCUMENT_X, "out": None,
              "cache": None}, left=("cache",), spared=NO_CACHE),
    Scenario("env", "emu-env", ["in/doc"], {"in/doc": DOCUMENT},
             statuses=(125,)),
    Scenario("env-cmd", "emu-env", ["in/doc", "echo", "x"], {"in/doc": DOCUMENT},
             kind="run", statuses=(125, 126, 127)),
    Scenario("spawn", "emu-spawn", ["-l", "log", "-o", "record", "printf", "hello"],
             {}, kind="run", statuses=(125, 126, 127), left=("log", "record"),
             same=no_record, made=("log", "record")),
    Scenario("spawn-words", "emu-spawn", ["-i", "in/input"], {"in/input": "hi\n"},
             stdin=WORDS, kind="run", statuses=(125, 126, 127)),
    Scenario("spawn-socket", "emu-spawn", ["-S", "sock", "-p", "-o", "record", "-X",
                                           "echo hi; read -r y; :",
                                           "sh", "-c", "read x; echo got $x"], {},
             kind="run", statuses=(125, 126, 127), left=("record",),
             same=no_record, made=("record",),
             spared=NO_UNLINK),
    Scenario("stage-manifest", "emu-stage", ["-d", "out", "-i", "in/images.json"],
             {"in/demo": KERNEL, "in/disk": DISK, "in/images.json": MANIFEST,
              "out": None}, stdin=b'{"guest": "none", "target": "x64"}'),
    Scenario("fvm-file", "emu-fvm-extend", ["-f", "x.img", "-l", "64M"],
             {"x.img": FVM}, made=("x.img",)),
    Scenario("fvm", "emu-fvm-extend", ["-d", "out", "-l", "64M"],
             {"in/x.img": FVM, "out": None}, stdin=FVM_DOCUMENT,
             # At the very end, after the document got out.
             spared=("fclose EIO", "fflush EIO")),
] + [
    # A fault upstream starts no emulator, and ends the pipeline in failure.
    Scenario("pipeline-" + program, program, ["-d", "parent", "sh", "-c",
             "emu-stage -i in/images.json in/doc | emu-fvm-extend -l 64M |"
             " emu-argv | emu-spawn"],
             {"in/demo": KERNEL, "in/x.img": FVM, "parent": None,
              "in/doc": """{"guest": "none", "target": "x64", "path": "in"}""",
              "in/images.json": """[
 {"name": "demo", "type": "kernel", "path": "demo"},
 {"name": "storage-full", "type": "blk", "path": "x.img"}]""",
              "in/qemu-system-x86_64": "#!/bin/sh\n: >%s/started\necho hi\n" % work},
             kind="run", statuses=(125,), lines=4, made=("started",),
             spared=("fclose EIO", "fflush EIO", "fputs EIO"),
             command="emu-scratch")
    for program in ("emu-stage", "emu-fvm-extend", "emu-argv")
]
