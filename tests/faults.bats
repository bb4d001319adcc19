load lib

# Every call of a plain run of each command fails once (faults/walk.py): it
# ends, in success with all that it should write, or with one clear line and a
# right status; its input is as before, and nothing is left.

walk() { # walk SCENARIO...
	run timeout 1800 python3 "$EMU_ROOT/tests/faults/walk.py" "$EMU_BUILD" \
		$((EMU_TEST_N / 10 + 1)) "$@" 3>&-
	echo "$output"
	[ "$status" -eq 0 ]
	for name; do
		[[ $output =~ $name:\ [0-9]+\ faults,\ 0\ not\ borne ]]
	done
}

@test "faults: emu-scratch bears every one" {
	walk scratch
}

@test "faults: emu-doc, emu-argv and emu-env bear every one" {
	walk doc argv env env-cmd
}

@test "faults: emu-stage and emu-unpack bear every one" {
	walk stage stage-manifest unpack
}

@test "faults: emu-fvm-extend bears every one" {
	walk fvm fvm-file
}

@test "faults: emu-spawn bears every one" {
	walk spawn spawn-words spawn-socket
}

@test "faults: emu-watch, emu-ktap and emu-cast bear every one" {
	walk watch ktap ktap-module cast
}

@test "faults: one upstream starts no emulator and fails the pipeline" {
	walk pipeline-emu-stage pipeline-emu-fvm-extend pipeline-emu-argv
}
