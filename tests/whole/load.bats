load ../lib

@test "load: machines in sequence, at once, and a flood leave nothing and grow nothing" {
	need qemu-system-x86_64 python3
	long=($((EMU_TEST_N * 2)) 8 $((32 << 20)))
	[ -z "${EMU_TEST_SOAK:-}" ] || long=(1000 64 9953280000)
	run timeout 3600 python3 "$EMU_ROOT/tests/whole/load/load.py" "$EMU_BUILD" "${long[@]}" 3>&-
	echo "$output"
	[ "$status" -eq 0 ]
	[[ $output == *"| ${long[0]} machines in sequence | behind it: statuses 0, 0 processes, 0 files |"* ]]
	[[ $output == *"| ${long[1]} machines at once | of status 0, with all bytes | 0 |  | ${long[1]} |  |"* ]]
	[[ $output == *"| a flood of ${long[2]} bytes | behind it: statuses 0 0 0 0, 0 processes, 0 files |"* ]]
}
