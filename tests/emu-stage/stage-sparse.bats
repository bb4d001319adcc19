# Android sparse images, beside simg2img.
load ../images

setup() {
	room
	jq -n '{guest: "none", images: [{name: "d", type: "blk", path: "d.simg", convert: "raw"}]}' >doc.json
}

# sparse FILE WORD...: writes a sparse image. Words: major=N, headers=N:N,
# block=N, blocks=N, chunks=N in place of the right ones, and chunks in order:
# raw:BLOCKS fill:BLOCKS:HEX skip:BLOCKS crc type:N size:N (of the last chunk)
# cut:N.
sparse() {
	python3 - "$@" <<-'END'
		import random, struct, sys
		random.seed(1)
		o = dict(major=1, block=4096, blocks=None, chunks=None, headers=(28, 12))
		chunks, cut = [], None
		for word in sys.argv[2:]:
		    name, _, rest = word.partition("=") if "=" in word else word.partition(":")
		    args = rest.split(":")
		    if name == "headers": o[name] = tuple(map(int, args))
		    elif name in o: o[name] = int(rest)
		    elif name == "raw": chunks.append([0xcac1, int(args[0]), random.randbytes(int(args[0]) * o["block"]), None])
		    elif name == "fill": chunks.append([0xcac2, int(args[0]), bytes.fromhex(args[1]), None])
		    elif name == "skip": chunks.append([0xcac3, int(args[0]), b"", None])
		    elif name == "crc": chunks.append([0xcac4, 0, bytes(4), None])
		    elif name == "type": chunks[-1][0] = int(rest, 16)
		    elif name == "size": chunks[-1][3] = int(rest)
		    elif name == "cut": cut = int(rest)
		    else: raise SystemExit(word)
		h, c = o["headers"]
		blocks = sum(x[1] for x in chunks) if o["blocks"] is None else o["blocks"]
		count = len(chunks) if o["chunks"] is None else o["chunks"]
		out = struct.pack("<IHHHHIIII", 0xed26ff3a, o["major"], 0, h, c, o["block"], blocks, count, 0)
		out += bytes(max(0, h - 28))
		for kind, n, data, size in chunks:
		    out += struct.pack("<HHII", kind, 0, n, c + len(data) if size is None else size)
		    out += bytes(max(0, c - 12)) + data
		open(sys.argv[1], "wb").write(out[:cut])
	END
}

# both: d.simg becomes what simg2img makes of it, from a file and from a pipe.
both() {
	simg2img d.simg want
	emu-stage doc.json >new.json
	cmp want out/blk_d
	[ "$(jq -c '.images[0] | [.size, .staged]' new.json)" = "[$(stat -c %s want),true]" ]
	rm out/blk_d
	rm -f pipe
	mkfifo pipe
	cat d.simg >pipe 3>&- &
	jq '.images[0].path = "pipe"' doc.json | emu-stage >new.json
	wait $!
	cmp want out/blk_d
	rm -f out/blk_d want
}

@test "stage unsparses as simg2img does" {
	need simg2img img2simg
	sparse d.simg raw:1
	both
	sparse d.simg raw:3 skip:5 fill:2:01020304 fill:7:00000000 raw:1 crc skip:1
	both
	sparse d.simg headers=32:16 raw:300 fill:600:ffffffff skip:1
	both
	sparse d.simg block=1024 raw:1 raw:2 skip:3 raw:1
	both
	sparse d.simg
	emu-stage doc.json >new.json
	[ "$(stat -c %s out/blk_d)" = 0 ]
	rm out/blk_d
	{ head -c 3000000 /dev/urandom; head -c 40000000 /dev/zero; yes | head -c 5000000; } >raw
	truncate -s 48001024 raw
	img2simg raw d.simg 4096 || img2simg raw d.simg
	both
}

@test "stage makes holes of what a sparse image leaves out" {
	sparse d.simg raw:16 skip:100000 fill:100000:00000000 raw:16
	emu-stage -v doc.json >new.json 2>err
	[ "$(stat -c %s out/blk_d)" = $((200032 * 4096)) ]
	[ "$(du -k out/blk_d | cut -f 1)" -lt 1000 ]
	[ "$(cat err)" = 'emu-stage: blk_d: unsparsed, 819331072 bytes, 131072 written, 819200000 in holes' ]
}

@test "stage refuses a sparse image that is not valid" {
	hostile() { # MESSAGE WORD...
		local what=$1
		shift
		sparse d.simg "$@"
		expect_error 1 "emu-stage: d.simg: $what" emu-stage doc.json
		[ -z "$(ls -A out)" ]
		rm -f pipe
		mkfifo pipe
		timeout 20 cat d.simg >pipe 2>/dev/null 3>&- &
		expect_error 1 "emu-stage: pipe: $what" \
			emu-stage <<<"$(jq '.images[0].path = "pipe"' doc.json)"
		wait $! || :
		[ -z "$(ls -A out)" ]
	}
	local bad='not a valid Android sparse image:'
	hostile "$bad its version is not 1" major=2 raw:1
	hostile "$bad its headers are too short" headers=27:12 raw:1
	hostile "$bad its headers are too short" headers=28:11 raw:1
	hostile "$bad its block size" block=0 skip:1
	hostile "$bad its block size" block=4095 raw:1
	hostile "$bad its block size" block=4294967292 skip:1
	hostile "$bad longer than its header says" blocks=3 raw:2 skip:2
	hostile "$bad longer than its header says" blocks=0 fill:4294967295:01010101
	hostile "$bad shorter than its header says" blocks=5 raw:2 skip:2
	hostile "$bad shorter than its header says" chunks=1 raw:2 skip:2
	hostile 'ends early' chunks=3 raw:2 skip:2
	hostile 'ends early' raw:2 cut:5000
	hostile 'ends early' raw:2 cut:20
	hostile 'ends early' fill:2:01010101 cut:42
	hostile "$bad a chunk of an unknown type" raw:1 type:cac5
	hostile "$bad a chunk of an unknown type" raw:1 type:0
	hostile "$bad a chunk of the wrong size" raw:1 size:4107
	hostile "$bad a chunk of the wrong size" raw:1 size:4294967295
	hostile "$bad a chunk of the wrong size" skip:1 size:13
	hostile "$bad a chunk of the wrong size" fill:1:01010101 size:12
	hostile "$bad a checksum with blocks" skip:1 fill:1:01010101 type:cac4
	sparse d.simg skip:4294967295
	expect_error 1 'emu-stage: d.simg: 17592186040320 bytes, more than -M allows' emu-stage -M 1G doc.json
	[ -z "$(ls -A out)" ]
}

@test "stage checks size and sha256 of what it unsparses" {
	sparse d.simg raw:2 skip:3
	emu-stage doc.json >new.json
	sum=$(sha256sum <out/blk_d)
	rm out/blk_d
	jq --arg s "${sum:0:64}" '.images[0] += {sha256: $s, size: 20480}' doc.json >right.json
	emu-stage right.json >new.json
	rm out/blk_d
	jq '.images[0].sha256 |= .[1:] + .[:1]' right.json >wrong.json
	expect_error 1 "emu-stage: d.simg: has sha256 ${sum:0:64}, not ${sum:1:63}${sum:0:1}" emu-stage wrong.json
	jq '.images[0].size = 20481' right.json >wrong.json
	expect_error 1 'emu-stage: d.simg: has 20480 bytes, not the 20481 of its size' emu-stage wrong.json
	[ -z "$(ls -A out)" ]
}

@test "stage converts nothing else out of a FIFO" {
	mkfifo pipe
	echo something else >pipe 3>&- &
	expect_error 1 'emu-stage: pipe: only an Android sparse image can be converted out of a FIFO, and this is none' \
		emu-stage <<<"$(jq '.images[0].path = "pipe"' doc.json)"
	wait $!
	[ -z "$(ls -A out)" ]
}

@test "stage -v tells no holes of a conversion that has none" {
	need qemu-img
	head -c 1000 /dev/urandom >d.simg
	run -0 --separate-stderr emu-stage -v doc.json
	[[ "$stderr" =~ ^emu-stage:\ blk_d:\ converted,\ [0-9]+\ bytes,\ [0-9]+\ written,\ 0\ in\ holes$ ]]
}
