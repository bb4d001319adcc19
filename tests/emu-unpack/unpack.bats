load ../images

setup() {
	room
	two_files a b
	: >in/empty
}

# packed: archives of in/ in every format that a tool here can make.
packed() {
	need bsdtar zstd xz lz4 bzip2 7zr zip genisoimage
	(
		cd in || return 1
		tar -cf ../t.tar a b empty
		tar --format=pax -cf ../pax.tar a b empty
		tar --format=v7 -cf ../v7.tar a b empty
		tar -Scf ../sparse.tar a b empty
		tar --format=pax -Scf ../paxsparse.tar a b empty
		printf '%s\n' a b empty | cpio -o --quiet -H newc >../t.newc.cpio
		printf '%s\n' a b empty | cpio -o --quiet -H odc >../t.odc.cpio
		zip -q ../t.zip a b empty
		zip -q -0 ../stored.zip a b empty
		zip -q - a b empty >../streamed.zip
		7zr a -bd ../t.7z a b empty >/dev/null
		genisoimage -quiet -R -o ../rock.iso .
		genisoimage -quiet -J -o ../joliet.iso . 2>/dev/null
		ar rc ../t.ar a b empty
		# libarchive may be built without.
		bsdtar -cf ../t.xar --format=xar a b empty 2>/dev/null || rm -f ../t.xar
	)
	gzip -c t.newc.cpio >cpio.gz
	# An rpm package: its lead, two headers without entries, and a packed cpio.
	{
		printf '\355\253\356\333\3'
		head -c 91 /dev/zero
		printf '\216\255\350\1\0\0\0\0\0\0\0\0\0\0\0\0%.0s' 1 2
		cat cpio.gz
	} >t.rpm
	zstd -q t.tar
	gzip -k t.tar
	xz -k -T2 --block-size=100000 t.tar
	lz4 -q t.tar t.tar.lz4
	bzip2 -k t.tar
	lzma -k t.tar
	compress -k t.tar 2>/dev/null || :
}

@test "unpack takes members out of every format" {
	packed
	local f
	for f in t.* pax.tar v7.tar sparse.tar paxsparse.tar stored.zip streamed.zip *.iso; do
		echo "$f"
		emu-unpack "$f" a b=c empty >lines
		cmp in/a out/a
		cmp in/b out/c
		cmp in/empty out/empty
		[ "$(wc -l <lines)" -eq 3 ]
		[ "$(jq -c '[.member,.name,.size]' lines)" = '["a","a",300000]
["b","c",2005004]
["empty","empty",0]' ]
		left a c empty
		rm out/*
	done
}

@test "unpack streams an archive from a pipe, in any order" {
	packed
	local f
	for f in t.tar* *.cpio pax.tar sparse.tar t.zip streamed.zip t.ar t.rpm *.iso; do
		echo "$f"
		cat "$f" | emu-unpack - empty b a >/dev/null
		cmp in/a out/a
		cmp in/b out/b
		cmp in/empty out/empty
		rm out/*
	done
	expect_error 1 'emu-unpack: <stdin>: this format cannot be streamed, it must be a file' \
		sh -c 'cat t.7z | emu-unpack - a'
	left
}

@test "unpack makes holes, and says how much it wrote" {
	tar -cf t.tar -C in b
	emu-unpack t.tar b >lines
	[ "$(jq .written lines)" -lt 200000 ]
	[ "$(stat -c %b out/b)" -lt 1000 ]
}

@test "unpack follows links inside the archive" {
	(
		cd in
		mkdir v2
		mv a v2/a
		ln -s v2 cur
		ln -s ../b v2/s
		ln b hard
		ln -s cur/../cur/a way
	)
	tar -cf t.tar -C in cur v2 b hard way
	tar -cf r.tar -C in way hard b v2 cur
	local f
	for f in t.tar r.tar; do
		emu-unpack "$f" cur/a=1 v2/s=2 hard=3 way=4 b=5 >lines
		cmp in/v2/a out/1
		cmp in/b out/2
		cmp in/b out/3
		cmp in/v2/a out/4
		cmp in/b out/5
		[ "$(stat -c %h out/* | sort -u)" = 1 ]
		[ "$(wc -l <lines)" -eq 5 ]
		rm out/*
		cat "$f" | emu-unpack - cur/a=1 v2/s=2 hard=3 way=4 b=5 >lines
		cmp in/v2/a out/1
		cmp in/b out/2
		cmp in/b out/3
		cmp in/v2/a out/4
		cmp in/b out/5
		rm out/*
	done
}

@test "unpack says which link leads nowhere" {
	ln -s ../../etc/passwd in/out
	ln -s /etc/passwd in/abs
	ln -s gone in/dangling
	ln -s loop in/loop
	tar -cf t.tar -C in out abs dangling loop
	expect_error 1 'emu-unpack: t.tar: out: is a link that leads out of the archive' emu-unpack t.tar out
	expect_error 1 'emu-unpack: t.tar: abs: is a link that leads out of the archive' emu-unpack t.tar abs
	expect_error 1 'emu-unpack: t.tar: dangling: leads to gone, which is not in the archive' emu-unpack t.tar dangling
	expect_error 1 'emu-unpack: t.tar: loop: too many links' emu-unpack t.tar loop
	expect_error 1 'emu-unpack: t.tar: ../x: leads out of the archive' emu-unpack t.tar ../x
	left
}

@test "unpack decompresses one file, and only what is compressed" {
	need zstd xz lz4 bzip2
	local f
	zstd -q in/b -o b.zst
	gzip -c in/b >b.gz
	xz -c in/b >b.xz
	lz4 -q in/b b.lz4
	bzip2 -c in/b >b.bz2
	{ gzip -c in/a; gzip -c in/b; } >two.gz
	{ zstd -qc in/a; zstd -qc in/b; } >two.zst
	{ xz -c in/a; xz -c in/b; } >two.xz
	cat in/a in/b >two
	for f in b.*; do
		echo "$f"
		[ "$(emu-unpack -z "$f" x | jq -c '[.member,.name,.size]')" = '["-","x",2005004]' ]
		cmp in/b out/x
		rm out/x
		cat "$f" | emu-unpack -z - x >/dev/null
		cmp in/b out/x
		rm out/x
	done
	for f in two.*; do
		emu-unpack -z "$f" x >/dev/null
		cmp two out/x
		rm out/x
	done
	expect_error 1 'emu-unpack: in/a: not compressed in a way known here' emu-unpack -z in/a x
	expect_error 1 'emu-unpack: in/empty: empty' emu-unpack -z in/empty x
	left
}

@test "unpack -m prints the manifest first, and then reads what is wanted" {
	echo '[{"name":"x"}]' >in/images.json
	local order
	for order in 'images.json a b' 'a b images.json' 'a images.json b'; do
		# shellcheck disable=SC2086 # a list
		tar -cf t.tar -C in $order
		zstd -qf t.tar
		for f in t.tar t.tar.zst; do
			printf 'a\0one\0b\0two\0' >words
			emu-unpack -mw "$f" 3<words >lines
			[ "$(head -n 1 lines | jq -c .)" = '{"manifest":"images.json","text":"[{\"name\":\"x\"}]\n"}' ]
			cmp in/a out/one
			cmp in/b out/two
			left one two
			rm out/*
			cat "$f" | emu-unpack -mw - 3<words >lines
			cmp in/a out/one
			cmp in/b out/two
			left one two
			rm out/*
		done
	done
	tar -cf t.tar -C in a
	printf 'a\0a\0' | emu-unpack -mw t.tar 3<&0 >lines
	[ "$(head -n 1 lines)" = '{"manifest":null}' ]
	left a
}

@test "unpack says what is wrong with an archive or a member" {
	mkdir in/dir
	tar -cf t.tar -C in a b dir
	tar -rf t.tar -C in a
	expect_error 1 'emu-unpack: gone.tar: No such file or directory' emu-unpack gone.tar a
	expect_error 1 'emu-unpack: in/a: Unrecognized archive format' emu-unpack in/a a
	expect_error 1 'emu-unpack: t.tar: gone: not in the archive' emu-unpack t.tar b gone
	expect_error 1 'emu-unpack: t.tar: a: is there twice' emu-unpack t.tar a
	expect_error 1 'emu-unpack: t.tar: dir: not a file' emu-unpack t.tar dir
	expect_error 1 'emu-unpack: t.tar: b: larger than 1000 bytes' emu-unpack -M 1000 t.tar b
	expect_error 1 'emu-unpack: "..": not a file name' emu-unpack t.tar b=..
	expect_error 1 'emu-unpack: "x/y": not a file name' emu-unpack t.tar b=x/y
	expect_error 1 'emu-unpack: x: requested twice' emu-unpack t.tar b=x a=x
	left
	echo old >out/b
	expect_error 1 "emu-unpack: $PWD/out/b: File exists" emu-unpack t.tar b
	[ "$(cat out/b)" = old ]
}

@test "unpack knows an encrypted member" {
	need zip
	(cd in && zip -q -P secret ../t.zip a)
	run --separate-stderr emu-unpack t.zip a
	[ "$status" -eq 1 ]
	[ "$stderr" = 'emu-unpack: t.zip: a: is encrypted' ]
	left
}

@test "unpack knows a full disk before it writes, and cleans up when it cannot" {
	[ "$(id -u)" -eq 0 ] || skip "not root"
	mkdir small
	mount -t tmpfs -o size=1m,mode=700 tmpfs small || skip "no mount"
	head -c 3000000 /dev/urandom >in/big
	tar -cf t.tar -C in a big
	gzip -c in/big >big.gz
	run --separate-stderr emu-unpack -d small t.tar a big
	known=$stderr
	run --separate-stderr emu-unpack -d small -z big.gz big
	ls -A small >listing
	umount small
	[ "$known" = 'emu-unpack: t.tar: big: No space left on device: it needs 3 MiB, 0 are free' ]
	[ "$status" -eq 1 ]
	[ "$stderr" = 'emu-unpack: big.gz: No space left on device' ]
	[ ! -s listing ]
}

@test "unpack refuses a wrong command line with status 2" {
	usage='usage: emu-unpack [-mw] [-d dir] [-M size] [-n name] archive|-
                  [member[=name] ...]
       emu-unpack -z [-d dir] [-M size] [-n name] file|- name'
	wrong() {
		expect_error 2 "emu-unpack: $1
$usage" emu-unpack "${@:2}"
	}
	wrong 'no archive'
	wrong 'no member' t.tar
	wrong '-z makes one file' -z t.tar
	wrong '-m and -w are for archives' -zm t.tar x
	wrong '-M: not a size: x' -M x t.tar x
	wrong '-M: an argument is missing' -M
	wrong '-q: unknown option' -q
	wrong '-Z: unknown option; did you mean -z (decompress the one file)?' -Z
	run -0 emu-unpack -V
	[ "$output" = 'emu-unpack 0.1' ]
	run -0 emu-unpack --version
	[ "$output" = 'emu-unpack 0.1' ]
	run -0 emu-unpack --help
	[ "${lines[0]}" = "${usage%%$'\n'*}" ]
}

@test "unpack leaves nothing when its output cannot be written" {
	tar -cf t.tar -C in a
	run --separate-stderr sh -c 'emu-unpack t.tar a >/dev/full'
	[ "$status" -eq 1 ]
	[ "$stderr" = 'emu-unpack: <stdout>: No space left on device' ]
	left
}

@test "unpack runs in a sandbox" {
	tar -cf t.tar -C in a
	mkfifo pipe
	emu-unpack - a <pipe 3>&- >/dev/null &
	pid=$!
	exec 4>pipe
	wait_until grep -q 'Seccomp:.*2' /proc/$pid/status || {
		# Under a sanitizer there is no filter, nor for other processors.
		grep -q asan /proc/$pid/maps || readelf -h "$(command -v emu-unpack)" |
			grep -Ev 'X86-64|AArch64|RISC-V' | grep -q Machine:
	}
	grep -q 'NoNewPrivs:.*1' /proc/$pid/status
	cat t.tar >&4
	exec 4>&-
	wait $pid
	cmp in/a out/a
}

@test "unpack refuses a member from a pipe while more is being read" {
	head -c 3000000 /dev/urandom >in/m
	tar -cf m.tar -C in a m
	for _ in {1..20}; do
		cat m.tar 2>/dev/null | expect_error 1 'emu-unpack: <stdin>: a: larger than 1000 bytes' \
			emu-unpack -M 1000 -d out - a
	done
	left ''
}

# not_taken LINE ARG...: emu-unpack fails with this line and leaves nothing.
not_taken() {
	local line=$1
	shift
	expect_error 1 "emu-unpack: $line" emu-unpack "$@" && left
}

@test "unpack says what is wrong with compressed data" {
	need zstd
	python3 - <<-'END'
		import lzma, struct, zlib
		good = bytearray(lzma.compress(b"data"))
		end = 12 + 4 * good[12]
		for name, at, value in (("memory", 4, 40), ("options", 1, 4)):
		    bad = bytearray(good)
		    bad[12 + at] = value
		    bad[end:end + 4] = struct.pack("<I", zlib.crc32(bad[12:end]))
		    open(name + ".xz", "wb").write(bad)
	END
	# A sanitizer's runtime needs more memory than the limit.
	[ "${EMU_BUILD##*/}" = san ] ||
		not_taken 'memory.xz: Lzma library error: Cannot allocate memory' -z memory.xz x
	not_taken 'options.xz: Lzma library error: Invalid options' -z options.xz x
	zstd -qc in/a | head -c -4 >sum.zst
	cp sum.zst cut.zst
	echo xxx >>sum.zst
	not_taken "sum.zst: Zstd decompression failed: Restored data doesn't match checksum" -z sum.zst x
	not_taken 'cut.zst: Truncated zstd input' -z cut.zst x
	gzip -c in/empty >empty.gz
	not_taken 'empty.gz: empty' -z empty.gz x
}

@test "unpack passes over the zeros behind gzip's members" {
	{ gzip -c in/a; head -c 1000 /dev/zero; gzip -c in/b; head -c 1000 /dev/zero; } >two.gz
	# With ISA-L, if there is, and without.
	for PATH in "$PATH" "$EMU_BUILD/tests/emu-unpack:$PATH"; do
		emu-unpack -z two.gz x >/dev/null
		cat in/a in/b | cmp - out/x
		rm out/x
	done
}

@test "unpack finds gzip's members wherever their headers lie" {
	# Headers with everything in them, before and behind the end of a block.
	python3 - <<-'END'
		import gzip, struct, zlib
		first = gzip.compress(b"first", mtime=0)
		head = b"\x1f\x8b\x08\x1e\0\0\0\0\0\3" + b"\7\0seven.." + b"name\0" + b"remark\0"
		head += struct.pack("<H", zlib.crc32(head) & 0xffff)
		second = head + gzip.compress(b"second", mtime=0)[10:]
		for n in range(len(head) + 2):
		    with open("%d.gz" % n, "wb") as f:
		        f.write(first + bytes((256 << 10) - len(first) - n) + second)
	END
	local f
	# With ISA-L, if there is, and without.
	for PATH in "$PATH" "$EMU_BUILD/tests/emu-unpack:$PATH"; do
		for f in *.gz; do
			emu-unpack -z "$f" x >/dev/null
			[ "$(cat out/x)" = firstsecond ]
			rm out/x
		done
	done
}

@test "unpack takes a million members and no more" {
	seq -f '0707070000000000001207770000000000000000010000000000000000000001100000000001%08.0f@' \
		10000000 11048576 | tr @ '\0' >links.cpio
	not_taken 'links.cpio: too many members' links.cpio a
	sed 's/^07070700000000000012/07070700000000000010/' links.cpio >files.cpio
	not_taken 'files.cpio: too many members' -m files.cpio
}

@test "unpack -w says what is wrong with what is wanted" {
	tar -cf t.tar -C in a b
	printf 'a\0' >half
	printf 'a\0x\0b\0x\0' >twice
	not_taken '<fd 3>: a member without a name' -w t.tar 3<half
	not_taken 'x: requested twice' -w t.tar 3<twice
	not_taken '<fd 3>: Is a directory' -w t.tar 3<in
	not_taken '<fd 3>: Invalid argument' -w t.tar 3>>half
	run --separate-stderr emu-unpack -mw t.tar 3<half
	[ "$status" -eq 1 ]
	[ "$output" = '{"manifest":null}' ]
	[ "$stderr" = 'emu-unpack: <fd 3>: a member without a name' ]
	left
}

@test "unpack holds what it makes to the limits that it has" {
	tar -cf t.tar -C in a b
	not_taken 't.tar: b: larger than 1000 bytes' -M 1000 t.tar b
	expect_error 1 'emu-unpack: t.tar: a: File too large' \
		bash -c 'ulimit -f 100; emu-unpack t.tar a'
	left
}

# word N: as four little-endian bytes.
word() {
	local n=$1 i
	for i in 0 8 16 24; do
		printf '%b' "\\x$(printf %02x $((n >> i & 255)))"
	done
}

# zboot PACKED COMPRESSION: what Linux's Makefile.zboot makes of a compressed
# kernel: a header of 256 bytes, the kernel, and code behind it.
zboot() {
	{
		printf 'MZ\0\0zimg'
		word 256
		word "$(stat -c %s "$1")"
		printf '\0\0\0\0\0\0\0\0%s' "$2"
		head -c $((232 - ${#2})) /dev/zero
		cat "$1"
		head -c 5000 /dev/urandom
	} >zboot
}

@test "unpack -z takes the kernel out of an EFI zboot kernel" {
	need zstd xz lz4
	gzip -c in/a >p.gzip
	zstd -q -19 -o p.zstd in/a
	xz -c in/a >p.xzkern
	xz -c --format=lzma in/a >p.lzma
	lz4 -lq in/a p.lz4
	local c
	for c in gzip zstd xzkern lzma lz4; do
		zboot p.$c $c
		run --separate-stderr emu-unpack -z zboot k
		[ "$status" -eq 0 ]
		[ -z "$stderr" ]
		cmp in/a out/k
		emu-unpack -z - k2 < <(cat zboot) >/dev/null
		cmp in/a out/k2
		rm out/k out/k2
	done
	head -c 100000 zboot >cut
	not_taken 'cut: ends early' -z cut k
	zboot in/a lzo
	not_taken 'zboot: not compressed in a way known here' -z zboot k
	{ printf 'MZ\0\0zimg\377\377\377\377\377\377\377\377'; cat in/a; } >far
	not_taken 'far: ends early' -z far k
	printf 'MZ\0\0zimg' >short
	not_taken 'short: not compressed in a way known here' -z short k
}

@test "unpack takes a raw riscv64 kernel for no LZMA data" {
	need zstd
	# A jump, and where Linux says that it wants to be loaded.
	{ printf '\x6f\0\0\x10\0\0\0\0\0\0\x20\0\0\0\0\0'; cat in/a; } >Image
	gzip -k Image
	zstd -q Image
	local f
	for f in Image.gz Image.zst; do
		emu-unpack -z $f k >/dev/null
		cmp Image out/k
		rm out/k
	done
	not_taken 'Image: not compressed in a way known here' -z Image k
}

@test "unpack keeps from a stream what is wanted alone" {
	tar -cf t.tar -C in a b empty
	emu-unpack - b < <(cat t.tar) >/dev/null
	cmp in/b out/b
	left b
	rm out/b
	# A file and a link of one name: which of them counts, nobody said.
	tar -cf t.tar -C in a
	ln -sf b in/a
	tar -rf t.tar -C in a b
	not_taken '<stdin>: a: is there twice' - a < <(cat t.tar)
	not_taken 't.tar: a: is there twice' t.tar a
}

@test "unpack says that it cannot read or write" {
	tar -cf t.tar -C in a
	not_taken '<stdin>: Bad file descriptor' - a 0> >(cat)
	not_taken '<stdin>: Bad file descriptor' -z - x 0> >(cat)
	echo '[]' >in/images.json
	tar -cf m.tar -C in images.json
	head -c 514 m.tar >cut.tar
	run -1 --separate-stderr emu-unpack -m cut.tar
	[ -z "$output" ]
	# libarchive's words, of which 3.8 has more.
	[[ $stderr =~ ^'emu-unpack: cut.tar: images.json: Truncated tar archive'(' detected while reading data')?$ ]]
	for args in '-V' '-m t.tar'; do
		run --separate-stderr sh -c "emu-unpack $args >/dev/full"
		[ "$status" -eq 1 ]
		[ "$stderr" = 'emu-unpack: <stdout>: No space left on device' ]
	done
	expect_error 1 'emu-unpack: <stdout>: Bad file descriptor' sh -c 'emu-unpack t.tar a >&-'
	not_taken $'t.tar: \xff: not UTF-8' t.tar $'a=\xff'
	not_taken '"..": not a file name' -z in/a ..
	echo old >out/y
	expect_error 1 "emu-unpack: $PWD/out/y: File exists" emu-unpack t.tar a a=y
	left y
}
