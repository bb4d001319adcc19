"""flood.py BYTES FILE: plays a guest that says BYTES bytes, a tenth at a time
and each when it is told to by a byte on stdin, and at last a test's result.
Writes what it said, count and SHA-256, to FILE."""
import hashlib
import os
import random
import sys

total = int(sys.argv[1])
chance = random.Random(8)
CHUNK = 1 << 16


def line():
    kind = chance.randrange(16)
    if kind == 0: # what a serial line says when its speed is wrong
        return chance.randbytes(chance.randrange(200)).replace(b"ok", b"") + b"\n"
    if kind == 1:
        return b"\x1b[1;32mGr\xc3\xbc\xc3\x9fe \xe2\x9c\x93\x1b[0m\r\n"
    return b"[%5d.%06d] usb %d-%d: %s\r\n" % (
        chance.randrange(99999), chance.randrange(10**6), chance.randrange(9),
        chance.randrange(9), b"new device " * chance.randrange(12))


def chunk(text, number, size):
    """The text of that size, with its number in front."""
    data = b"chunk %d\r\n" % number + text
    return data[:size]


texts = [b"".join(line() for _ in range(CHUNK // 20)) for _ in range(16)]
digest = hashlib.sha256()
said = number = 0


def say(data):
    global said
    digest.update(data)
    said += len(data)
    while data:
        data = data[os.write(1, data):]


for tenth in range(1, 11):
    os.read(0, 1)
    while said < total * tenth // 10:
        say(chunk(texts[number % 16], number,
                  min(CHUNK, total * tenth // 10 - said)))
        number += 1
os.read(0, 1)
say(b"\r\nKTAP version 1\r\n1..1\r\nok 1 flood\r\n")
with open(sys.argv[2], "w") as f:
    f.write("%d %s\n" % (said, digest.hexdigest()))
