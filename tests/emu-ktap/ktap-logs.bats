# emu-ktap on the logs of real guests: KUnit's own code of Linux 6.1 and its
# tests in a module of Debian's kernel, and kselftest's runner with tests of it.
load ../lib

logs=$EMU_ROOT/tests/emu-ktap/logs

# ktap LOG STATUS POINTS CASES: converts to both; so many result lines and cases.
ktap() {
	local got=0
	cd "$BATS_TEST_TMPDIR" || return 1
	emu-ktap <"$logs/$1" >tap || got=$?
	[ "$got" -eq "$2" ]
	got=0
	emu-ktap -J <"$logs/$1" >xml || got=$?
	[ "$got" -eq "$2" ]
	[ "$(grep -cE '^ *(not )?ok ' tap)" -eq "$3" ]
	xmllint --noout --schema "$EMU_ROOT/tests/emu-ktap/junit.xsd" xml
	[ "$(xmllint --xpath 'count(//testcase)' xml)" -eq "$4" ]
}

@test "ktap reads a KUnit run" {
	ktap kunit-example 0 8 6
	[ "$(xmllint --xpath 'count(//skipped)' xml)" -eq 2 ]
	prove -e cat tap
}

@test "ktap reads KUnit modules one after the other, and why a test failed" {
	ktap kunit-all 1 85 77
	[ "$(xmllint --xpath 'string(//failure/@message)' xml)" = \
		'wrong_test: EXPECTATION FAILED at glue.c:6' ]
	xmllint --xpath 'string(//failure)' xml | grep -q 'Expected sum == 5, but'
	xmllint --xpath 'string(//testcase[@name="warn_test"]/system-out)' xml |
		grep -q 'end trace'
	# No result that KUnit printed is missing.
	[ "$(grep -cE '\] +(not )?ok ' "$logs/kunit-all")" -eq 85 ]
}

@test "ktap keeps the oops that ended a KUnit run" {
	ktap kunit-crash 2 6 5
	[ "$(xmllint --xpath 'string(//error/@message)' xml)" = 'planned 2, saw 1' ]
	xmllint --xpath 'string(//testcase[error]/system-out)' xml |
		grep -q '^Oops: 0002 \[#1\] PREEMPT SMP NOPTI'
}

@test "ktap reads a kselftest run with its nested tests" {
	ktap kselftest 1 31 28
	x() { xmllint --xpath "string($1)" xml; }
	[ "$(x '//testsuite[@name="selftests: many: close_range_test"]/@tests')" = 8 ]
	[ "$(x '//testcase[failure]/@name')" = 'selftests: many: missing_test' ]
	[ "$(x '//failure/@message')" = 'selftests: many: missing_test' ]
}

@test "ktap finds the same without time stamps and carriage returns" {
	cd "$BATS_TEST_TMPDIR"
	for log in kunit-example kunit-all kselftest; do
		emu-ktap <"$logs/$log" >with || true
		tr -d '\r' <"$logs/$log" | sed 's/^\[ *[0-9.]*\] //' |
			emu-ktap >without || true
		diff <(grep -E '^ *(not )?ok ' with) <(grep -E '^ *(not )?ok ' without)
	done
}

@test "ktap's status and prove's agree, whatever lines are lost" {
	cd "$BATS_TEST_TMPDIR"
	for seed in $(seq "$EMU_TEST_N"); do
		for log in kunit-example kunit-crash; do
			awk -v seed="$seed" 'BEGIN { srand(seed) } rand() > .03' \
				"$logs/$log" >in
			a=0 b=0
			emu-ktap <in >tap 2>/dev/null || a=$?
			prove -e cat tap >told 2>&1 || b=$?
			run ! grep 'Parse errors' told
			[ $((a == 0)) -eq $((b == 0)) ] || { echo "$a $b"; cat tap; false; }
		done
	done
}
