#!/usr/bin/env python3
"""zbi.py FILE [TYPE=TEXT ...] [at:OFFSET=NUMBER ...]: a Zircon Boot Image of
these items, each of a type of four letters, with a checksum where a + follows it; then 32-bit words are changed.
zbi.py - FILE: what one holds, a line an item: its type, flags, checksum and
payload. It shares no code with the commands."""
import struct
import sys
import zlib

CONTAINER, VERSION, ITEM, NO_CRC = 0x868CF7E6, 0x10000, 0xB5781729, 0x4A87E8D6


def item(kind, payload, extra=0):
    fields = [kind[:4], len(payload), extra, VERSION, 0, 0, ITEM, NO_CRC]
    if kind.endswith(b"+"):
        fields[3:] = [VERSION | 0x20000, 0, 0, ITEM, 0]
        fields[7] = zlib.crc32(payload, zlib.crc32(struct.pack("<4s7I", *fields)))
    head = struct.pack("<4s7I", *fields)
    return head + payload + bytes(-len(payload) % 8)


def show(data):
    kind, length, extra = struct.unpack_from("<4sII", data)
    assert (kind, extra) == (b"BOOT", CONTAINER) and 32 + length == len(data)
    at = 32
    while at < len(data):
        kind, length, _, flags, a, b, magic, crc = struct.unpack_from("<4s7I", data, at)
        assert magic == ITEM and (a, b) == (0, 0)
        end = at + 32 + length
        pad = data[end : end + -length % 8]
        assert len(pad) == -length % 8 and not any(pad)
        print(kind.decode(), hex(flags), hex(crc), data[at + 32 : end])
        at = end + len(pad)


def main():
    if sys.argv[1] == "-":
        with open(sys.argv[2], "rb") as f:
            show(f.read())
        return
    body, words = b"", []
    for word in sys.argv[2:]:
        name, _, value = word.partition("=")
        if name.startswith("at:"):
            words.append((int(name[3:]), int(value, 0)))
        else:
            body += item(name.encode(), value.encode())
    data = bytearray(item(b"BOOT", body, CONTAINER))
    for at, value in words:
        struct.pack_into("<I", data, at, value)
    with open(sys.argv[1], "wb") as f:
        f.write(data)


main()
