load ../lib

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
}

# ktap STATUS [OPTION...]: runs emu-ktap on the file `in`.
ktap() {
	local want=$1 got=0
	shift
	timeout 30 emu-ktap "$@" <in >out 2>err || got=$?
	[ "$got" -eq "$want" ] || { echo "status $got"; cat err out; return 1; }
}

# gives STATUS: TAP out of stdin is what follows in the file `want`.
gives() {
	ktap "$1"
	diff want out
}

@test "ktap reads KUnit's output with time stamps and noise" {
	cat >in <<-'E'
		[    0.100000] Linux version 6.1
		[    0.553000] KTAP version 1
		[    0.553001] 1..2
		[    0.554002]     KTAP version 1
		[    0.554003]     # Subtest: example
		[    0.554003]     1..3
		[    0.555003]     # simple: initializing
		[    0.556003]     ok 1 simple
		[    0.556103] usb 1-1: new device
		[    0.557003]     ok 2 skipped # SKIP not here
		[    0.558003]         KTAP version 1
		[    0.558003]         # Subtest: params
		[    0.558003]         1..2
		[    0.559003]         ok 1 a=1
		[    0.560003]     # params: EXPECTATION FAILED at lib/x.c:33
		[    0.560003]         not ok 2 a=2
		[    0.560003]     not ok 3 params
		[    0.560003] # example: pass:1 fail:1 skip:1 total:3
		[    0.560003] not ok 1 example
		[    0.570003] ok 2 other
	E
	sed -i 's/$/\r/' in
	cat >want <<-'E'
		TAP version 13
		# Subtest: example
		    1..3
		    ok 1 - simple
		    ok 2 - skipped # SKIP not here
		    # Subtest: params
		        1..2
		        ok 1 - a=1
		        not ok 2 - a=2
		        # params: EXPECTATION FAILED at lib/x.c:33
		    not ok 3 - params
		not ok 1 - example
		# example: pass:1 fail:1 skip:1 total:3
		ok 2 - other
		1..2
	E
	gives 1
}

@test "ktap reads results of modules that have no header" {
	cat >in <<-'E'
		[    9.1]     KTAP version 1
		[    9.1]     # Subtest: one
		[    9.1]     1..1
		[    9.1]     ok 1 a
		[    9.1] ok 5 one
		[    9.2]     # Subtest: two
		[    9.2]     1..1
		[    9.2]     ok 1 b
		[    9.2] ok 6 two
	E
	cat >want <<-'E'
		TAP version 13
		# Subtest: one
		    1..1
		    ok 1 - a
		ok 1 - one
		# Subtest: two
		    1..1
		    ok 1 - b
		ok 2 - two
		1..2
	E
	gives 0
}

@test "ktap reads kselftest's nesting and keeps the kernel's apart" {
	cat >in <<-'E'
		TAP version 13
		1..2
		# selftests: x: a
		# TAP version 13
		# 1..2
		[    1.000000] KTAP version 1
		[    1.000000] 1..1
		# ok 1 first
		# # a comment
		[    1.100000] ok 1 kernel
		# not ok 2 second
		not ok 1 selftests: x: a # exit=1
		ok 2 selftests: x: b # SKIP
	E
	cat >want <<-'E'
		TAP version 13
		# Subtest: selftests: x: a
		    1..2
		    ok 1 - first
		    not ok 2 - second
		    # a comment
		not ok 1 - selftests: x: a # exit=1
		# selftests: x: a
		ok 2 - selftests: x: b # SKIP
		ok 3 - kernel
		1..3
	E
	gives 1
}

@test "ktap reads TAP 14 subtests and YAML, and a plan at the end" {
	cat >in <<-'E'
		TAP version 14
		# Subtest: sub
		    ok 1 - a \# b
		    1..1
		ok 1 - sub
		not ok 2 - bad
		  ---
		  ok 3 - not this
		  ...
		not ok 3 - later # TODO soon
		1..3
	E
	cat >want <<-'E'
		TAP version 13
		# Subtest: sub
		    1..1
		    ok 1 - a \# b
		ok 1 - sub
		not ok 2 - bad
		#   ok 3 - not this
		not ok 3 - later # TODO soon
		1..3
	E
	gives 1
}

@test "ktap reads TAP 12" {
	printf '1..3\nok\nok - b\nok 3 c # skip no\n' >in
	printf 'TAP version 13\nok 1\nok 2 - b\nok 3 - c # SKIP no\n1..3\n' >want
	gives 0
}

@test "ktap puts a result together again that the kernel printed into" {
	cat >in <<-'E'
		TAP version 13
		1..3
		ok 1 fi[   12.345678] usb 1-1: new high-speed device
		rst
		ok 2 second[   12.345679] usb 1-1: more

		o[   12.345680] usb 1-1: again
		k 3 third
	E
	printf 'TAP version 13\nok 1 - first\nok 2 - second\nok 3 - third\n1..3\n' >want
	gives 0
}

@test "ktap tells when a plan is not met" {
	printf 'KTAP version 1\n1..3\nok 1 a\nok 2 b\nKernel panic\n' >in
	cat >want <<-'E'
		TAP version 13
		ok 1 - a
		ok 2 - b
		not ok 3 - planned 3, saw 2
		# Kernel panic
		1..3
	E
	gives 2
	printf 'KTAP version 1\nok 1 a\n' >in
	ktap 2
	grep -q 'no plan, saw 1' out
	printf 'KTAP version 1\n1..2\nok 1 a\nok 3 b\n' >in
	ktap 2
	grep -q 'test numbers out of order' out
	printf 'KTAP version 1\n1..1\n  KTAP version 1\n  1..1\n  ok 1 a\n' >in
	ktap 2
	grep -q 'no result for the subtests' out
	printf '1..1\nok 1\nBail out! no disk\n' >in
	ktap 2
	grep -q '^not ok 2 - Bail out! no disk' out
}

@test "ktap ends 1 when something failed and the plan was not met" {
	printf '1..3\nok 1\nnot ok 2\n' >in
	ktap 1
}

@test "ktap does not believe an ok over failed subtests" {
	printf 'KTAP version 1\n1..1\n  KTAP version 1\n  1..1\n  not ok 1 a\nok 1 b\n' >in
	ktap 1
	grep -q '^not ok 1 - b' out
}

@test "ktap ends 2 when there are no results" {
	: >in
	ktap 2
	[ "$(cat err)" = 'emu-ktap: <stdin>: no test results' ]
	printf 'TAP version 13\nnot ok 1 - no test results\n1..1\n' | diff - out
	echo 'everything is ok' >in
	ktap 2
}

@test "ktap takes a plan of nothing that says why" {
	echo '1..0 # SKIP no device' >in
	ktap 0
	printf 'TAP version 13\n1..0 # SKIP no device\n' | diff - out
}

@test "ktap takes the verdict of the run's record" {
	printf '1..1\nok 1 a\n' >in
	echo '{"status":120,"cause":"panic"}' >rec
	ktap 120 -r rec
	grep -qx 'not ok 2 - rec: panic, status 120' out
	echo '{"status":0,"cause":"exit"}' >rec
	ktap 0 -r rec
	echo '{"status":123,"cause":"reader"}' >rec
	ktap 0 -r rec
	ktap 125 -r missing
	[ "$(cat err)" = 'emu-ktap: missing: No such file or directory' ]
}

@test "ktap writes TAP that prove reads" {
	need prove
	printf 'KTAP version 1\n1..2\n  KTAP version 1\n  1..1\n  ok 1 a\nok 1 b\nok 2 c # SKIP x\n' >in
	ktap 0
	prove -e cat out
	printf 'KTAP version 1\n1..3\nok 1 b\nnot ok 2 c\n' >in
	ktap 1
	run ! prove -e cat out
}

@test "ktap -J writes JUnit XML that is valid and readable" {
	need xmllint
	cat >in <<-'E'
		[    1.000000] KTAP version 1
		[    1.000000] 1..4
		[    1.000000]     KTAP version 1
		[    1.000000]     # Subtest: suite
		[    1.000000]     1..2
		[    1.500000]     ok 1 a<b> & "c"
		[    1.750000]     # b: expected 1 == 2
		[    1.750000]     not ok 2 b
		[    1.750000] not ok 1 suite
		[    1.800000] some noise
		[    2.000000] ok 2 later # SKIP no
		[    2.000000] not ok 3 slow # TIMEOUT 45 seconds
	E
	ktap 1 -J
	xmllint --noout --schema "$EMU_ROOT/tests/emu-ktap/junit.xsd" out
	x() { [ "$(xmllint --xpath "string($1)" out)" = "$2" ]; }
	x /testsuites/@tests 5
	x /testsuites/@failures 1
	x /testsuites/@errors 2
	x '//testsuite[@name="suite"]/@time' 0.750
	x '//testcase[@classname="suite"][1]/@name' 'a<b> & "c"'
	x '//testcase[@name="b"]/@time' 0.250
	x '//testcase[@name="b"]/failure' 'b: expected 1 == 2'
	x '//testcase[@name="later"]/skipped/@message' no
	x '//testcase[@name="later"]/system-out' 'some noise'
	x '//testcase[@name="slow"]/error/@message' '45 seconds'
	x '//error[@type="test output"]/@message' 'planned 4, saw 3'
}

@test "ktap -J is read by junitparser" {
	/usr/bin/python3 -c 'import junitparser' || need junitparser
	printf '1..3\nok 1 a\nnot ok 2 b\nok 3 c # SKIP d\n' >in
	ktap 1 -J
	run /usr/bin/python3 - <<-'E'
		from junitparser import JUnitXml
		x = JUnitXml.fromfile("out")
		x.update_statistics()
		print(x.tests, x.failures, x.errors, x.skipped)
		for s in x:
		    for c in s:
		        print(c.classname, c.name, [type(r).__name__ for r in c.result])
	E
	[ "$output" = "3 1 0 1
tests a []
tests b ['Failure']
tests c ['Skipped']" ]
}

@test "ktap -J is XML whatever the bytes" {
	need xmllint
	for _ in $(seq "$EMU_TEST_N"); do
		{
			printf 'TAP version 13\n1..3\n'
			for t in 1 2 3; do
				printf 'not ok %d \001\033]]>\376\355\240\200\357\277\277&\n' $t
				printf '# \000\v\302\200<![CDATA[\n'
				head -c 2000 /dev/urandom
				echo
			done
		} >in
		ktap 1 -J || ktap 2 -J
		xmllint --noout --schema "$EMU_ROOT/tests/emu-ktap/junit.xsd" out ||
			{ base64 in; false; }
	done
}

@test "ktap keeps little of much noise" {
	{
		printf 'TAP version 13\n1..2\n'
		seq -f 'noise %.0f' 1000000
		printf 'not ok 1 a\nok 2 b\n'
	} >in
	ktap 1
	[ "$(wc -c <out)" -lt 12000 ]
	grep -qx '# noise 1' out
	grep -qx '# noise 1000000' out
	grep -qE '^# \[[0-9]+ bytes left out\]$' out
	head -c 3000000 /dev/zero | tr '\0' x >>in
	ktap 1
}

@test "ktap keeps the output of what failed when there is too much" {
	{
		printf 'TAP version 13\n1..3000\n'
		noise=$(printf '%060d\n' {1..150})
		for n in {1..2500}; do printf '%s\nok %d\n' "$noise" "$n"; done
		for n in {2501..2510}; do printf 'why %d\nnot ok %d\n' $n $n; done
		echo 'Oops, gone'
	} >in
	ktap 1
	[ "$(grep -c '^# why' out)" -eq 10 ]
	grep -qx 'not ok 2511 - planned 3000, saw 2510' out
	[ "$(tail -n 2 out | head -n 1)" = '# Oops, gone' ]
}

@test "ktap reads KTAP 2 and a header behind a prompt" {
	cat >in <<-'E'
		~ # KTAP version 2
		#:ktap_test: all
		1..1
		  KTAP version 2
		  #:ktap_test: inner
		  #:ktap_speed: slow
		  1..2
		  ok 1 a
		  ok 2 b # XFAIL known
		ok 1 inner
	E
	cat >want <<-'E'
		TAP version 13
		# Subtest: inner
		    1..2
		    ok 1 - a
		    not ok 2 - b # TODO known
		ok 1 - inner
		1..1
	E
	gives 0
}

@test "ktap reads documents that follow each other as one" {
	cat >in <<-'E'
		KTAP version 1
		1..1
		ok 1 a
		KTAP version 1
		1..1
		  KTAP version 1
		  1..2
		  ok 1 b
		KTAP version 1
		1..1
		ok 1 c
	E
	cat >want <<-'E'
		TAP version 13
		ok 1 - a
		# Subtest: 
		    1..2
		    ok 1 - b
		    not ok 2 - planned 2, saw 1
		not ok 2
		not ok 3 - no result for the subtests
		not ok 4 - planned 1, saw 0
		ok 5 - c
		1..5
	E
	gives 2
	printf '1..1\nok 1 a\n1..2\nok 1 b\nok 2 c\n' >in
	printf 'TAP version 13\nok 1 - a\nok 2 - b\nok 3 - c\n1..3\n' >want
	gives 0
}

@test "ktap takes a failed suite of good tests for a failure" {
	printf 'KTAP version 1\n1..1\n  KTAP version 1\n  1..1\n  ok 1 a\nnot ok 1 s\n' >in
	printf 'TAP version 13\n# Subtest: s\n    1..1\n    ok 1 - a\nnot ok 1 - s\n1..1\n' >want
	gives 1
	ktap 1 -J
	grep -qF '<testsuites tests="2" failures="1" errors="0">' out
	grep -qF '<testcase name="s" classname="tests">' out
	printf '1..1\n  # Subtest: x\n  1..1\n    # Subtest: y\n    1..1\n    ok 1 a\n  ok 1\nok 1\n' >in
	ktap 0 -J
	grep -qF '<testcase name="a" classname="x.y"/>' out
}

@test "ktap leaves a suite its name when the result has none" {
	printf 'KTAP version 1\n1..1\n  # Subtest: x\n  1..1\n  ok 1 a\nok 1\n' >in
	printf 'TAP version 13\n# Subtest: x\n    1..1\n    ok 1 - a\nok 1 - x\n1..1\n' >want
	gives 0
}

@test "ktap tells of a second plan and of subtests without results" {
	printf '1..2\n1..1\nok 1\n' >in
	printf 'TAP version 13\nnot ok 1 - a second plan, 1..1\nok 2\n1..2\n' >want
	gives 2
	printf 'KTAP version 1\n1..1\n  KTAP version 1\nok 1 a\n' >in
	ktap 2
	grep -qx '    not ok 1 - no tests' out
	printf 'KTAP version 1\n1..1\n  KTAP version 1\n  1..1\n    KTAP version 1\n    1..1\nok 1 a\n' >in
	ktap 2
	grep -qx '        not ok 1 - planned 1, saw 0' out
	grep -qx '    not ok 2 - no result for the subtests' out
	printf 'KTAP version 1\n  KTAP version 1\n  1..1\n1..1\n  ok 1 a\nok 1 b\n' >in
	ktap 2
	grep -qx '    not ok 1 - planned 1, saw 0' out
	grep -qx 'not ok 2 - no result for the subtests' out
}

@test "ktap ends all levels at a bail out, and takes one without tests" {
	printf 'KTAP version 1\n1..1\n  KTAP version 1\n  1..1\nBail out!\n' >in
	ktap 2
	grep -qx 'not ok 3 - Bail out! ' out
	echo 'Bail out! no disk' >in
	printf 'TAP version 13\nnot ok 1 - Bail out! no disk\n1..1\n' >want
	gives 2
}

@test "ktap does not believe what is nested too deeply" {
	for i in {0..32}; do printf '%*sKTAP version 1\n%*s1..1\n' $i '' $i ''; done >in
	printf '%32snot ok 1 deep\n' '' >>in
	for i in {31..0}; do printf '%*sok 1 t%d\n' $i '' $i; done >>in
	ktap 2
	grep -qE '^ *not ok 1 - nested too deeply$' out
}

@test "ktap takes only whole words for test output" {
	cat >in <<-'E'
		    1..3
		1..x
		1..3 apples
		TAP version x
		TAP version 13 or so
		KTAP version 1
		1..1
		ok 0 no number
		    ok 7 out of place
		ok 1 a # SKIPPED: no
	E
	printf 'TAP version 13\nok 1 - a # SKIP no\n1..1\n' >want
	gives 0
}

@test "ktap does not put together what stands by itself" {
	cat >in <<-'E'
		TAP version 13
		1..2
		login: [    1.000000] usb
		ok 1 a
		who[    2.000000] usb
		ami
		ok 2 b
	E
	printf 'TAP version 13\nok 1 - a\nok 2 - b\n1..2\n' >want
	gives 0
}

@test "ktap ends YAML without an end at the next result" {
	printf '1..2\nnot ok 1 a\n  ---\n  why: x\nnot ok 2 b\n' >in
	printf 'TAP version 13\nnot ok 1 - a\n#   why: x\nnot ok 2 - b\n1..2\n' >want
	gives 1
}

@test "ktap gives what Perl says of a failure to that failure" {
	printf 'ok 1 - z\nnot ok 2 - a\n#   Failed test a\n#   at line 3.\nok 3\n1..3\n' >in
	cat >want <<-'E'
		TAP version 13
		ok 1 - z
		not ok 2 - a
		#   Failed test a
		#   at line 3.
		ok 3
		1..3
	E
	gives 1
}

@test "ktap keeps little of long notes, a long name and long YAML" {
	{
		printf '1..1\n# %s\nnot ok 1 ' "$(printf %0100d 0)"
		printf '%02000d # %02000d' 0 0
		printf '\n  ---\n'
		seq -f '  line %.0f' 2000
		printf '  ...\n'
	} >in
	ktap 1
	[ "$(sed -n 's/^not ok 1 - //p' out)" = "$(printf '%01024d # %01024d' 0 0)" ]
	[ "$(wc -c <out)" -lt 12000 ]
	grep -qE '^# \[[0-9]+ bytes left out\]$' out
	grep -qx '#   line 2000' out
	ktap 1 -J
	grep -qE '^\[[0-9]+ bytes left out\]$' out
}

@test "ktap bears YAML without an end, and gives up on tests without an end" {
	{
		printf '1..1\nnot ok 1 a\n  ---\n'
		yes '  and so on' | head -c 40000000
	} >in
	ktap 1
	[ "$(wc -c <out)" -lt 12000 ]
	expect_error 125 'emu-ktap: <stdin>: too many tests' \
		sh -c 'yes "ok 1 $(printf %01000d 0)" | timeout 60 emu-ktap'
}

@test "ktap replaces what is not UTF-8" {
	printf '1..1\nok 1 - \303\274\377\355\240\200 #\302\n' >in
	printf 'TAP version 13\nok 1 - \303\274' >want
	for _ in 1 2 3 4; do printf '\357\277\275'; done >>want
	printf ' # \357\277\275\n1..1\n' >>want
	gives 0
}

@test "ktap refuses a usage that is none" {
	expect_error 125 "emu-ktap: -x: unknown option
usage: emu-ktap [-J] [-r record]" emu-ktap -x
	expect_error 125 'emu-ktap: file: unexpected operand
usage: emu-ktap [-J] [-r record]' emu-ktap file
	[ "$(emu-ktap -V)" = 'emu-ktap 0.1' ]
	[ "$(emu-ktap -h | sed -n 's/^  -\(.\).*/\1/p' | tr -d '\n')" = JrhV ]
	[ "$(emu-ktap --help)" = "$(emu-ktap -h)" ]
	[ "$(emu-ktap --version)" = 'emu-ktap 0.1' ]
}

@test "ktap fails when it cannot write" {
	printf '1..1\nok 1\n' >in
	status=0
	emu-ktap <in >/dev/full 2>err || status=$?
	[ "$status" -eq 125 ]
	[ "$(cat err)" = 'emu-ktap: <stdout>: No space left on device' ]
	expect_error 125 'emu-ktap: <stdout>: Bad file descriptor' \
		sh -c 'emu-ktap <in >&-'
	expect_error 125 'emu-ktap: <stdin>: Is a directory' \
		sh -c 'emu-ktap </'
}

@test "ktap reads subtests indented by tabs" {
	cat >in <<-'E'
		TAP version 14
		1..1
		T# Subtest: outer
		T1..3
		Tok 1 - a
		T# b: EXPECTATION FAILED at x.c:1
		Tnot ok 2 - b
		ok 1 - outer
	E
	sed -i 's/^T\([^A]\)/\t\1/' in
	cat >want <<-'E'
		TAP version 13
		# Subtest: outer
		    1..3
		    ok 1 - a
		    not ok 2 - b
		    # b: EXPECTATION FAILED at x.c:1
		    not ok 3 - planned 3, saw 2
		not ok 1 - outer
		1..1
	E
	gives 1
}

@test "ktap reads a module's subtests indented by tabs" {
	printf '\t# Subtest: one\n\t1..1\n\tok 1 - a\nok 1 - one\n\t# Subtest: two\n\t1..1\n\tnot ok 1 - b\nok 2 - two\n' >in
	ktap 1
	grep -qx '    not ok 1 - b' out
}

@test "ktap passes no output with a failed or lost result in it" {
	run -0 timeout 60 python3 "$EMU_ROOT/tests/emu-ktap/liars.py" $((EMU_TEST_N * 30)) 1
}

@test "ktap takes an empty plan for no results unless it is a SKIP" {
	echo '1..0' >in
	printf 'TAP version 13\nnot ok 1 - no tests\n1..1\n' >want
	gives 2
	printf 'KTAP version 1\n1..1\n    KTAP version 1\n    1..0\nok 1 x\n' >in
	ktap 2
	grep -q '^    not ok 1 - no tests$' out
	printf 'KTAP version 1\n1..1\n    KTAP version 1\n    1..0 # SKIP none\nok 1 x # SKIP none\n' >in
	ktap 0
	echo '1..0 # SKIP no device' >in
	ktap 0 -J
	[ "$(grep -c '<testcase ' out)" -eq 1 ]
	grep -q '^<testsuites tests="1" ' out
	grep -q '^<skipped type="SKIP" message="no device">' out
}

@test "ktap reads lines with one blank before each" {
	printf ' TAP version 14\n 1..1\n     # Subtest: s\n     1..1\n     ok 1 - a\n ok 1 - s\n' >in
	printf 'TAP version 13\n# Subtest: s\n    1..1\n    ok 1 - a\nok 1 - s\n1..1\n' >want
	gives 0
}

@test "ktap reads one blank before kselftest's nesting and before a mere plan" {
	printf ' TAP version 13\n 1..1\n # TAP version 13\n # 1..2\n # ok 1 a\n # not ok 2 b\n ok 1 x\n' >in
	ktap 1
	grep -qx '    not ok 2 - b' out
	printf ' 1..2\n ok 1 a\n ok 2 b\n' >in
	printf 'TAP version 13\nok 1 - a\nok 2 - b\n1..2\n' >want
	gives 0
	printf ' ok 1 a\n ok 2 b\n 1..2\n' >in
	gives 0
}

@test "ktap takes a torn string sequence for text" {
	printf '1..2\nok 1 a\n\033]0;title\nnot \033_ok 2 b\n' >in
	ktap 1
	for torn in '\033Xnot ok 2 b\n' '\033^not ok 2 b' '\033P\033_not ok 2 b\033[0m\n' '\033]not ok 2 b\033'; do
		printf "1..2\nok 1 a\n$torn" >in
		ktap 1
	done
}

@test "ktap reads subtests in braces behind their result" {
	cat >in <<-'E'
		TAP version 13
		ok 1 - outer # time=1ms {
		    ok 1 - inner
		    ok 2 - group {
		        ok 1 - deep
		        1..1
		    }
		    1..2
		}
		not ok 2 - bad
		  ---
		  at: x.js
		  ...
		{
		    not ok 1 - why
		    1..1
		}
		ok 3 - last
		1..3
	E
	cat >want <<-'E'
		TAP version 13
		# Subtest: outer
		    1..2
		    ok 1 - inner
		    # Subtest: group
		        1..1
		        ok 1 - deep
		    ok 2 - group
		ok 1 - outer # time=1ms
		# Subtest: bad
		    1..1
		    not ok 1 - why
		not ok 2 - bad
		#   at: x.js
		ok 3 - last
		1..3
	E
	gives 1
	ktap 1 -J
	[ "$(grep -c '<testcase ' out)" -eq 4 ]
}

@test "ktap does not believe an ok before failed, missing or torn subtests" {
	printf '1..1\nok 1 - outer {\n    not ok 1 - inner\n    1..1\n}\n' >in
	ktap 1
	printf '1..1\nok 1 - outer {\n    ok 1 - inner\n    1..2\n}\n' >in
	ktap 2
	grep -q '^    not ok 2 - planned 2, saw 1$' out
	printf '1..1\nok 1 - outer {\n}\n' >in
	ktap 2
	grep -q '^    not ok 1 - no tests$' out
	for torn in 'ok 1 - outer {' 'ok 1 - outer {\n    ok 1 - inner\n    1..1'; do
		printf "1..1\n$torn\n" >in
		ktap 2
		grep -qE '^not ok [0-9] - no end of the subtests of outer$' out
	done
	# A result that only looks like one with subtests.
	printf '1..2\nok 1 - parse {\nok 2 - }\n' >in
	ktap 0
}

@test "ktap does not believe an ok over a subtest that says nothing" {
	printf 'TAP version 14\n1..1\n  # Subtest: s\n  1..1\n    # Subtest: case\n  ok 1 - case\nok 1 - s\n' >in
	ktap 2
	grep -q '^        not ok 1 - no tests$' out
	printf 'TAP version 14\n1..1\n  # Subtest: s\n  1..1\n    # Subtest: case\n  ok 1 - case # SKIP\nok 1 - s\n' >in
	ktap 0
}

@test "ktap -J counts a suite of skipped tests as those tests" {
	printf '1..1\n    # Subtest: s\n    1..2\n    ok 1 a # SKIP\n    ok 2 b # SKIP\nok 1 s # SKIP\n' >in
	ktap 0 -J
	[ "$(grep -c '<testcase ' out)" -eq 2 ]
	[ "$(grep -c '<skipped ' out)" -eq 2 ]
}

@test "ktap reads KUnit's attributes and prefixes of several kinds" {
	cat >in <<-'E'
		[    1.000000][    T1] KTAP version 1
		[    1.000000][    T1] 1..1
		[    1.000000][    T1]   KTAP version 1
		[    1.000000][    T1]   # Subtest: s
		[    1.000000][    T1]   # module: m
		[    1.000000][    T1]   1..2
		[    1.000000][    T1]   # a.speed: slow
		[    1.000000][    T1]   ok 1 a
		[    1.000000][    T1] # not of KUnit
		[    1.000000][    T1]   ok 2 b # SKIP no
		[    1.000000][    T1] ok 1 s
	E
	ktap 0 -J
	grep -q '^<testsuites tests="2" failures="0" errors="0"' out
	[ "$(grep -c '<skipped ' out)" -eq 1 ]
}

@test "ktap does not believe an ok over failed subtests that nothing announces" {
	printf '1..1\n    not ok 1 - inner\nok 1 - outer\n' >in
	ktap 1
	printf 'KTAP version 1\n1..2\nnot ok 1 a\n    KTAP version 1\n    1..1\n        not ok 1 c\nnot ok 2 b\n' >in
	ktap 1 -J
	[ "$(grep -c '<failure ' out)" -eq 2 ]
}

@test "ktap reads levels whose first lines are those of a level further in" {
	cat >in <<-'E'
		# Subtest: foo
		    # Subtest: bar
		        # Subtest: baz
		            ok 1 - deep
		            1..1
		        ok 1 - baz
		        ok 2 - x
		        1..2
		    ok 1 - bar
		    # Subtest: two
		        1..1
		        ok 1
		    not ok 2 - two
		    1..2
		ok 1 - foo
		1..1
	E
	cat >want <<-'E'
		TAP version 13
		# Subtest: foo
		    1..2
		    # Subtest: bar
		        1..2
		        # Subtest: baz
		            1..1
		            ok 1 - deep
		        ok 1 - baz
		        ok 2 - x
		    ok 1 - bar
		    # Subtest: two
		        1..1
		        ok 1
		    not ok 2 - two
		not ok 1 - foo
		1..1
	E
	gives 1
	printf '1..1\n        ok 1 deep\n    1..1\nok 1 a\n' >in
	ktap 2
	grep -qx '    not ok 2 - no result for the subtests' out
	printf '1..1\n        ok 1 deep\n    ok 2 b\nok 1 a\n' >in
	ktap 2
	grep -qx '    not ok 2 - test numbers out of order' out
}

@test "ktap overlooks no failure that belongs nowhere" {
	printf '1..1\n    not ok 2 inner\nok 1 outer\n' >in
	ktap 2
	grep -qx 'not ok 1 - out of place: not ok 2 inner' out
	printf 'KTAP version 1\n1..1\nnot ok without a number\nok 1 a\n' >in
	ktap 2
	printf 'not ok 7 the end of a log\nKTAP version 1\n1..1\nok 1 a\n' >in
	ktap 2
	printf 'not ok, says a program\n  not ok 3 x # SKIP\nKTAP version 1\n1..1\nok 1 a\n' >in
	ktap 0
}

@test "ktap counts a suite that failed beside errors in its output" {
	printf 'KTAP version 1\n1..1\n  KTAP version 1\n  1..2\n  ok 1 a\nnot ok 1 s\n' >in
	ktap 1 -J
	grep -q '^<testsuites tests="3" failures="1" errors="1"' out
	printf '1..1\nBail out! %0200d\n' 0 >in
	ktap 2
	grep -qx "not ok 1 - Bail out! $(printf %0127d 0)" out
}

@test "ktap does not take the rest of a torn failure for a result" {
	printf '1..2\nnot [    1.000000] usb\nok 1 a\nok 2 b\n' >in
	ktap 1
	grep -qx 'not ok 1 - a' out
	printf '1..1\n    not[    1.000000] usb\n ok 1 a\nok 1 s\n' >in
	ktap 1
	grep -qx '    not ok 1 - a' out
	printf '1..1\n  [    1.000000] usb\nok 1 a\nok 1 s\n' >in
	printf 'TAP version 13\n# Subtest: s\n    1..1\n    ok 1 - a\nok 1 - s\n1..1\n' >want
	gives 0
	printf '1..1\nnot \nok 1 a\n' >in
	ktap 1
}

@test "ktap believes no flat list of tests without a plan" {
	printf 'ok 1 a\nok 2 b\n' >in
	ktap 2
	grep -qx 'not ok 3 - no plan, saw 2' out
}
