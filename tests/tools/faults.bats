load ../lib

# Every call of a plain run of each command fails once (faults/walk.py): it
# ends, in success with all that it should write, or with one clear line and a
# right status; its input is as before, and nothing is left. By make soak every
# one does, else some of each kind.

walk() { # walk SCENARIO...: all whose names begin so
	local most=2
	[ "${EMU_BUILD##*/}" != san ] || most=1
	[ -z "${EMU_TEST_SOAK:-}" ] || most=100000
	run timeout 7200 python3 "$EMU_ROOT/tests/tools/faults/walk.py" "$EMU_BUILD" $most "$@" 3>&-
	echo "$output"
	[ "$status" -eq 0 ]
	for name; do
		[[ $output =~ (^|$'\n')$name:\ [1-9][0-9]*\ faults,\ 0\ not\ borne ]]
	done
}

@test "faults: emu-scratch bears every one" {
	walk scratch
}

@test "faults: emu-doc, emu-argv and emu-env bear every one" {
	walk doc argv env
}

@test "faults: emu-init bears every one" {
	walk init
}

@test "faults: emu-stage and emu-unpack bear every one" {
	need qemu-img zstd
	walk stage unpack
}

@test "faults: emu-fvm-extend bears every one" {
	walk fvm
}

@test "faults: emu-spawn bears every one" {
	need socat
	walk spawn
}

@test "faults: emu-watch, emu-ktap and emu-cast bear every one" {
	walk watch ktap ktap-module cast
}

@test "faults: one in any member of emu-run fails the run, or nothing" {
	walk run-scratch run-doc run-stage run-fvm-extend run-argv run-spawn
}

@test "faults: every call that a command makes is one that fails, or cannot" {
	[[ ${EMU_BUILD##*/} != @(san|coverage) ]] || return 0 # have their own calls
	for c in "$EMU_BUILD"/emu-*; do
		nm -D --undefined-only "$c" 2>/dev/null || true
	done | sed 's/.* //; s/@.*//' | sort -u >"$BATS_TEST_TMPDIR/made"
	nm -D --defined-only "$EMU_BUILD/tests/tools/faults.so" | sed 's/.* //; s/@.*//' |
		cat - <(grep -v '^#' "$EMU_ROOT/tests/tools/faults/others" | tr -s ' ' '\n') |
		sort -u >"$BATS_TEST_TMPDIR/known"
	run comm -23 "$BATS_TEST_TMPDIR/made" "$BATS_TEST_TMPDIR/known"
	echo "$output"
	[ -z "$(grep -vE '^(archive|json|pcre2|EVP|SHA|ZSTD|isal|lzma|str|mem|_ITM|__gmon|__cxa|__mem|__str|__gcov|__isoc23_str)' <<<"$output")" ]
}
