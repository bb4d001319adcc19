load ../lib

setup() {
	cd "$BATS_TEST_TMPDIR"
	export TMPDIR=$PWD/tmp
	mkdir tmp
	fake=$EMU_BUILD/tests/emu-spawn/fake
}

teardown() {
	[ -z "$(ls -A "$BATS_TEST_TMPDIR/tmp")" ]
}

has() {
	jq -e "$1" record >/dev/null || { jq . record; false; }
}

@test "a limit is extended by the wait for a CPU, at most once its length" {
	limits=$EMU_BUILD/tests/emu-spawn/limits
	[ "$("$limits" 100 99:50)" = '0 100' ]
	[ "$("$limits" 100 100:0)" = '1 100' ]
	[ "$("$limits" 100 100:30 130:30)" = $'0 130\n1 130' ]
	[ "$("$limits" 100 100:30 130:60 160:60)" = $'0 130\n0 160\n1 160' ]
	[ "$("$limits" 100 100:900 200:900)" = $'0 200\n1 200' ]
	# Threads that ended take their share with them.
	[ "$("$limits" 100 100:30 129:0 130:0)" = $'0 130\n0 130\n1 130' ]
}

@test "an emulator that others keep from the CPU gets more time" {
	outside_valgrind
	need taskset
	grep -q ' [1-9]' /proc/self/schedstat || skip "no schedstat"
	for _ in 1 2 3 4; do
		timeout 5 taskset -c 0 bash -c 'while :; do :; done' 3>&- &
	done
	timeout 60 taskset -c 0 emu-spawn -o record -t 1 bash -c 'while :; do :; done' || true
	kill $(jobs -p)
	has '.cause == "timeout" and .end > 1.3 and .end < 10'
}

@test "an idle guest is no starved one" {
	run timeout 60 emu-spawn -o record -t 0.5 sleep 60
	has '.cause == "timeout"'
	[ "$status" -eq 124 ]
}

@test "bytes that come hold the silence off" {
	run timeout 60 emu-spawn -q 1 bash -c 'for i in 1 2 3 4 5 6; do echo $i; sleep 0.3; done'
	[ "$status" -eq 0 ]
}

@test "the silence clock stands still while a reader without log is behind" {
	mkfifo line
	exec 4<>line
	timeout 60 emu-spawn -q 0.3 -o record "$fake" out=$((3 << 20)) wait=60000 >line 4>&- 3>&- 2>err &
	sleep 1
	run ! gone $!
	timeout 60 "$fake" in=$((3 << 20)) <line
	status=0
	wait $! || status=$?
	[ "$status" -eq 122 ]
	has '.cause == "silence" and .bytes_out == 3145728 and .undelivered == 0'
}

@test "with a log a slow reader is no excuse for silence" {
	mkfifo line
	exec 4<>line
	status=0
	timeout 60 emu-spawn -q 0.3 -k 0.3 -l log -o record "$fake" out=$((3 << 20)) wait=60000 >line 4>&- 3>&- 2>err ||
		status=$?
	[ "$status" -eq 122 ]
}

@test "-f is about the first byte, -q about the later ones" {
	run timeout 60 emu-spawn -o record -f 20 -q 0.3 bash -c 'sleep 0.1; echo; sleep 60'
	has '.limit == "silence"'
	run timeout 60 emu-spawn -o record -f 0.3 bash -c 'echo; sleep 0.6; echo'
	[ "$status" -eq 0 ]
}

@test "output on its way out is read while the emulator is asked to end" {
	timeout 60 emu-spawn -t 0.3 -o record -l log bash -c 'trap "exec \"$0\" out=3000000 exit=0" TERM; while :; do sleep 0.05; done' "$fake" >got 2>err ||
		[ $? -eq 124 ]
	"$fake" all=3000000 <got
	"$fake" all=3000000 <log
	has '.exit == 0 and .cause == "timeout"'
}
