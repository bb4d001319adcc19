# What walk.py lets fail: one plain run of each command.
import bz2
import gzip
import io
import lzma
import re
import struct
import tarfile

# An empty ZBI: its container's header alone.
ZBI = struct.pack("<8I", 0x544F4F42, 0, 0x868CF7E6, 0x10000, 0, 0, 0xB5781729,
                  0x4A87E8D6)

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
    if path == "outcome":
        data = re.sub(rb'("time"|"seconds"): *[0-9.]+', b"", data)
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
    subprocess.run([build + "/tests/emu-fvm-extend/image", "make", path, "32768",
                    "aab.DbD..a.b...."], check=True)
    with open(path, "rb") as f:
        return f.read()


def no_count(path, data):
    return re.sub(rb'"written":\d+', b"", data)


def qcow2(*words):
    subprocess.run(["qemu-img", "create", "-q", "-f", "qcow2", *words, top + "/q", "1M"],
                   check=True)
    with open(top + "/q", "rb") as f:
        return f.read()


FVM = fvm()
FVM_DOCUMENT = b"""{"images": [{"type": "blk", "name": "storage-full",
 "path": "in/x.img"}]}"""
MANIFEST = """[{"name": "demo", "type": "kernel", "path": "demo"},
 {"name": "disk", "type": "blk", "path": "disk"}]"""
WORDS = b"sh\0-c\0read x; echo got $x\0"

DOCUMENT_X = """{"guest": "none", "images": [
 {"name": "demo", "type": "x", "path": "a/demo"},
 {"name": "disk", "type": "x", "path": "a/disk"}]}"""
RECORD = '{"cause": "exit", "status": 0}'
PANIC = b"[    1.000000] Kernel panic - not syncing: a test\r\n"
RESULTS = b"""KTAP version 1
1..2
    KTAP version 1
    # Subtest: outer
    1..2
    ok 1 inner
[    0.1] noise \xff
    # a note
    not ok 2 other # why
not ok 1 outer
ok 2 last # SKIP no
"""
MACHINE = """{"guest": "linux", "target": "x64", "memory": 64, "cpu": 2,
 "user_networking": true, "images": [
 {"name": "demo", "type": "kernel", "path": "in/demo"}], "args": ["a b", "c"]}"""
PACKERS = {"gz": gzip.compress, "xz": lzma.compress, "bz2": bz2.compress,
           "zst": lambda data: subprocess.run(
               ["zstd", "-qc"], input=data, capture_output=True, check=True).stdout}
PACKED = """{"guest": "none", "minfs": {"image": "in/minfs"}, "images": [
 {"name": "demo", "type": "kernel", "path": "in/demo"},
 {"name": "member", "type": "x", "path": "in/a.tar.gz", "extract": "a/disk"}%s]}""" % (
    "".join(""",
 {"name": "%s", "type": "x", "path": "in/disk.%s", "decompress": true}""" % (k, k)
            for k in PACKERS))
QMP = """exec 2>/dev/null; trap "" PIPE; printf '{"QMP":{}}\\n{"event":"SHUTDOWN","data":{"reason":"guest-shutdown"}}\\n' >&3
echo hello; read -r <&3"""
# It plays a QEMU that saves its state.
SAVED = """exec 2>/dev/null; trap "" PIPE
say() { printf '%s\\n' "$@" >&3; }
say '{"QMP":{"version":{"qemu":{"major":7,"minor":2,"micro":0}}}}'
echo hello; echo written >"$1"
while read -r l <&3; do
case $l in
*quit*) exit 0 ;;
*query-status*) say '{"return":{"status":"running"}}' ;;
*migrate\\"*) say '{"return":{},"id":"emu"}' '{"event":"MIGRATION","data":{"status":"completed"}}' ;;
*id*) say '{"return":{},"id":"emu"}' ;;
esac
done"""
# The header of a bzImage as far as emu-init reads it.
BZIMAGE = bytes(514) + b"HdrS" + bytes(8) + struct.pack("<H", 0x400) + bytes(1008) + \
    b"6.1.0-test (a@b)" + bytes(100)
MODULE = b"\x7fELF\0license=GPL\0depends=%s\0name=x\0"
MODULES = {"in/root/lib/modules/6.1.0-test/" + name: data for name, data in (
    ("modules.order", "a/9pnet_virtio.ko\na/9p.ko\na/9pnet.ko\n"),
    ("modules.builtin", "a/overlay.ko\n"), ("a/9pnet.ko", MODULE % b""),
    ("a/9p.ko.xz", lzma.compress(MODULE % b"9pnet")),
    ("a/9pnet_virtio.ko", MODULE % b"9pnet"))}
BUNDLE = """{"version": "2", "product_name": "x.x64", "virtual_devices_path": "devices.json",
 "partitions": {"bootloader_partitions": []}, "repositories": [], "system_b": null,
 "system_a": [{"type": "zbi", "name": "zircon-a", "path": "zbi", "signed": false},
  {"type": "kernel", "name": "qemu-kernel", "path": "kernel"}]}"""
DEVICE = """{"schema_id": "x", "data": {"name": "big", "type": "virtual_device",
 "ports": {"ssh": 22}, "hardware": {"cpu": {"arch": "x64", "count": 4},
  "memory": {"quantity": 8, "units": "gigabytes"},
  "storage": {"quantity": 20, "units": "gigabytes"}, "vsock": {"enabled": true, "cid": 7},
  "window_size": {"width": 1, "height": 1, "units": "pixels"},
  "inputs": {"pointing_device": "touch"}}}}"""
CLIENT = """emu-spawn -l log -S sock -o record sh -c 'read x; echo got $x' </dev/null &
while kill -0 $! 2>/dev/null && ! [ -S sock ]; do sleep 0.01; done
[ ! -S sock ] || timeout 20 socat -t 20 - UNIX:sock <<E >heard 2>/dev/null
hello
E
wait $!"""
# What may leave more than the input when it fails.
AFTER = "emu-scratch", "emu-spawn"
# A run's directory, when its removal is what fails; that is told.
RUN = "emu-spawn-"

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
              "cache": None}, left=("cache",), loose=("cache",)),
    Scenario("env", "emu-env", ["in/doc"], {"in/doc": DOCUMENT},
             statuses=(125,)),
    Scenario("env-cmd", "emu-env", ["in/doc", "echo", "x"], {"in/doc": DOCUMENT},
             kind="run", statuses=(125, 126, 127)),
    Scenario("spawn", "emu-spawn", ["-l", "log", "-o", "record", "printf", "hello"],
             {}, kind="run", statuses=(125, 126, 127), left=("log", "record", RUN),
             same=no_record, made=("log", "record")),
    Scenario("spawn-words", "emu-spawn", ["-i", "in/input"], {"in/input": "hi\n"},
             stdin=WORDS, kind="run", statuses=(125, 126, 127), left=(RUN,)),
    Scenario("spawn-socket", "emu-spawn", ["-S", "sock", "-p", "-o", "record", "-X",
                                           "echo hi; read -r y; :",
                                           "sh", "-c", "read x; echo got $x"], {},
             kind="run", statuses=(125, 126, 127), left=("record", RUN),
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
    Scenario("cast-record", "emu-cast", ["-r", "in/record", "-o", "out.cast"],
             {"in/record": RECORD}, stdin=LINE, kind="copy", statuses=(125,),
             left=("out.cast",), same=no_time),
    Scenario("watch-outcome", "emu-watch", ["-f", "@linux", "-r", "in/record", "-o",
                                            "outcome"],
             {"in/record": RECORD}, stdin=LINE + PANIC, kind="copy",
             statuses=(125,), ends=1, lines=3, left=("outcome",), same=no_time),
    Scenario("ktap-noise", "emu-ktap", ["-r", "in/record"], {"in/record": RECORD},
             stdin=RESULTS, kind="run", statuses=(125,), ends=1),
    Scenario("ktap-junit", "emu-ktap", ["-J"], {}, stdin=RESULTS, kind="copy",
             statuses=(125,), ends=1),
    Scenario("argv-explain", "emu-argv", ["-e", "in/doc"], {"in/doc": DOCUMENT}),
    Scenario("argv-json", "emu-argv", ["-j", "in/doc"],
             {"in/doc": MACHINE, "in/demo": KERNEL}),
    Scenario("argv-shell", "emu-argv", ["-s", "in/doc"],
             {"in/doc": MACHINE, "in/demo": KERNEL}),
    Scenario("doc-disk", "emu-doc", ["-m", "64", "-a", "x", "in/demo", "in/disk",
                                     "in/qcow2"],
             {"in/demo": KERNEL, "in/disk": bytes(510) + b"\x55\xaa" + bytes(1 << 20),
              "in/qcow2": qcow2()}),
    Scenario("doc-backing", "emu-doc", ["-A", "x64", "in/overlay", "in/disk"],
             {"in/overlay": qcow2("-u", "-b", "disk", "-F", "raw"), "in/disk": DISK}, lines=2),
    Scenario("doc-small", "emu-doc", ["in/disk"],
             {"in/disk": b"\xeb\xfe" + bytes(508) + b"\x55\xaa" + bytes(5120)}),
    Scenario("doc-device", "emu-doc", ["in/product_bundle.json"],
             {"in/product_bundle.json": BUNDLE, "in/devices.json":
              '{"recommended": "big", "device_paths": {"big": "big.json"}}',
              "in/big.json": DEVICE, "in/kernel": KERNEL, "in/zbi": ZBI}),
    Scenario("init", "emu-init", ["-d", "out", "-B", "in", "-R", "in/root", "--", "true"],
             {"in/bzImage": BZIMAGE, "out": None, **MODULES},
             stdin=b"""{"guest": "linux", "target": "x64", "images": [
 {"name": "guest", "type": "kernel", "path": "in/bzImage"}]}"""),
    Scenario("stage-packed", "emu-stage", ["-L", "-v", "-d", "out", "in/doc"],
             {"in/doc": PACKED, "in/demo": KERNEL, "in/minfs": DISK,
              "in/a.tar.gz": archive(), "out": None,
              **{"in/disk." + k: pack(DISK) for k, pack in PACKERS.items()}},
             made=("in/minfs",), lines=12),
    Scenario("stage-cached", "emu-stage",
             ["-c", "emu-stage -d out -c cache in/doc >doc && rm out/* && "
              "exec emu-stage -d out -c cache in/doc"],
             {"in/doc": PACKED.replace('"in/minfs"', '"in/demo"'), "in/demo": KERNEL,
              "in/a.tar.gz": archive(), "out": None, "cache": None,
              **{"in/disk." + k: pack(DISK) for k, pack in PACKERS.items()}},
             left=("cache", "doc"), loose=("cache",), lines=5,
             command="sh"),
    Scenario("stage-overlay", "emu-stage", ["-o", "-d", "out"],
             {"in/demo": KERNEL, "in/disk": DISK, "out": None},
             stdin=DOCUMENT.encode()),
    Scenario("stage-backing", "emu-stage", ["-d", "out"],
             {"in/overlay": qcow2("-u", "-b", "disk", "-F", "raw"), "in/disk": DISK, "out": None},
             stdin=b"""{"guest": "none", "images": [
 {"name": "d", "type": "blk", "path": "in/overlay", "format": "qcow2", "backing": "in/disk"},
 {"name": "u", "type": "blk", "path": "in/overlay", "format": "qcow2", "backing": "in/disk",
  "staged": true}]}"""),
    Scenario("stage-stream", "emu-stage", ["-d", "out", "-x", "-", "in/doc"],
             {"in/doc": DOCUMENT_X, "out": None}, stdin=archive()),
    Scenario("stage-zbi", "emu-stage", ["-d", "out"],
             {"in/k": KERNEL, "in/z": ZBI, "in/keys": b"ssh-ed25519 AAAA me\n",
              "out": None},
             stdin=b'{"authorized_keys": "in/keys", "cmdline": "a=b", "images": ['
                   b'{"name": "qemu-kernel", "type": "kernel", "path": "in/k"},'
                   b'{"name": "zircon-a", "type": "zbi", "path": "in/z"}]}'),
    Scenario("stage-list", "emu-stage", ["-I", "in/z"], {"in/z": ZBI}),
    Scenario("unpack-file", "emu-unpack", ["-z", "-d", "out", "in/disk.gz", "d"],
             {"in/disk.gz": gzip.compress(DISK), "out": None}, same=no_count,
             kind="copy"),
    Scenario("fvm-show", "emu-fvm-extend", ["-f", "x.img", "-I"], {"x.img": FVM},
             # It shows what can be read, and why not more.
             kind="run", spared=("pread64 EIO",)),
    Scenario("fvm-plan", "emu-fvm-extend", ["-f", "x.img", "-n", "-j", "-l", "64M"],
             {"x.img": FVM}),
    Scenario("fvm-tool", "emu-fvm-extend", ["-d", "out", "-l", "64M"],
             {"in/x.img": FVM, "in/tool": "#!/bin/sh\ntruncate -s 64M $1\n",
              "out": None},
             stdin=FVM_DOCUMENT.replace(b"{", b'{"fvm_tool": "in/tool",', 1),
             lines=2, spared=("fclose EIO", "fflush EIO")),
    Scenario("spawn-qmp", "emu-spawn", ["-m", "-o", "record", "bash", "-c", QMP], {},
             kind="run", statuses=(125, 126, 127), left=("record", RUN),
             same=no_record, made=("record",), spared=("sendmsg EPIPE",)),
    # A whole state stays when the record fails.
    Scenario("spawn-state", "emu-spawn",
             ["-c", "cp disk scratch; exec emu-spawn -m -o record -W hello -Z state -- "
              "bash saved scratch/disk"],
             {"disk": "as it was\n", "saved": SAVED, "scratch": None},
             env={"EMU_SCRATCH": work + "/scratch"}, command="sh",
             kind="run", statuses=(125, 126, 127), left=("record", RUN, "scratch/disk", "state/"), same=no_record,
             made=("record", "state/"), loose=("scratch/disk",), lines=2,
             spared=("sendmsg EPIPE",)),
    Scenario("spawn-limit", "emu-spawn", ["-n", "-t", "0.05", "-o", "record", "sleep",
                                          "100"],
             {}, kind="run", statuses=(125, 126, 127), ends=124,
             left=("record", RUN), loose=(RUN,), same=no_record, made=("record",),
             lines=2),
    Scenario("spawn-client", "emu-spawn", ["-c", CLIENT], {}, kind="run",
             statuses=(125, 126, 127), left=("log", "record", "heard", RUN), loose=("heard",),
             made=("log", "record", "heard"), same=no_record, command="sh",
             spared=NO_UNLINK + ("recv ECONNRESET",)),
] + [
    # A fault anywhere in emu-run ends it in failure, before the emulator runs or
    # with what the emulator said.
    Scenario("run-" + program[4:], program, words,
             {"in/demo": KERNEL, "in/x.img": FVM,
              "in/doc": """{"guest": "none", "target": "x64"}""",
              "in/images.json": """[
 {"name": "demo", "type": "kernel", "path": "demo"},
 {"name": "storage-full", "type": "blk", "path": "x.img"}]""",
              "in/qemu-system-x86_64": "#!/bin/sh\n"
              "# emu-argv asks it what it has; a machine has a kernel.\n"
              "case $* in *-kernel*) : >%s/started ;; *) exit ;; esac\n"
              "exec 2>/dev/null; trap '' PIPE\n"
              "printf '%%s\\n' '{\"QMP\":{}}' '{\"event\":\"RESUME\"}' >&3\necho hi\n" % work},
             kind="run", statuses=(125, 126, 127), lines=4, made=("started", "record", "log"),
             left=("record", "log", "started", "emu-scratch-", RUN) if program in AFTER else (),
             same=no_record, command="emu-run",
             env={"PATH": build + ":" + work + "/in:" + os.environ["PATH"],
                  "LSAN_OPTIONS": "print_suppressions=0:suppressions="
                  + root + "/tests/tools/faults/leaks"})
    for program, words in (
        ("emu-scratch", ["-k", "no", "in/demo"]),
        ("emu-doc", ["-k", "no", "in/demo"]),
        ("emu-stage", ["-k", "no", "in/doc", "in/images.json"]),
        ("emu-fvm-extend", ["-k", "no", "in/doc", "in/images.json"]),
        ("emu-argv", ["-k", "no", "in/demo"]),
        ("emu-spawn", ["-k", "no", "-l", "log", "-o", "record", "-w", "cat", "in/demo"]))
]
