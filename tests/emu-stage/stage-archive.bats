load ../images

setup() {
	room
	two_images
}

# taken: the two images are in place, and new.json says so.
taken() {
	cmp in/k out/kernel_k
	cmp in/d out/blk_d
	left blk_d kernel_k
	[ "$(jq -c '[.images[]|[.path,.size,.staged]]' new.json)" = \
		"[[\"$PWD/out/kernel_k\",300000,true],[\"$PWD/out/blk_d\",2005004,true]]" ]
	rm out/*
}

# entry JSON...: a document with these members in its entries.
entries() {
	local e n=0 sep=
	printf '{"guest": "none", "images": ['
	for e; do
		printf '%s{"name": "%s", "type": "blk", %s}' "$sep" "$n" "$e"
		sep=,
		n=$((n + 1))
	done
	printf ']}'
}

sha() {
	sha256sum <"$1" | cut -c1-64
}

@test "stage -x takes manifest and images out of an archive, wherever they are in it" {
	need zstd
	local order
	for order in 'images.json k d' 'k d images.json' 'd images.json k'; do
		# shellcheck disable=SC2086 # a list
		tar -cf t.tar -C in $order
		zstd -qf t.tar
		for f in t.tar t.tar.zst; do
			emu-stage -x $f doc.json >new.json
			taken
			cat $f | emu-stage -x - doc.json >new.json
			taken
			mkfifo pipe
			timeout 20 sh -c "cat $f >pipe" 3>&- &
			timeout 60 emu-stage -x pipe doc.json >new.json
			wait
			rm pipe
			taken
		done
	done
}

@test "stage -x takes zip, 7z, cpio and iso too" {
	need zip 7zr cpio genisoimage
	(
		cd in
		zip -q ../t.zip ./*
		7zr a -bd ../t.7z ./* >/dev/null
		ls | cpio -o --quiet -H newc >../t.cpio
		genisoimage -quiet -R -o ../t.iso .
	)
	for f in t.*; do
		emu-stage -x $f doc.json >new.json
		taken
	done
}

@test "stage -x takes a manifest's paths from its directory in the archive" {
	mkdir -p tree/out/img
	cp in/k tree/out/img
	cp in/d tree
	echo '[{"name": "k", "type": "kernel", "path": "img/k"},
	       {"name": "d", "type": "blk", "path": "../d"}]' >tree/out/images.json
	tar -cf t.tar -C tree .
	emu-stage -x t.tar doc.json >new.json
	taken
}

@test "stage -x takes a manifest's word for members of its archive only" {
	echo secret >outside
	mkdir -p in/out
	hostile() { # ENTRY MESSAGE
		echo "[{\"name\": \"k\", \"type\": \"kernel\", $1}]" >in/out/images.json
		tar -cf h.tar -C in .
		expect_error 1 "emu-stage: h.tar: out/images.json: [0].$2" emu-stage -x h.tar doc.json
		left
	}
	hostile "\"path\": \"$PWD/outside\"" "path: \"$PWD/outside\" is no member of the archive"
	hostile '"path": "../../outside"' 'path: "../../outside" is no member of the archive'
	hostile '"path": "x/../../../outside"' 'path: "x/../../../outside" is no member of the archive'
	hostile '"path": "../k", "staged": true' 'staged: an archive cannot say that'
	hostile '"path": "../k", "staged": 1' 'staged: an archive cannot say that'
	hostile '"path": "../k", "backing": "/etc/passwd"' 'backing: an archive cannot say that'
	hostile '"path": "../k", "backing": ["k"]' 'backing: an archive cannot say that'
	echo '[{"name": "k", "type": "kernel", "path": "../k", "format": "raw,file=/other"}]' >in/out/images.json
	tar -cf h.tar -C in .
	expect_error 1 'emu-stage: doc.json: images[0].format: expected a word of a-z, 0-9 and -' \
		emu-stage -x h.tar doc.json
	left
	echo '[{"name": "k", "type": "kernel", "path": ".././k"}]' >in/out/images.json
	tar -cf h.tar -C in .
	emu-stage -x h.tar doc.json >new.json
	cmp in/k out/kernel_k
}

@test "stage -x takes just the files, for a document that names them" {
	tar -cf t.tar -C in k d
	jq -c '. + {images: input}' doc.json in/images.json >full.json
	emu-stage -x t.tar full.json >new.json
	taken
}

@test "stage -x takes files beside the archive by their absolute paths" {
	tar -cf t.tar -C in k images.json d
	jq -c --arg d "$PWD/in/d" '. + {images: [{name: "d2", type: "blk", path: $d}]}' doc.json >full.json
	emu-stage -x t.tar full.json >new.json
	cmp in/d out/blk_d2
	left blk_d blk_d2 kernel_k
}

@test "stage -x leaves alone what the guest does not use" {
	echo '{"target": "x64"}' >doc.json
	echo '[{"name": "qemu-kernel", "type": "kernel", "path": "k"},
	       {"name": "d", "type": "blk", "path": "gone"}]' >in/images.json
	tar -cf t.tar -C in k images.json d
	emu-stage -x t.tar doc.json >new.json
	left kernel_qemu-kernel
	[ "$(jq -r '.images[1].path' new.json)" = gone ]
}

@test "stage -x says what the archive lacks" {
	tar -cf t.tar -C in images.json d
	expect_error 1 'emu-unpack: t.tar: k: not in the archive' emu-stage -x t.tar doc.json
	expect_error 1 'emu-stage: gone.tar: No such file or directory' emu-stage -x gone.tar doc.json
	echo '[' >in/images.json
	tar -cf t.tar -C in images.json d
	expect_error 1 "emu-stage: t.tar: images.json:2:1: ']' expected near end of file" emu-stage -x t.tar doc.json
	left
}

@test "stage extracts several members of several archives in one pass each" {
	tar -cf a.tar -C in k d
	(cd in && bsdtar -acf ../b.zip k d)
	entries '"path": "a.tar", "extract": "k"' '"path": "b.zip", "extract": "d"' \
		'"path": "a.tar", "extract": "d"' '"path": "in/k"' \
		'"path": "a.tar", "extract": "./k"' >doc.json
	run -0 --separate-stderr emu-stage -v doc.json
	cmp in/k out/blk_0
	cmp in/d out/blk_1
	cmp in/d out/blk_2
	cmp in/k out/blk_3
	cmp in/k out/blk_4
	[[ "${stderr_lines[0]}" == 'emu-stage: blk_0: extracted, 300000 bytes, 300000 written, 0 in holes' ]]
	[[ "${stderr_lines[3]}" == 'emu-stage: blk_3: copied, 300000 bytes, 300000 written, 0 in holes' ]]
}

@test "stage decompresses when told, and never else" {
	need zstd xz lz4
	gzip -c in/k >k.gz
	zstd -q in/k -o k.zst
	xz -c in/d >d.xz
	lz4 -q in/k k.lz4
	entries '"path": "k.gz"' '"path": "k.gz", "decompress": true' \
		'"path": "k.zst", "decompress": true' '"path": "d.xz", "decompress": true' \
		'"path": "k.lz4", "decompress": true' '"path": "k.gz", "decompress": false' >doc.json
	timeout 60 emu-stage doc.json >/dev/null
	cmp k.gz out/blk_0
	cmp in/k out/blk_1
	cmp in/k out/blk_2
	cmp in/d out/blk_3
	cmp in/k out/blk_4
	cmp k.gz out/blk_5
}

@test "stage reads FIFOs, whatever order they are written in" {
	mkfifo p q r
	gzip -c in/k >k.gz
	tar -cf t.tar -C in k
	timeout 20 sh -c "cat t.tar >r; cat k.gz >q; cat in/d >p" 3>&- &
	entries '"path": "p"' '"path": "q", "decompress": true' '"path": "r", "extract": "k"' >doc.json
	timeout 60 emu-stage doc.json >/dev/null
	wait
	cmp in/d out/blk_0
	cmp in/k out/blk_1
	cmp in/k out/blk_2
}

@test "stage checks sha256 and size of what comes out" {
	need zstd
	zstd -q in/k -o k.zst
	tar -cf t.tar -C in k d images.json
	k=$(sha in/k) d=$(sha in/d)
	entries "\"path\": \"in/d\", \"sha256\": \"$d\", \"size\": 2005004" \
		"\"path\": \"k.zst\", \"decompress\": true, \"sha256\": \"${k^^}\", \"size\": 300000" \
		"\"path\": \"t.tar\", \"extract\": \"d\", \"sha256\": \"$d\"" >doc.json
	timeout 60 emu-stage doc.json >/dev/null
	cmp in/d out/blk_0
	[ "$(stat -c %b out/blk_0)" -lt 1000 ]
	rm out/*
	expect_error 1 "emu-stage: in/k: has sha256 $k, not $d" emu-stage <<<"$(entries "\"path\": \"in/k\", \"sha256\": \"$d\"")"
	expect_error 1 "emu-stage: k.zst: has sha256 $k, not $d" emu-stage \
		<<<"$(entries "\"path\": \"k.zst\", \"decompress\": true, \"sha256\": \"$d\"")"
	expect_error 1 "emu-stage: t.tar: has sha256 $k, not $d" emu-stage \
		<<<"$(entries "\"path\": \"t.tar\", \"extract\": \"k\", \"sha256\": \"$d\"")"
	expect_error 1 "emu-stage: k.zst: has 300000 bytes, not the 5 of its size" emu-stage \
		<<<"$(entries '"path": "k.zst", "decompress": true, "size": 5')"
	expect_error 1 'emu-stage: <stdin>: images[0].sha256: expected 64 hexadecimal digits' emu-stage \
		<<<"$(entries '"path": "in/k", "sha256": "12"')"
	jq -c --arg s "$d" '.[0].sha256 = $s' in/images.json >m
	mv m in/images.json
	tar -cf t.tar -C in k d images.json
	expect_error 1 "emu-stage: k: has sha256 $k, not $d" emu-stage -x t.tar <<<'{"guest": "linux"}' /dev/stdin
	left
}

@test "stage refuses wishes that contradict each other" {
	expect_error 1 'emu-stage: <stdin>: images[0].extract, decompress and convert exclude each other' emu-stage \
		<<<"$(entries '"path": "in/k", "extract": "k", "decompress": true')"
	expect_error 1 'emu-stage: <stdin>: images[0].convert: expected "raw"' emu-stage \
		<<<"$(entries '"path": "in/k", "convert": "qcow2"')"
	expect_error 1 'emu-stage: <stdin>: images[0].decompress: expected true or false' emu-stage \
		<<<"$(entries '"path": "in/k", "decompress": "gz"')"
	tar -cf a.tar in/k
	expect_error 1 'emu-stage: <stdin>: images[0].path: in an archive, and to be extracted, decompressed or converted' \
		emu-stage -x a.tar <<<"$(entries '"path": "in/k", "decompress": true')"
	left
}

@test "stage refuses a manifest in an archive that is no manifest" {
	echo '{}' >images.json
	tar -cf a.tar images.json
	expect_error 1 'emu-stage: a.tar: images.json: expected an array of images' \
		emu-stage -x a.tar <<<'{"guest": "none"}'
	head -c 20000000 /dev/zero | tr '\0' ' ' >images.json
	tar -cf a.tar images.json
	expect_error 1 'emu-unpack: a.tar: images.json: larger than 16777216 bytes' \
		emu-stage -x a.tar <<<'{"guest": "none"}'
	printf '["\xff"]' >images.json
	tar -cf a.tar images.json
	expect_error 1 'emu-unpack: a.tar: images.json: not UTF-8 text' \
		emu-stage -x a.tar <<<'{"guest": "none"}'
	left
}

@test "stage -o gives writable disks as overlays" {
	need qemu-img
	entries '"path": "in/d"' '"path": "in/d", "format": "raw"' >doc.json
	jq '.images += [{name: "k", type: "kernel", path: "in/k"}]' doc.json | emu-stage -o >new.json
	[ "$(jq -c '[.images[]|[.format,.size]]' new.json)" = '[["qcow2",2005504],["qcow2",2005504],[null,300000]]' ]
	cmp in/k out/kernel_k
	[ "$(qemu-img info --output=json out/blk_0 | jq -r '.["backing-filename"],.["backing-filename-format"]')" = "$PWD/in/d
raw" ]
	left blk_0 blk_1 kernel_k
}

@test "stage makes an overlay of a qcow2 image that rests on another" {
	need qemu-img
	truncate -s 1M base
	qemu-img create -q -f qcow2 -b base -F raw middle.qcow2
	qemu-img create -q -f qcow2 -b middle.qcow2 -F qcow2 top.qcow2
	qemu-img create -q -f qcow2 alone.qcow2 1M
	top='"path": "top.qcow2", "format": "qcow2", "backing": ["base", "middle.qcow2"]'
	emu-stage <<<"$(entries "$top" '"path": "alone.qcow2", "format": "qcow2"' '"path": "top.qcow2"')" >/dev/null
	[ "$(qemu-img info --output=json out/blk_0 | jq -r '.["backing-filename"]')" = "$PWD/top.qcow2" ]
	qemu-img check -q out/blk_0
	cmp alone.qcow2 out/blk_1
	cmp top.qcow2 out/blk_2
	rm out/*
	expect_error 1 'emu-stage: top.qcow2: an overlay has no sha256 that could be checked' \
		emu-stage <<<"$(entries "$top, \"sha256\": \"$(sha base)\"")"
	long=$PWD/$(printf '%0200d/' 1 2 3 4 5)
	mkdir -p "$long"
	cp base "$long"
	expect_error 1 "emu-stage: blk_0: the path of its file has more than the 1023 bytes of an overlay's" \
		emu-stage -o <<<"$(entries "\"path\": \"${long}base\"")"
	left
	expect_error 1 'emu-stage: base: not a qcow2 image' emu-stage <<<"$(entries '"path": "base", "format": "qcow2"')"
	# What only QEMU sees: clusters of 2^255 bytes.
	cp middle.qcow2 damaged
	printf '\377' | dd of=damaged bs=1 seek=23 conv=notrunc status=none
	expect_error 1 'emu-stage: damaged: qemu-img: Unsupported cluster size: 2^255' \
		emu-stage <<<"$(entries '"path": "damaged", "format": "qcow2", "backing": "base"')"
	left
	# A manifest's paths are relative to the manifest.
	mkdir sub
	echo '[{"name": "0", "type": "blk", "path": "../middle.qcow2", "format": "qcow2", "backing": "../base"}]' >sub/images.json
	emu-stage -i sub/images.json <<<'{"guest": "none"}' >/dev/null
	[ "$(qemu-img info --output=json out/blk_0 | jq -r '.["backing-filename"]')" = "$PWD/sub/../middle.qcow2" ] ||
		[ "$(qemu-img info --output=json out/blk_0 | jq -r '.["backing-filename"]')" = "$PWD/middle.qcow2" ]
}

@test "stage follows no image to a file that the caller did not name" {
	need qemu-img
	truncate -s 1M base
	echo secret >secret
	qemu-img create -q -f qcow2 -b base -F raw middle.qcow2
	qemu-img create -q -f qcow2 -b middle.qcow2 -F qcow2 top.qcow2
	refused() { # MESSAGE FIELDS
		local how
		for how in '' ', "convert": "raw"'; do
			expect_error 1 "emu-stage: $1" emu-stage <<<"$(entries "$2$how")"
			left
		done
		expect_error 1 "emu-stage: $1" emu-stage -o <<<"$(entries "$2")"
		left
	}
	refused "middle.qcow2: its backing file base was not named: name it too, as an operand or as \"backing\": \"$PWD/base\"" \
		'"path": "middle.qcow2", "format": "qcow2"'
	refused "middle.qcow2: its backing file base was not named: name it too, as an operand or as \"backing\": \"$PWD/base\"" \
		'"path": "middle.qcow2", "format": "qcow2", "backing": "secret"'
	refused "middle.qcow2: its backing file base was not named: name it too, as an operand or as \"backing\": \"$PWD/base\"" \
		'"path": "top.qcow2", "format": "qcow2", "backing": "middle.qcow2"'
	qemu-img create -q -f qcow2 -o data_file=secret data.qcow2 1M
	refused 'data.qcow2: a qcow2 disk whose data is in another file, which is not followed: make it one file (qemu-img convert -O qcow2)' \
		'"path": "data.qcow2", "format": "qcow2"'
	qemu-img create -q -f vmdk -o subformat=monolithicFlat flat.vmdk 1M
	refused 'flat.vmdk: a vmdk disk whose data is in other files, which are not followed: make it one file (qemu-img convert -O qcow2)' \
		'"path": "flat.vmdk", "format": "vmdk"'
	cp middle.qcow2 json.qcow2
	qemu-img rebase -u -f qcow2 -F raw -b 'json:{"driver":"raw","file":{"driver":"file","filename":"secret"}}' json.qcow2
	refused 'json.qcow2: its backing file json:{"driver":"raw","file":{"driver":"file","filename":"secret"}} is not a plain file, and is not followed' \
		'"path": "json.qcow2", "format": "qcow2"'
	# Without a format, the content decides what is converted, and raw is raw.
	expect_error 1 "emu-stage: middle.qcow2: its backing file base was not named: name it too, as an operand or as \"backing\": \"$PWD/base\"" \
		emu-stage <<<"$(entries '"path": "middle.qcow2", "convert": "raw"')"
	left
	emu-stage <<<"$(entries '"path": "middle.qcow2"')" >/dev/null
	cmp middle.qcow2 out/blk_0
	rm out/*
	expect_error 1 'emu-stage: <stdin>: images[0].backing: expected a path or an array of paths' \
		emu-stage <<<"$(entries '"path": "middle.qcow2", "format": "qcow2", "backing": [1]')"
	left
}

@test "stage follows no image that came out of an archive" {
	need qemu-img
	truncate -s 1M base
	qemu-img create -q -f qcow2 -b "$PWD/base" -F raw middle.qcow2
	gzip -c middle.qcow2 >middle.gz
	tar -cf t.tar middle.qcow2
	mkfifo pipe
	message="its backing file $PWD/base was not named: name it too, as an operand or as \"backing\": \"$PWD/base\""
	expect_error 1 "emu-stage: middle.gz: $message" emu-stage <<<"$(entries '"path": "middle.gz", "decompress": true, "format": "qcow2"')"
	left
	expect_error 1 "emu-stage: t.tar: middle.qcow2: $message" emu-stage -c cache <<<"$(entries '"path": "t.tar", "extract": "middle.qcow2", "format": "qcow2"')"
	left
	[ -z "$(find cache -name 'image-*')" ]
	entries '"path": "middle.qcow2", "format": "qcow2"' >doc.json
	expect_error 1 "emu-stage: t.tar: middle.qcow2: $message" emu-stage -x t.tar doc.json
	left
	expect_error 1 "emu-stage: <stdin>: middle.qcow2: $message" emu-stage -x - doc.json <t.tar
	left
	# A relative name is one beside the new image.
	qemu-img create -q -f qcow2 -b base -F raw relative.qcow2
	gzip relative.qcow2
	expect_error 1 "emu-stage: relative.qcow2.gz: its backing file base: $PWD/out/base: No such file or directory" emu-stage \
		<<<"$(entries '"path": "relative.qcow2.gz", "decompress": true, "format": "qcow2", "backing": "base"')"
	left
	cat middle.qcow2 >pipe 3>&- &
	expect_error 1 "emu-stage: pipe: $message" emu-stage <<<"$(entries '"path": "pipe", "format": "qcow2"')"
	wait $!
	left
}

@test "stage converts with qemu-img" {
	need qemu-img
	local f
	for f in qcow2 vmdk vhdx; do
		truncate -s 3M raw
		dd if=in/k of=raw conv=notrunc status=none
		qemu-img convert -f raw -O $f raw image
		emu-stage <<<"$(entries "\"path\": \"image\", \"format\": \"$f\", \"convert\": \"raw\"")" >new.json
		[ "$(jq -c '.images[0]|[.format,.size]' new.json)" = '["raw",3145728]' ]
		cmp raw out/blk_0
		rm out/*
	done
	qemu-img convert -f raw -O qcow2 raw image
	emu-stage <<<"$(entries '"path": "image", "convert": "raw"')" >new.json
	cmp raw out/blk_0
	rm out/*
	expect_error 1 'emu-stage: in/k: not a qcow2 image' \
		emu-stage <<<"$(entries '"path": "in/k", "format": "qcow2", "convert": "raw"')"
	run --separate-stderr emu-stage <<<"$(entries '"path": "in/k", "format": "vhdx", "convert": "raw"')"
	[ "$status" -eq 1 ]
	[[ "$stderr" == "emu-stage: in/k: qemu-img: Could not open '$PWD/in/k':"* ]]
	[ "${#stderr_lines[@]}" -eq 1 ]
	left
}

@test "stage says when a program it needs is missing" {
	mkdir bin
	cp "$(command -v emu-stage)" bin
	ln -s "$(command -v env)" bin
	gzip -c in/k >k.gz
	expect_error 1 'emu-stage: emu-unpack: No such file or directory' env PATH="$PWD/bin" \
		bin/emu-stage <<<"$(entries '"path": "k.gz", "decompress": true')"
	expect_error 1 'emu-stage: qemu-img: No such file or directory' env PATH="$PWD/bin" \
		bin/emu-stage -o <<<"$(entries '"path": "in/d"')"
	left
}

@test "stage that is killed takes its children along" {
	mkfifo p
	entries '"path": "p", "decompress": true' >doc.json
	local s
	for s in TERM INT KILL; do
		env --default-signal emu-stage doc.json 3>&- >/dev/null 2>&1 &
		pid=$!
		exec 4>p
		wait_until pgrep -P $pid emu-unpack
		child=$(pgrep -P $pid emu-unpack)
		kill -$s $pid
		wait $pid || :
		wait_until gone "$child"
		exec 4>&-
		left
	done
}

@test "stage says what became of its helpers" {
	mkfifo p
	entries '"path": "p", "decompress": true' >doc.json
	emu-stage doc.json >new.json 2>err 3>&- &
	pid=$!
	exec 4>p
	wait_until pgrep -P $pid emu-unpack
	kill -KILL "$(pgrep -P $pid emu-unpack)"
	status=0
	wait $pid || status=$?
	exec 4>&-
	[ "$status" -eq 1 ]
	[ "$(cat err)" = 'emu-stage: emu-unpack: killed by signal 9' ]
	mkdir bin
	printf '#!/bin/sh\n' >bin/qemu-img
	chmod +x bin/qemu-img
	PATH=$PWD/bin:$PATH expect_error 1 "emu-stage: $PWD/out/blk_0: no overlay was made" \
		emu-stage -o <<<"$(entries '"path": "in/d"')"
	left
}

@test "stage fails at once when one image does, whatever the others wait for" {
	mkfifo never
	: >empty
	expect_error 1 'emu-unpack: empty: empty' timeout 20 emu-stage \
		<<<"$(entries '"path": "never"' '"path": "empty", "decompress": true')"
	left
}

@test "stage shows a terminal how far it is, and takes the line away" {
	need script
	mkfifo p
	entries '"path": "p"' >doc.json
	timeout 60 script -qefc 'emu-stage doc.json >new.json' log </dev/null >/dev/null 3>&- &
	pid=$!
	exec 4>p
	wait_until grep -q 'emu-stage: 0 MiB in' log
	exec 4>&-
	wait $pid
	[ -s new.json ]
	grep -q $'s\r\033\\[K' log
	mkdir -m 700 out2
	emu-stage -d out2 <<<"$(entries '"path": "in/d"')" >/dev/null 2>err
	[ ! -s err ]
}
