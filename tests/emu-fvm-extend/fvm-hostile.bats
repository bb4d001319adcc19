load ../lib

setup() {
	mkdir "$BATS_TEST_TMPDIR/work"
	cd "$BATS_TEST_TMPDIR/work"
}

image() {
	"$EMU_BUILD/tests/emu-fvm-extend/image" "$@"
}

small() {
	image make "$1" 32768 aab.DbD..a.b....
}

# refuses REASON: x.img is refused for that reason, and stays as it is, in
# little memory.
refuses() {
	cp x.img old.img
	(
		# Sanitizers need all addresses there are.
		[[ $EMU_BUILD = */san ]] || ulimit -v 100000
		expect_error 1 "emu-fvm-extend: x.img: $1" emu-fvm-extend -f x.img
		expect_error 1 "emu-fvm-extend: x.img: $1" emu-fvm-extend -n -f x.img
	)
	cmp x.img old.img
	[ "$(ls -A)" = $'old.img\nx.img' ]
}

# claims FIELD_OFFSET VALUE REASON [REASON_B]: both headers say so.
claims() {
	small x.img
	image set x.img ab "$1" "$2"
	refuses "no valid copy of the FVM metadata (A: $3; B: ${4-$3})"
}

# grows: x.img is grown, and every slice is where it belongs.
grows() {
	emu-fvm-extend -f x.img -l "${1-64M}"
	image check x.img "$(numfmt --from=iec "${1-64M}")"
}

@test "fvm refuses headers that claim too much" {
	claims 16 2147483649 "2147483649 slices: more than 2^31"
	claims 16 2147483648 "allocation table of 8192 bytes: too small for 2147483648 slices"
	claims 24 0 "slice size 0: not a multiple of 8192 up to 8589934591"
	claims 24 4096 "slice size 4096: not a multiple of 8192 up to 8589934591"
	claims 24 8589942784 "slice size 8589942784: not a multiple of 8192 up to 8589934591"
	claims 24 8589926400 "16 slices of 8589926400 bytes do not fit its partition size 688128"
	claims 32 0 "16 slices of 32768 bytes do not fit its partition size 0"
	claims 32 18446744073709551615 "partition size 18446744073709551615: more than a file can have"
	claims 40 131072 "partition table of 131072 bytes, not 65536"
	claims 8 2 "version 2, newer than 1"
}

@test "fvm refuses tables that claim too much" {
	claims 48 17179869184 "allocation table of 17179869184 bytes: more than 536870912" "not found"
	claims 48 18446744073709551615 "allocation table of 18446744073709551615 bytes: not a multiple of 8192" "not found"
	claims 48 0 "allocation table of 0 bytes: not a multiple of 8192" "not found"
	claims 48 8193 "allocation table of 8193 bytes: not a multiple of 8192" "not found"
	small x.img
	image set x.img ab 32 4611686018427387904
	image set x.img ab 48 536870912
	refuses "no valid copy of the FVM metadata (A: cut short by the end of the file; B: beyond the end of the file)"
}

@test "fvm refuses slices of partitions that cannot be" {
	small x.img
	image set x.img AB 73736 1024
	refuses "slice 1 belongs to partition 1024: there are 1023"
	small x.img
	image set x.img AB $((73728 + 8 * 16)) 65535
	refuses "slice 16 belongs to partition 65535: there are 1023"
}

@test "fvm refuses what is cut off" {
	small x.img
	truncate -s -132K x.img
	refuses "truncated: slice 12 ends at byte 557056, the file at 552960"
	truncate -s 163840 x.img
	refuses "truncated: slice 12 ends at byte 557056, the file at 163840"
	truncate -s 81919 x.img
	refuses "no valid copy of the FVM metadata (A: cut short by the end of the file; B: beyond the end of the file)"
	truncate -s 104 x.img
	refuses "no valid copy of the FVM metadata (A: cut short by the end of the file; B: beyond the end of the file)"
	truncate -s 103 x.img
	refuses "not an FVM"
	truncate -s 0 x.img
	refuses "not an FVM: it is empty"
}

@test "fvm grows what is cut off behind the last slice in use" {
	small x.img
	truncate -s -128K x.img
	grows
	image make x.img 32768 ....
	truncate -s 81920 x.img
	grows
}

@test "fvm refuses an image without a valid copy" {
	small x.img
	image set x.img ab 56 1
	refuses "no valid copy of the FVM metadata (A: wrong hash; B: wrong hash)"
	small x.img
	printf x | dd of=x.img bs=1 conv=notrunc status=none
	image set x.img b 56 1
	refuses "not an FVM"
}

@test "fvm refuses noise" {
	for ((round = 0; round < EMU_TEST_N; round++)); do
		small x.img
		# Noise where the metadata is, then only in its first blocks.
		dd if=/dev/urandom of=x.img bs=4096 count=$((round % 40 + 1)) seek=$((round % 3)) \
			conv=notrunc status=none
		cp x.img old.img
		run --separate-stderr timeout 20 emu-fvm-extend -f x.img -l 64M
		if [ "$status" -eq 0 ]; then
			image check x.img 67108864
		else
			[ "$status" -eq 1 ]
			[ "${#stderr_lines[@]}" -eq 1 ]
			cmp x.img old.img
		fi
	done
}

@test "fvm needs one copy only" {
	for copy in a b; do
		small x.img
		image set x.img $copy 56 9
		grows
		[ "$(emu-fvm-extend -I -f x.img | jq -c '[.copies[].valid]')" = '[true,true]' ]
	done
	# Even when nothing says where copy B is.
	small x.img
	dd if=/dev/zero of=x.img bs=8192 count=10 conv=notrunc status=none
	grows
	small x.img
	image set x.img a 48 65536
	grows
}

@test "fvm takes the hash of the 2020 tool" {
	# That one hashed an entry for each slice that the partition has room for.
	image make x.img 8192 "$(printf 'a...%.0s' {1..255})" 16384
	image set x.img ab 64 0
	for at in 72 80 88; do
		image set x.img ab $at 0
	done
	sum=$(head -c $((73728 + 16384)) x.img | sha256sum)
	bytes=$(sed 's/../\\x&/g' <<<"${sum%% *}")
	for at in 64 $((73728 + 16384 + 64)); do
		printf "$bytes" | dd of=x.img bs=1 seek=$at conv=notrunc status=none
	done
	[ "$(emu-fvm-extend -I -f x.img | jq -c '[.copies[].valid]')" = '[true,true]' ]
	grows
}

@test "fvm takes the newer copy" {
	small x.img
	image set x.img A 96 5
	image set x.img A 56 7
	image set x.img B 56 6
	grows
	[ "$(emu-fvm-extend -I -f x.img | jq -c '[.copies[].header | .generation, .oldest_version]')" = '[7,5,7,5]' ]
	small x.img
	image set x.img B 96 5
	image set x.img B 56 18446744073709551615
	grows
	[ "$(emu-fvm-extend -I -f x.img | jq -c '.active, [.copies[].header.oldest_version]')" = $'"A"\n[1,1]' ]
	small x.img
	image set x.img A 56 18446744073709551615
	image set x.img B 96 5
	[ "$(emu-fvm-extend -I -f x.img | jq -c '.active, .copies[0].header.generation')" = $'"B"\n"18446744073709551615"' ]
	grows
}

@test "fvm grows what the original loses" {
	# One slice; a preallocated table; a table that would cost slices.
	image make x.img 32768 a
	grows
	image make x.img 32768 ab.C 65536
	for length in 500K 1M 64M 1G; do
		grows $length
	done
	image make x.img 8192 "$(printf 'ab.c%.0s' {1..255})"
	size=$(stat -c %s x.img)
	for more in 1 8192 16384 1000000; do
		grows $((size + more))
	done
	# 1024 slices: the last entry begins another block.
	image make x.img 8192 "$(printf '...a%.0s' {1..256})"
	grows
}

@test "fvm grows again and again" {
	small x.img
	for length in 688129 690000 720896 1M 8M 9M 255M 256M 300M; do
		grows $length
	done
}

@test "fvm takes an empty volume" {
	image make x.img 32768 ''
	emu-fvm-extend -f x.img -l 64M
	[ "$(image check x.img 67108864)" = "0 2042 24576 67108864" ]
}

@test "fvm never takes more room than before, but for the metadata" {
	mkdir -m 700 scratch
	image make x.img 8388608 "$(printf 'a.bD%.0s' {1..3})"
	before=$(stat -c %b x.img)
	metadata=$((2 * 90112 / 512))
	for path in x.img scratch/x; do
		cp x.img scratch/x
		emu-fvm-extend -d scratch >out.json <<-EOF
			{"images":[{"type":"blk","name":"storage-full","path":"$path","staged":true}]}
		EOF
		file=$(jq -r .images[0].path out.json)
		image check "$file" 10000000000
		[ "$(stat -c %b "$file")" -le $((before + metadata)) ]
		rm scratch/*
	done
	cp x.img y.img
	emu-fvm-extend -f y.img
	[ "$(stat -c %b y.img)" -le $((before + metadata)) ]
}

@test "fvm makes holes of zeros" {
	mkdir -m 700 scratch
	# Slices that were allocated and never written to.
	image make z.img 4194304 ......
	for slice in 1 2 5; do
		image set z.img AB $((73728 + 8 * slice)) $((slice << 16 | 1))
	done
	cp --sparse=never z.img zfull.img
	emu-fvm-extend -f zfull.img
	[ "$(stat -c %b zfull.img)" -lt 2048 ]
	cp --sparse=never z.img scratch/x
	printf '{"images":[{"type":"blk","name":"storage-full","path":"scratch/x","staged":true}]}' |
		emu-fvm-extend -d scratch >/dev/null
	[ "$(stat -c %b scratch/x)" -lt 2048 ]
}
