load ../lib

@test "kills: random ones of random members of the pipeline leave nothing and lie in nothing" {
	need qemu-system-x86_64
	# LeakSanitizer waits for ever for its tracer, if that is what is killed.
	export ASAN_OPTIONS=detect_leaks=0
	run timeout 3600 python3 "$EMU_ROOT/tests/whole/kills/kill.py" "$EMU_BUILD" $((EMU_TEST_N * 2)) 3>&-
	echo "$output"
	[ "$status" -eq 0 ]
	[[ $output =~ \ $((EMU_TEST_N * 2))\ kills,\ 0\ not\ borne ]]
}
