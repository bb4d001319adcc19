#!/usr/bin/env python3
"""readme.py README: runs the commands of a README as printed and compares.

An indented line "$ command" is run by sh in the current directory; the indented
lines below it are what it prints (both streams, without carriage returns and the line
that says why there is no KVM here). "..."
stands for anything within a line, and alone on a line for any lines. A command that
begins with cd holds for those that follow; one that ends in & goes on beside them, and
is ended after the last.
"""
import atexit
import re
import subprocess
import sys


def examples(path):
    command, expected = None, []
    for line in open(path, encoding="utf-8"):
        indented = line.startswith("    ")
        text = line[4:].rstrip() if indented else ""
        if command is not None and (not indented or text.startswith("$ ")):
            yield command, expected
            command = None
        if indented and text.startswith("$ "):
            command, expected = text[2:], []
        elif command is not None:
            expected.append(text)
    if command is not None:
        yield command, expected


def matches(expected, output):
    pattern = ""
    for line in expected:
        if line == "...":
            pattern += r"(?:.*\n)*"
        else:
            pattern += ".*".join(map(re.escape, line.split("..."))) + r"\n"
    return re.fullmatch(pattern, output) is not None


def main():
    ran = failed = 0
    place, beside = "", []
    for command, expected in examples(sys.argv[1]):
        if command.startswith("cd "):
            place, command = command + "\n", ":"
        if command.endswith(" &"):
            beside.append(subprocess.Popen(["sh", "-c", place + "exec " + command[:-2]],
                                           stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                           stderr=subprocess.DEVNULL))
            atexit.register(beside[-1].terminate)  # also after a failure
            ran += 1
            continue
        got = subprocess.run(["sh", "-c", place + command], stdin=subprocess.DEVNULL,
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120)
        output = got.stdout.decode(errors="replace").replace("\r", "")
        output = "".join(line.rstrip() + "\n" for line in output.splitlines()
                         if "kvm: using TCG" not in line)
        ran += 1
        if not matches(expected, output):
            failed += 1
            print("$ %s\nprinted:\n%s\nthe README says:\n%s" % (command, output, "\n".join(expected)))
    for process in beside:
        process.terminate()
        process.wait()
    print("%d commands, %d differ" % (ran, failed))
    return failed != 0 or ran == 0


sys.exit(main())
