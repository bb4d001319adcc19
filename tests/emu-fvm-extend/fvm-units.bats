load ../lib

call() {
	"$EMU_BUILD/tests/emu-fvm-extend/call" "$@"
}

# grows SLICE_SIZE "SLICES TABLE PARTITION_SIZE" LENGTH "SLICES TABLE PARTITION_SIZE"
grows() {
	# shellcheck disable=SC2086
	run -0 call grow "$1" $2 "$3"
	[ "$output" = "$4" ] || { echo "$*: $output"; return 1; }
}

M=1048576
G=1073741824

@test "fvm grows to the numbers of the original tool" {
	# Fresh: from nothing to what the tool makes of a disk.
	grows $((8 * M)) "24 8192 201490432" 10000000000 "1192 16384 9999400960"
	grows $((8 * M)) "24 8192 201490432" $((16 * G)) "2047 24576 17171677184"
	grows $M "0 8192 163840" 10000000000 "9536 81920 9999532032"
	grows 32768 "0 8192 163840" 10000000000 "305021 2449408 9999974400"
	# Below 8 GiB in slices of 8 MiB one block of table is enough.
	grows $((8 * M)) "24 8192 201490432" $((8 * G - 1)) "1023 8192 8581709824"
	grows $((8 * M)) "24 8192 201490432" $((8 * G)) "1023 16384 8581726208"
}

@test "fvm keeps the layout when nothing grows" {
	# Less than a slice more.
	grows 32768 "507 8192 16777216" 16777217 "507 8192 16777216"
	# A file that is shorter than its header says.
	grows 32768 "507 8192 16777216" 294913 "507 8192 16777216"
	# A preallocated table, and too little for one more slice.
	grows $((8 * M)) "31 1056768 262307840" 268435457 "31 1056768 262307840"
}

@test "fvm never shrinks a dimension" {
	# A preallocated table stays and is filled.
	grows $((8 * M)) "31 1056768 262307840" $G "127 1056768 1067614208"
	grows $((8 * M)) "31 1056768 262307840" 10000000000 "1191 1056768 9993093120"
	# A second block of table would cost two slices: none is taken.
	grows 8192 "1020 8192 8519680" 8519681 "1020 8192 8519680"
	grows 8192 "1020 8192 8519680" 8527872 "1021 8192 8527872"
	# A partition size that was not rounded.
	grows 32768 "507 8192 16800000" 16800001 "507 8192 16800000"
	grows 262144 "1023 8192 268635456" 268635457 "1024 16384 268635456"
	# One slice.
	grows 65536 "1 8192 229376" 294912 "2 8192 294912"
}

@test "fvm invariants hold for every size near a boundary" {
	for size in 8192 65536 8388608; do
		for count in 1 1021 1022 1023 1024 2046 2047; do
			for table in 8192 16384 24576; do
				[ $((8 * (count + 1))) -le $table ] || continue
				start=$((2 * (73728 + table)))
				total=$((start + count * size))
				for more in 1 4096 8191 8192 8193 $((size - 1)) $size $((size + 16384)) $((2 * size)); do
					read -r n t p <<<"$(call grow $size $count $table $total $((total + more)))"
					[ "$n" -ge $count ]
					[ "$t" -ge $table ]
					[ "$p" -ge $total ]
					[ $((8 * (n + 1))) -le "$t" ]
					[ $((2 * (73728 + t) + n * size)) -le "$p" ]
					[ "$p" -le $((total + more)) ]
				done
			done
		done
	done
}

@test "fvm refuses what the format cannot describe" {
	expect_error 1 "call: 9223372036854775807 bytes in slices of 8192: more than 67108864 slices" \
		call grow 8192 1 8192 172032 9223372036854775807
	run -0 call grow 8192 1 8192 172032 $((67108863 * 8192))
	expect_error 1 "call: 549755813888 bytes in slices of 8192: more than 67108864 slices" \
		call grow 8192 1 8192 172032 $((67108864 * 8192))
}

@test "fvm takes the newer copy, around the corner too" {
	[ "$(call newer 0 0)" = A ]
	[ "$(call newer 7 6)" = A ]
	[ "$(call newer 6 7)" = B ]
	[ "$(call newer 18446744073709551615 0)" = B ]
	[ "$(call newer 0 18446744073709551615)" = A ]
	[ "$(call newer 18446744073709551615 18446744073709551615)" = A ]
	[ "$(call newer 18446744073709551615 1)" = A ]
}

@test "fvm hashes what the original hashes" {
	# Without entry 0: the last one of 1024 lies outside.
	[ "$(call hashed 1023 8192 8544256 8192)" = "81920 81920" ]
	[ "$(call hashed 1024 8192 8568832 16384)" = "81920 90112" ]
	[ "$(call hashed 1025 8192 8577024 16384)" = "90112 90112" ]
	[ "$(call hashed 0 8192 163840 8192)" = "73728 81920" ]
	# Never beyond the table.
	[ "$(call hashed 1 8192 9223372036854775807 8192)" = "81920 81920" ]
}

@test "fvm finds runs of slices" {
	[ "$(call runs '')" = "" ]
	[ "$(call runs ...)" = "" ]
	[ "$(call runs a)" = "1+1 " ]
	[ "$(call runs aa.aaa..a)" = "1+2 4+3 9+1 " ]
	[ "$(call runs .aa.)" = "2+2 " ]
}

@test "fvm knows what else a disk may be" {
	cd "$BATS_TEST_TMPDIR"
	try() {
		truncate -s 0 x
		truncate -s 4096 x
		printf "$2" | dd of=x bs=1 seek="$1" conv=notrunc status=none
		[ "$(call kind x)" = "$3" ] || { echo "$3: $(call kind x)"; return 1; }
	}
	try 0 'FVM PART' 'an FVM disk'
	try 0 'FVM SPRS' 'a sparse FVM'
	try 0 '\x3a\xff\x26\xed' 'an Android sparse image'
	try 0 'QFI\xfb' 'a qcow2 disk'
	try 0 'FxfsSupr' 'an Fxfs file system'
	try 1080 '\x53\xef' 'an ext4 file system'
	try 512 'EFI PART' 'a disk with a GPT'
	printf 'FVM SPR' >x
	[ "$(call kind x)" = unknown ]
	: >x
	[ "$(call kind x)" = unknown ]
}
