load ../lib

setup() {
	cd "$BATS_TEST_TMPDIR"
}

# suite LINE...: runs a file with one test of these lines.
suite() {
	printf '%s\n' "@test \"t\" {" "$@" '}' >t.bats
	run env -u BATS_TEST_RETRIES EMU_TEST_JOBS=1 HOME="$PWD/home" "$EMU_ROOT/tests/run" \
		-b "$EMU_BUILD" "$PWD/t.bats"
}

@test "a run in which a test writes to its caller's home fails" {
	suite 'mkdir -p "$HOME/.cache/emu"'
	[ "$status" -eq 1 ]
	[ "$output" = '1..1
ok 1 t
# in HOME, a test wrote ./.cache
# in HOME, a test wrote ./.cache/emu
1 passed, 1 failed' ]
	[ ! -e home ]
}

@test "a test that loads lib.bash has a home and a cache of the run" {
	suite "load $EMU_ROOT/tests/lib" 'mkdir -p "$XDG_CACHE_HOME/emu"' ': >"$HOME/file"' \
		'[[ $XDG_CACHE_HOME = "$BATS_RUN_TMPDIR"/* ]]' \
		'[ -z "${XDG_CONFIG_HOME-}${XDG_DATA_HOME-}${XDG_STATE_HOME-}" ]'
	[ "$output" = $'1..1\nok 1 t\n1 passed, 0 failed' ] || { echo "$output"; false; }
	[ ! -e home ]
}

@test "a run of no test, or in which one fails, fails" {
	suite false
	[ "$status" -eq 1 ]
	[ "${lines[-1]}" = '0 passed, 1 failed' ]
	: >t.bats
	run env EMU_TEST_JOBS=1 "$EMU_ROOT/tests/run" -b "$EMU_BUILD" "$PWD/t.bats"
	[ "$status" -eq 1 ]
	[ "${lines[-1]}" = '0 passed, 0 failed' ]
}
