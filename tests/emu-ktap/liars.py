#!/usr/bin/env python3
"""liars.py COUNT SEED: emu-ktap on made-up output with one failed or lost result
in it, in many forms, whose parents may say "ok" all the same. It must never pass,
and must pass the same output with nothing wrong in it."""
import random
import subprocess
import sys

NOISE = ["usb 1-1: new device", "", "# a note", "  indented", "---[ end trace ]---", "Some ok 3"]


def tree(r, depth):
    return [tree(r, depth - 1) if depth and r.random() < .6 else []
            for _ in range(r.randint(1, 3))]


def paths(tests, at=()):
    for i, inner in enumerate(tests):
        yield at + (i,)
        yield from paths(inner, at + (i,))


def block(form, tests, at, wrong, depth, out):
    """Appends (depth, line); wrong is the path of the bad result and what it is."""
    plan = (depth, f"1..{len(tests)}")
    if depth == 0 or form == "ktap" or form == "hash":
        out.append((depth, "KTAP version 1" if form == "ktap" else "TAP version 14"))
    if form != "late":
        out.append(plan)
    for i, inner in enumerate(tests):
        path, bad = at + (i,), wrong[0][:len(at) + 1] == at + (i,)
        lost, fails = path == wrong[0] and wrong[1] == "lost", bad and not wrong[2]
        line = (depth, ("not " if fails or path == wrong[0] else "") + f"ok {i + 1} - t{i}")
        if inner and form == "braces" and not lost:
            out.append((depth, line[1] + " {"))
        elif inner and form == "comment":
            out.append((depth + 1, f"# Subtest: t{i}"))
        if inner:
            block(form, inner, path, wrong, depth + 1, out)
        if inner and form == "braces" and not lost:
            out.append((depth, "}"))
        elif not lost:
            out.append(line)
    if form == "late":
        out.append(plan)


def text(r, tests, wrong):
    form = r.choice(["ktap", "comment", "late", "hash", "braces"])
    indent = r.choice(["\t", "  ", "    ", "        "]) if form != "hash" else "# "
    before = r.choice(["", "", " ", "[    1.000000] ", "<6>[    1.000000][    T1] "])
    lines = []
    block(form, tests, (), wrong, 0, lines)
    for depth, line in lines:
        if r.random() < .2:
            yield r.choice(["", "[    2.000000] "]) + r.choice(NOISE)
        yield before + indent * depth + line


def main():
    r, bad = random.Random(int(sys.argv[2])), 0
    for _ in range(int(sys.argv[1])):
        tests = tree(r, 3)
        place = r.choice(list(paths(tests)))
        for wrong in [(place, r.choice(["not ok", "lost"]), r.random() < .5), ((-1,), "", False)]:
            end = r.choice(["\n", "\r\n"])
            given = "".join(line + end for line in text(r, tests, wrong))
            status = subprocess.run(["emu-ktap"], input=given.encode(),
                                    capture_output=True).returncode
            if (status == 0) != (wrong[1] == ""):
                print(f"status {status}, {wrong}:\n{given}")
                bad += 1
    return bad > 0


sys.exit(main())
