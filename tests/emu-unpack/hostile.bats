load ../images

# Archives that strangers made: right, or refused in one line that names what.

setup() {
	room
	mkdir in
	head -c 5000 /dev/urandom >in/a
}

# same ARCHIVE MEMBER...: each comes out as in/a, from a file, from a pipe and
# from a pipe that is compressed.
same() {
	local f=$1 m
	shift
	for m; do
		emu-unpack "$f" "$m=x" >/dev/null
		cmp in/a out/x
		rm out/x
		cat "$f" | emu-unpack - "$m=x" >/dev/null
		cmp in/a out/x
		rm out/x
		gzip -c "$f" | emu-unpack - "$m=x" >/dev/null
		cmp in/a out/x
		rm out/x
	done
}

@test "unpack finds the bytes of a cpio's hard links under any of their names" {
	ln in/a in/b
	ln in/a in/c
	ln -s b in/s
	ln -s a in/sa
	ln -s c in/sc
	local f
	for f in newc crc odc bin; do
		(cd in && printf 'a\ns\nb\nsa\nc\nsc\n' | cpio -o --quiet -H $f >../$f.cpio)
		same $f.cpio a b c s sa sc
		emu-unpack $f.cpio a b c s sa sc >/dev/null
		for m in a b c s sa sc; do cmp in/a out/$m; done
		rm out/*
		cat $f.cpio | emu-unpack - sc c sa b s a >/dev/null
		for m in a b c s sa sc; do cmp in/a out/$m; done
		rm out/*
	done
}

@test "unpack follows a hard link to a symbolic link" {
	ln -s a in/s
	ln in/s in/t
	local f
	for f in newc crc odc bin; do
		(cd in && printf 't\na\ns\n' | cpio -o --quiet -H $f >../$f.cpio)
		same $f.cpio s t
	done
}

@test "unpack takes no link of a zip archive for a file" {
	need zip
	ln -s a in/s
	mkdir in/d
	ln -s ../s in/d/up
	ln -s d in/l
	(cd in && zip -qry ../t.zip s l d a)
	same t.zip s d/up l/up a
	cat t.zip | emu-unpack -m - a >/dev/null
	cmp in/a out/a
	rm out/a
	# What tells a link is at the end.
	head -c -30 t.zip >cut.zip
	expect_error 1 'emu-unpack: cut.zip: is cut short or damaged' emu-unpack cut.zip s
	expect_error 1 'emu-unpack: <stdin>: is cut short or damaged' emu-unpack - s < <(cat cut.zip)
}

@test "unpack keeps no member of a stream that is larger than -M allows" {
	ln -s a in/s
	ln -s gone in/dangling
	echo small >in/z
	tar -cf t.tar -C in a s dangling z
	emu-unpack -M 1000 - z < <(cat t.tar) >/dev/null
	[ "$(cat out/z)" = small ]
	rm out/z
	expect_error 1 'emu-unpack: <stdin>: a: larger than 1000 bytes' emu-unpack -M 1000 - s < <(cat t.tar)
	expect_error 1 'emu-unpack: t.tar: a: larger than 1000 bytes' emu-unpack -M 1000 t.tar s
	expect_error 1 'emu-unpack: <stdin>: dangling: leads to gone, which is not in the archive' \
		emu-unpack - dangling < <(cat t.tar)
	[ -z "$(ls -A out)" ]
}

@test "unpack leaves nothing of what it kept where there is no O_TMPFILE" {
	need zip
	echo small >in/z
	tar -cf t.tar -C in a z
	(cd in && zip -q ../t.zip a z)
	local f
	for f in t.tar t.zip; do
		cat $f | env NO_TMPFILE=1 LD_PRELOAD="$EMU_BUILD/tests/common/poor_fs.so" \
			ASAN_OPTIONS=verify_asan_link_order=0:detect_leaks=0 emu-unpack - z >/dev/null
		[ "$(ls -A out)" = z ]
		rm out/z
	done
}

@test "unpack leaves hard links empty that are" {
	: >in/e
	ln in/e in/f
	(cd in && printf 'e\nf\n' | cpio -o --quiet -H newc >../e.cpio)
	emu-unpack e.cpio e f >/dev/null
	[ -f out/e ]
	[ ! -s out/e ]
	[ -f out/f ]
	[ ! -s out/f ]
	rm out/*
	cat e.cpio | emu-unpack - f e >/dev/null
	[ -f out/f ]
	[ ! -s out/f ]
}

@test "unpack reads the archive behind an initrd's microcode" {
	need zstd xz
	mkdir -p e/kernel/x86/microcode
	echo code >e/kernel/x86/microcode/GenuineIntel.bin
	(cd e && find . | cpio -o --quiet -H newc >../early.cpio)
	(cd in && echo a | cpio -o --quiet -H newc >../main.cpio)
	zstd -q main.cpio
	gzip -k main.cpio
	xz -k main.cpio
	gzip -k early.cpio
	local m
	# With ISA-L, if there is, and without.
	for PATH in "$PATH" "$EMU_BUILD/tests/emu-unpack:$PATH"; do
		for m in main.cpio main.cpio.zst main.cpio.gz main.cpio.xz; do
			{ cat early.cpio; head -c 3000 /dev/zero; cat $m; } >initrd
			same initrd a
			emu-unpack initrd a kernel/x86/microcode/GenuineIntel.bin=u >/dev/null
			cmp e/kernel/x86/microcode/GenuineIntel.bin out/u
			rm out/*
			cat early.cpio.gz $m >initrd
			same initrd a
		done
	done
	# A small one just before the end of a block: to tell what it is, more is read.
	head -c 230000 /dev/urandom >in/large
	(cd in && echo large | cpio -o --quiet -H newc >../large.cpio)
	(cd in && printf 'a\nlarge\n' | cpio -o --quiet -H newc >../main.cpio)
	cat large.cpio early.cpio main.cpio >initrd
	gzip -c early.cpio >early.gz
	cat large.cpio early.gz main.cpio >initrd.gz
	# With ISA-L, if there is, and without.
	for PATH in "${PATH#*/tests/emu-unpack:}" "$PATH"; do
		same initrd a
		same initrd.gz a
	done
	# The same name in both: which of them is meant?
	cat main.cpio main.cpio.gz >initrd
	expect_error 1 'emu-unpack: initrd: a: is there twice' emu-unpack initrd a
}

@test "unpack warns once of what follows gzip, or a cpio archive, and is no archive" {
	gzip -c in/a >a.gz
	tar -czf t.tar.gz -C in a
	(cd in && echo a | cpio -o --quiet -H newc >../c.cpio)
	gzip -k c.cpio
	local f unpack
	for f in a.gz t.tar.gz c.cpio c.cpio.gz; do
		printf '\320\015\376\355 a device tree' >>$f
	done
	# With ISA-L, if there is, and without.
	for unpack in "$EMU_BUILD"/emu-unpack "$EMU_BUILD"/tests/emu-unpack/emu-unpack; do
		for f in a.gz t.tar.gz c.cpio c.cpio.gz; do
			local args=("$f" a)
			[ $f != a.gz ] || args=(-z a.gz a)
			run --separate-stderr "$unpack" "${args[@]}"
			[ "$status" -eq 0 ]
			[ "$stderr" = "emu-unpack: $f: ignored bytes after the end" ]
			cmp in/a out/a
			rm out/a
		done
		run --separate-stderr sh -c 'cat a.gz | "$1" -z - a' - "$unpack"
		[ "$status" -eq 0 ]
		[ "$stderr" = 'emu-unpack: <stdin>: ignored bytes after the end' ]
		cmp in/a out/a
		rm out/a
		# Zeros, more than are read at a time, are nothing.
		{ gzip -c in/a; head -c 300000 /dev/zero; } >zeros.gz
		run --separate-stderr "$unpack" -z zeros.gz a
		[ "$status" -eq 0 ]
		[ -z "$stderr" ]
		{ cat zeros.gz; echo more; } >more.gz
		rm out/a
		run --separate-stderr "$unpack" -z more.gz a
		[ "$status" -eq 0 ]
		[ "$stderr" = 'emu-unpack: more.gz: ignored bytes after the end' ]
		cmp in/a out/a
		rm out/a
	done
}

@test "unpack names what is not UTF-8, and takes the other members" {
	need zip
	cp in/a $'in/b\xff'
	mkdir $'in/d\xff'
	echo '[]' >$'in/d\xff/images.json'
	local f
	tar -cf t.tar -C in $'b\xff' a
	tar --format=pax -cf p.tar -C in $'b\xff' a
	(cd in && printf 'b\xff\na\n' | cpio -o --quiet -H newc >../c.cpio)
	(cd in && zip -q ../z.zip $'b\xff' a)
	for f in t.tar p.tar c.cpio z.zip; do
		same $f a
		expect_error 1 $'emu-unpack: '$f$': b\xff: not UTF-8' emu-unpack $f a $'b\xff'
		expect_error 1 $'emu-unpack: '$f$': \xff: not UTF-8' emu-unpack $f $'a=\xff'
	done
	tar -cf m.tar -C in $'d\xff' a
	expect_error 1 $'emu-unpack: m.tar: d\xff/images.json: not UTF-8 text' emu-unpack -m m.tar a
	[ -z "$(ls -A out)" ]
}

@test "unpack takes one of 300,000 members from a pipe with few descriptors" {
	# Empty members, the last of them with the byte that is wanted.
	{
		seq -f '0707070000000000001006440000000000000000010000000000000000000001100000000000%08.0f@' \
			10000000 10299999 | tr -d '\n'
		printf '0707070000000000001006440000000000000000010000000000000000000000200000000001z@Z'
		printf '0707070000000000000000000000000000000000010000000000000000000001300000000000TRAILER!!!@'
	} | tr @ '\0' >many.cpio
	(
		ulimit -n 32
		cat many.cpio | emu-unpack - z >/dev/null
	)
	[ "$(cat out/z)" = Z ]
}

@test "unpack makes more files than it may have open" {
	mkdir in/m
	(cd in/m && seq 2000 | split -l 1 -a 3)
	tar -cf m.tar -C in/m .
	(cd in/m && printf '%s\n' *) | sed 's/.*/&\x00&/' | tr '\n' '\0' >words
	(
		ulimit -n 300
		emu-unpack -w m.tar 3<words >lines
	)
	[ "$(wc -l <lines)" -eq 2000 ]
	diff -r in/m out
}
