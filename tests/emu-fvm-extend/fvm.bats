load ../lib

setup() {
	mkdir "$BATS_TEST_TMPDIR/work"
	cd "$BATS_TEST_TMPDIR/work"
	mkdir scratch
	chmod 700 scratch
}

image() {
	"$EMU_BUILD/tests/emu-fvm-extend/image" "$@"
}

# A small image: two partitions, free slices between, one full of data.
small() {
	image make "$1" 32768 aab.DbD..a.b....
}

# document PATH [MORE]: a document with a disk.
document() {
	printf '{"images":[{"type":"blk","name":"storage-full","path":"%s"%s}]}' "$@"
}

@test "fvm -f grows an image in its place" {
	small x.img
	image check x.img
	cp x.img old.img
	run -0 --separate-stderr emu-fvm-extend -f x.img -l 64M
	[ -z "$output$stderr" ]
	[ "$(image check x.img 67108864)" = "8 2042 24576 67108864" ]
	[ "$(ls -A)" = $'old.img\nscratch\nx.img' ]
}

@test "fvm -f grows to botanist's length unless told otherwise" {
	image make x.img 8388608 ab.a
	emu-fvm-extend -f x.img
	# The numbers of the original tool.
	[ "$(image check x.img 10000000000)" = "3 1192 16384 9999400960" ]
}

@test "fvm leaves an image alone that is large enough" {
	small x.img
	cp -p x.img old.img
	touch -d @1000000000 x.img
	for length in $(stat -c %s x.img) 1 100K; do
		emu-fvm-extend -f x.img -l "$length"
	done
	cmp x.img old.img
	[ "$(stat -c %Y x.img)" = 1000000000 ]
}

@test "fvm passes the golden images of the original tool" {
	golden=$EMU_ROOT/../shared/data/fvm
	# Only there where the project is made; the other tests do without.
	[ -e "$golden/check" ] || return 0
	need python3 zstd
	run "$golden/check" "$EMU_BUILD/emu-fvm-extend"
	echo "$output"
	[ "$status" -eq 0 ]
}

@test "fvm as a filter grows a staged copy in place" {
	small scratch/blk_storage-full
	inode=$(stat -c %i scratch/blk_storage-full)
	document "$PWD/scratch/blk_storage-full" ',"staged":true' |
		emu-fvm-extend -d scratch -l 1G >out.json
	[ "$(stat -c %i scratch/blk_storage-full)" = "$inode" ]
	[ "$(image check scratch/blk_storage-full 1073741824)" = "8 32747 270336 1073741824" ]
	[ "$(jq -c '.images[0] | [.path, .staged, .size]' out.json)" = \
		"[\"$PWD/scratch/blk_storage-full\",true,1073741824]" ]
}

@test "fvm as a filter grows a user's file into the directory" {
	small x.img
	cp x.img old.img
	chmod 444 x.img
	document x.img ',"label":"keep"' >d.json
	EMU_SCRATCH=scratch emu-fvm-extend -l 1G d.json >out.json
	cmp x.img old.img
	image check scratch/blk_storage-full 1073741824
	[ "$(stat -c %a scratch/blk_storage-full)" = 600 ]
	[ "$(ls -A scratch)" = blk_storage-full ]
	[ "$(jq -c .images[0] out.json)" = \
		"{\"type\":\"blk\",\"name\":\"storage-full\",\"path\":\"$PWD/scratch/blk_storage-full\",\"label\":\"keep\",\"size\":1073741824,\"staged\":true}" ]
}

@test "fvm grows the disk of the document's era, to its size or the document's" {
	small x.img
	truncate -s 1M fxfs.img
	printf 'FxfsSupr' | dd of=fxfs.img conv=notrunc status=none
	for t in '"2020" x 10000000000' '"2023" x 10000000000' '"2024" x 17179869184' 'null x 10000000000'; do
		read -r flavor image size <<<"$t"
		run emu-fvm-extend -jn -d scratch <<<"$(document $image.img | jq ".flavor = $flavor")"
		[ "$(jq .new_length <<<"$output")" = "$size" ] || { echo "$t: $output"; false; }
	done
	run emu-fvm-extend -jn -d scratch <<<"$(document x.img | jq '.flavor = "2024" | .storage = 1073741824')"
	[ "$(jq .new_length <<<"$output")" = 1073741824 ]
	run emu-fvm-extend -jn -d scratch -l 2G <<<"$(document x.img | jq '.storage = 1073741824')"
	[ "$(jq .new_length <<<"$output")" = 2147483648 ]
	document x.img | jq --arg f "$PWD/fxfs.img" '.flavor = "2024" | .storage = 3000000 |
		.images += [{type: "fxfs-blk", name: "storage-full", path: $f}]' |
		emu-fvm-extend -d scratch >out.json
	[ "$(stat -c %s scratch/fxfs-blk_storage-full)" = 3000000 ]
	rm scratch/*
	for t in 2023:10000000000 2024:17179869184; do
		document x.img | jq --arg f "$PWD/fxfs.img" ".flavor = \"${t%:*}\" |
			.images += [{type: \"fxfs-blk\", name: \"storage-full\", path: \$f}]" |
			emu-fvm-extend -d scratch >out.json
		[ "$(stat -c %s scratch/fxfs-blk_storage-full)" = "${t#*:}" ]
		rm scratch/*
	done
	[ "$(jq -r '.images[0].path' out.json)" = x.img ]
	expect_error 1 'emu-fvm-extend: flavor: there is no "../x"' emu-fvm-extend \
		<<<"$(document x.img | jq '.flavor = "../x"')"
}

@test "fvm makes the same bytes whatever the way" {
	for length in 700K 8M 300M; do
		rm -rf scratch
		mkdir -m 700 scratch
		small x.img
		document x.img | emu-fvm-extend -d scratch -l "$length" >/dev/null
		cp x.img scratch/mine
		document scratch/mine ',"staged":true' |
			emu-fvm-extend -d scratch -l "$length" >/dev/null
		emu-fvm-extend -f x.img -l "$length"
		cmp x.img scratch/blk_storage-full
		cmp x.img scratch/mine
		image check x.img
	done
}

@test "fvm takes no file for its own that might be the user's" {
	small x.img
	cp x.img old.img
	cp x.img scratch/other
	ln x.img scratch/linked
	ln -s ../x.img scratch/symbolic
	mkdir scratch/below
	ln scratch/other scratch/below/other
	for path in x.img scratch/linked scratch/symbolic scratch/below/other; do
		document "$path" ',"staged":true' |
			emu-fvm-extend -d scratch -l 1G >out.json
		image check scratch/blk_storage-full 1073741824
		rm scratch/blk_storage-full
		cmp x.img old.img
		cmp scratch/other old.img
	done
	# A private copy that is not marked as one.
	small scratch/blk_storage-full
	expect_error 1 "emu-fvm-extend: $PWD/scratch/blk_storage-full: File exists" \
		emu-fvm-extend -d scratch -l 1G <(document scratch/blk_storage-full)
}

@test "fvm replaces a staged copy that has other names" {
	small scratch/blk_storage-full
	ln scratch/blk_storage-full cached
	cp cached old.img
	document scratch/blk_storage-full ',"staged":true' |
		emu-fvm-extend -d scratch -l 1G >out.json
	image check scratch/blk_storage-full 1073741824
	cmp cached old.img
	[ "$(ls -A scratch)" = blk_storage-full ]
}

@test "fvm passes a document without a disk" {
	for text in '{}' '{"cpu":4,"images":[]}' \
		'{"target":"x64","images":[{"type":"blk","name":"storage-full","path":"none","cpu":"arm64"}]}'; do
		run -0 --separate-stderr emu-fvm-extend <<<"$text"
		[ "$(jq -c . <<<"$output")" = "$text" ]
		[ -z "$stderr" ]
	done
}

@test "fvm takes a manifest" {
	mkdir build
	small build/x.img
	echo '[{"type":"blk","name":"storage-full","path":"x.img"}]' >build/images.json
	emu-fvm-extend -d scratch -i build/images.json -l 1G <<<'{}' >out.json
	image check scratch/blk_storage-full 1073741824
}

@test "fvm does nothing half" {
	# An empty document, and no directory.
	expect_error 1 "emu-fvm-extend: <stdin>: empty" emu-fvm-extend </dev/null
	small x.img
	document x.img >d.json
	expect_error 1 "emu-fvm-extend: x.img: no directory for a private copy: give -d, or run under emu-scratch" \
		emu-fvm-extend d.json
	expect_error 1 "emu-fvm-extend: <stdout>: No space left on device" \
		sh -c 'emu-fvm-extend -d scratch d.json >/dev/full'
	# Nobody there to read.
	run bash -c '{ sleep 0.2; emu-fvm-extend -d scratch d.json; echo $? >status; } | :'
	[ "$output" = "emu-fvm-extend: <stdout>: Broken pipe" ]
	[ "$(cat status)" -eq 1 ]
	document none.img >d.json
	expect_error 1 "emu-fvm-extend: none.img: No such file or directory" \
		emu-fvm-extend -d scratch d.json
	echo '{"images":[{"type":"blk","name":"storage-full"}]}' >d.json
	expect_error 1 "emu-fvm-extend: d.json: images[0].path: missing" \
		emu-fvm-extend -d scratch d.json
	small x.img
	document x.img ',"size":5' >d.json
	expect_error 1 "emu-fvm-extend: x.img: has 688128 bytes, not the 5 of its size" \
		emu-fvm-extend -d scratch d.json
	image set x.img ab 56 1
	document x.img >d.json
	expect_error 1 "emu-fvm-extend: x.img: no valid copy of the FVM metadata (A: wrong hash; B: wrong hash)" \
		emu-fvm-extend -d scratch d.json
	[ -z "$(ls -A scratch)" ]
	expect_error 1 "emu-fvm-extend: none.img: No such file or directory" \
		emu-fvm-extend -n -f none.img
}

@test "fvm leaves an image alone that cannot become so large" {
	small x.img
	cp x.img old.img
	most="emu-fvm-extend: x.img: 9223372036854775807 bytes in slices of 32768: more than 67108864 slices"
	document x.img >d.json
	expect_error 1 "$most" emu-fvm-extend -f x.img -l 9223372036854775807
	expect_error 1 "$most" emu-fvm-extend -d scratch -l 9223372036854775807 d.json
	# What the user may write is less.
	limited() {
		(
			trap '' XFSZ
			ulimit -f 1000
			emu-fvm-extend "$@"
		)
	}
	expect_error 1 "emu-fvm-extend: x.img: File too large" limited -f x.img -l 64M
	expect_error 1 "emu-fvm-extend: $PWD/scratch/blk_storage-full: File too large" \
		limited -d scratch -l 64M d.json
	cmp x.img old.img
	{ printf FxfsSupr; head -c 70000 /dev/urandom; } >x.img
	expect_error 1 "emu-fvm-extend: $PWD/scratch/blk_storage-full: File too large" \
		limited -d scratch -l 64M d.json
	[ -z "$(ls -A scratch)" ]
	cp x.img scratch/x
	document scratch/x ',"staged":true' >d.json
	expect_error 1 "emu-fvm-extend: scratch/x: File too large" limited -d scratch -l 64M d.json
	cmp x.img scratch/x
}

@test "fvm says that it cannot make a file in the directory" {
	small x.img
	document x.img >d.json
	mkdir scratch/blk_storage-full
	expect_error 1 "emu-fvm-extend: $PWD/scratch/blk_storage-full: File exists" \
		emu-fvm-extend -d scratch d.json
	[ "$(ls -A scratch)" = blk_storage-full ]
	# JSON has no word for some paths.
	mkdir -m 700 $'b\xff'
	expect_error 1 $'emu-fvm-extend: '"$PWD"$'/b\xff/blk_storage-full: not UTF-8' \
		emu-fvm-extend -d $'b\xff' d.json
	[ -z "$(ls -A $'b\xff')" ]
}

@test "fvm passes what is no FVM, with a line, and refuses it with -l" {
	head -c 100000 /dev/urandom >x.img
	printf '\0\0' >null
	dd if=null of=x.img conv=notrunc status=none
	printf '\123\357' | dd of=x.img bs=1 seek=1080 conv=notrunc status=none
	document x.img >d.json
	run -0 --separate-stderr emu-fvm-extend -d scratch d.json
	[ "$(jq -c . <<<"$output")" = "$(cat d.json)" ]
	[ "$stderr" = "emu-fvm-extend: x.img: not an FVM: an ext4 file system: left as it is" ]
	expect_error 1 "emu-fvm-extend: x.img: not an FVM: an ext4 file system" \
		emu-fvm-extend -d scratch -l 1G d.json
	expect_error 1 "emu-fvm-extend: x.img: not an FVM: an ext4 file system" \
		emu-fvm-extend -f x.img
	[ -z "$(ls -A scratch)" ]
}

@test "fvm gives an Fxfs image that is larger than the disk a tenth more" {
	{ printf FxfsSupr; head -c 70000 /dev/urandom; } >x.img
	document x.img | jq '.storage = 70000' >d.json
	emu-fvm-extend -d scratch d.json >out.json
	[ "$(stat -c %s scratch/blk_storage-full)" = 77009 ]
	[ "$(jq '.images[0].size' out.json)" = 77009 ]
	cmp -n 70008 scratch/blk_storage-full x.img
	rm scratch/*
	document x.img | jq '.storage = 70008' | emu-fvm-extend -v -d scratch >out.json 2>err
	[ "$(cat err)" = 'emu-fvm-extend: x.img: 70008 bytes: large enough, left as it is' ]
	[ -z "$(ls -A scratch)" ]
}

@test "fvm makes an Fxfs image longer, as it does an FVM" {
	{ printf FxfsSupr; head -c 70000 /dev/urandom; } >x.img
	cp x.img old.img
	document x.img >d.json
	run -0 --separate-stderr emu-fvm-extend -d scratch d.json
	[ -z "$stderr" ]
	[ "$(stat -c %s scratch/blk_storage-full)" = 10000000000 ]
	cmp -n 70008 scratch/blk_storage-full old.img
	rm scratch/*
	emu-fvm-extend -d scratch -l 1G d.json >out.json
	[ "$(stat -c %s scratch/blk_storage-full)" = 1073741824 ]
	cmp -n 70008 scratch/blk_storage-full old.img
	cmp x.img old.img
	run -0 emu-fvm-extend -nj -d scratch -l 1G d.json
	[ "$(jq -cS . <<<"$output")" = '{"grow":true,"image":"x.img","kind":"an Fxfs file system","length":70008,"new_length":1073741824}' ]
	document scratch/blk_storage-full ',"staged":true' |
		emu-fvm-extend -d scratch -l 2G >/dev/null
	[ "$(stat -c %s scratch/blk_storage-full)" = 2147483648 ]
}

@test "fvm names what has to be unpacked first" {
	try() {
		printf "$1" >x.img
		expect_error 1 "emu-fvm-extend: x.img: not an FVM: $2" emu-fvm-extend -f x.img
		document x.img >d.json
		expect_error 1 "emu-fvm-extend: x.img: not an FVM: $2" \
			emu-fvm-extend -d scratch d.json
	}
	try 'FVM SPRS' "a sparse FVM: unpack it with the SDK's fvm tool"
	try '\072\377\046\355' 'an Android sparse image: unpack it with simg2img'
	try '\004\042\115\030' 'lz4: unpack it with lz4 -d'
	try '\050\265\057\375' 'zstd: unpack it with zstd -d'
	try '\037\213' 'gzip: unpack it with gzip -d'
	try '\3757zXZ' 'xz: unpack it with xz -d'
}

@test "fvm -n says what would be done and does nothing" {
	small x.img
	cp x.img old.img
	run -0 emu-fvm-extend -n -f x.img -l 64M
	[ "$output" = "x.img: 688128 to 67108864 bytes, 16 to 2042 slices of 32768 bytes, 3 partitions, copy A active, slices move by 32768 bytes" ]
	run -0 emu-fvm-extend -nj -f x.img -l 64M
	[ "$(jq -cS . <<<"$output")" = '{"active":"A","allocated":8,"distance":32768,"grow":true,"image":"x.img","length":688128,"moves":true,"new_length":67108864,"new_slices":2042,"partitions":3,"slice_size":32768,"slices":16}' ]
	run -0 emu-fvm-extend -n -f x.img -l 1M
	[ "$output" = "x.img: 688128 to 1048576 bytes, 16 to 27 slices of 32768 bytes, 3 partitions, copy A active, slices stay" ]
	run -0 emu-fvm-extend -n -f x.img -l 64K
	[ "$output" = "x.img: 688128 bytes: large enough, left as it is" ]
	image make empty.img 32768 ''
	run -0 emu-fvm-extend -n -f empty.img -l 64M
	[ "$output" = "empty.img: 163840 to 67108864 bytes, 0 to 2042 slices of 32768 bytes, 0 partitions, copy A active, slices stay" ]
	run -0 emu-fvm-extend -n -l 64M <<<"$(document x.img)"
	[ "$output" = "x.img: 688128 to 67108864 bytes, 16 to 2042 slices of 32768 bytes, 3 partitions, copy A active, slices move by 32768 bytes" ]
	cmp x.img old.img
	[ -z "$(ls -A scratch)" ]
}

@test "fvm -v says how it was done" {
	small x.img
	run -0 --separate-stderr emu-fvm-extend -v -f x.img -l 1M
	[[ $stderr == "emu-fvm-extend: x.img: 688128 to 1048576 bytes, 16 to 27 slices of 32768 bytes, 3 partitions, copy A active, slices stay"* ]]
	small scratch/mine
	document scratch/mine ',"staged":true' >d.json
	run -0 --separate-stderr emu-fvm-extend -vj -d scratch -l 64M d.json
	[ "$(jq -r .way <<<"$stderr")" = shifted ]
	small scratch/mine
	run -0 --separate-stderr emu-fvm-extend -v -d scratch -l 64M d.json
	[[ $stderr =~ ", slices move by 32768 bytes: "[0-9]+" bytes shifted within the file"$ ]]
	image make scratch/mine 32768 ''
	run -0 --separate-stderr emu-fvm-extend -v -d scratch -l 64M d.json
	[ "$stderr" = "emu-fvm-extend: scratch/mine: 163840 to 67108864 bytes, 0 to 2042 slices of 32768 bytes, 0 partitions, copy A active, slices stay" ]
}

@test "fvm shifts data that has more holes than it can note" {
	# Every other block of the last slice is a hole.
	image make scratch/mine 2097152 aA
	for ((at = 2 * 81920 + 2097152; at < 2 * 81920 + 2 * 2097152; at += 8192)); do
		fallocate -p -o $at -l 4096 scratch/mine
	done
	cp scratch/mine x.img
	document scratch/mine ',"staged":true' >d.json
	run -0 --separate-stderr emu-fvm-extend -vj -d scratch -l 10G d.json
	[ "$(jq -r .way <<<"$stderr")" = shifted ]
	emu-fvm-extend -f x.img -l 10G
	cmp -n 5000000 x.img scratch/mine
}

@test "fvm -I prints the metadata" {
	image make x.img 32768 aab.a
	run -0 emu-fvm-extend -I -f x.img
	[ "$(jq -c '.active, .allocated, [.copies[].valid], .partitions[0]' <<<"$output")" = '"A"
4
[true,true]
{"index":1,"name":"a","type":"01010101-0101-0101-0101-010101010101","instance":"01010101-0101-0101-0101-010101010101","inactive":false,"slices":3,"extents":[{"slice":1,"vslice":3,"count":1},{"slice":2,"vslice":6,"count":1},{"slice":5,"vslice":9,"count":1}]}' ]
	# One copy is enough, none is an error that shows what is there.
	image set x.img a 56 7
	run -0 emu-fvm-extend -I -f x.img
	[ "$(jq -c '.active, .copies[0].reason' <<<"$output")" = $'"B"\n"wrong hash"' ]
	image set x.img b 56 7
	run -1 --separate-stderr emu-fvm-extend -I -f x.img
	[ "$stderr" = "emu-fvm-extend: x.img: no valid copy of the FVM metadata (A: wrong hash; B: wrong hash)" ]
	[ "$(jq -c '.active, .copies[1].header.generation' <<<"$output")" = $'null\n7' ]
}

@test "fvm -I prints what is odd in the metadata" {
	image make x.img 32768 aa.a
	# Slice 2 continues slice 1, the name has a letter that is none, and slice
	# 4 is beyond the end.
	image set x.img AB $((73728 + 8 * 2)) $((4 << 16 | 1))
	image set x.img AB $((8192 + 64 + 40)) 0x00006107
	truncate -s -1 x.img
	run -0 emu-fvm-extend -I -f x.img
	[ "$(jq -c '.problem, (.partitions[0] | .name, .extents)' <<<"$output")" = '"x.img: truncated: slice 4 ends at byte 294912, the file at 294911"
"?a"
[{"slice":1,"vslice":3,"count":2},{"slice":4,"vslice":9,"count":1}]' ]
	image make x.img 8192 "$(printf 'a.%.0s' {1..200})"
	expect_error 1 "emu-fvm-extend: <stdout>: No space left on device" \
		sh -c 'emu-fvm-extend -I -f x.img >/dev/full'
}

@test "fvm -I says of a copy that cannot be read that it cannot" {
	[[ $EMU_BUILD != */san ]] || skip "an interposer goes before the runtime"
	image make x.img 32768 aab.a
	truncate -s 100000 log
	FAULT_IN=emu-fvm-extend FAULT_CALL=pread64 FAULT_NTH=3 FAULT_ERRNO=5 FAULT_LOG=$PWD/log \
		LD_PRELOAD=$EMU_BUILD/tests/tools/faults.so run -1 --separate-stderr emu-fvm-extend -I -f x.img
	[ "$stderr" = "emu-fvm-extend: x.img: metadata: Input/output error" ]
	[ "$(jq -r '.copies[0].reason' <<<"$output")" = "metadata: Input/output error" ]
}

@test "fvm explains its usage" {
	usage=$'usage: emu-fvm-extend [-jnv] [-d dir] [-i images.json] [-l size] [document]\n       emu-fvm-extend -f image [-Ijnv] [-l size]'
	expect_error 2 $'emu-fvm-extend: -I needs -f\n'"$usage" emu-fvm-extend -I
	expect_error 2 $'emu-fvm-extend: -f takes no document\n'"$usage" emu-fvm-extend -f x y
	expect_error 2 $'emu-fvm-extend: -f takes neither -d nor -i\n'"$usage" emu-fvm-extend -f x -d y
	expect_error 2 $'emu-fvm-extend: more than one document\n'"$usage" emu-fvm-extend x y
	for size in 0 -1 1X 1GG '' 9999999999999999999; do
		expect_error 2 $'emu-fvm-extend: -l: expected a size, such as 10000000000 or 16G\n'"$usage" \
			emu-fvm-extend -l "$size"
	done
	run -2 --separate-stderr emu-fvm-extend -x
	[[ $stderr = 'emu-fvm-extend: -x: unknown option'*"$usage" ]]
	run -0 emu-fvm-extend -h
	[[ $output = "$usage"*' -l size '* ]]
	run -0 emu-fvm-extend -V
	[ "$output" = "emu-fvm-extend 0.1" ]
	expect_error 1 "emu-fvm-extend: <stdout>: No space left on device" \
		sh -c 'emu-fvm-extend -V >/dev/full'
	expect_error 1 "emu-fvm-extend: <stdout>: Bad file descriptor" \
		sh -c 'emu-fvm-extend -V >&-'
}
