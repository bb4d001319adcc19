load ../lib

setup() {
	cd "$BATS_TEST_TMPDIR"
	export TMPDIR=$PWD/tmp
	mkdir tmp
	monitor qmp0
	M=(-chardev socket,id=qmp0,fd=3 "${MONITOR[@]}")
	Q=(qemu-system-x86_64 -m 64 -nodefaults -display none -serial stdio
		-no-reboot -kernel "$EMU_BUILD/demo-x64" -device pvpanic
		-device isa-debug-exit,iobase=0xf4,iosize=4)
}

teardown() {
	[ -z "$(ls -A "$BATS_TEST_TMPDIR/tmp")" ]
}

# has FILTER: the record has what the jq filter says.
has() {
	jq -e "$@" record >/dev/null || { jq . record; false; }
}

# spawn STATUS ARG...: runs emu-spawn with a record and expects the status.
spawn() {
	local want=$1
	shift
	run --separate-stderr "-$want" timeout 60 emu-spawn -o record "$@"
	has ".status == $want"
}

@test "the line comes out as it was written, the messages apart" {
	spawn 0 sh -c 'printf "a\r\nb\n\0c" ; echo oops >&2'
	[ "$stderr" = oops ]
	emu-spawn sh -c 'printf "a\r\nb\n\0c"; echo oops >&2' 2>/dev/null >got
	printf 'a\r\nb\n\0c' | cmp - got
	has '.cause == "exit" and .bytes_out == 7 and .undelivered == 0 and .stderr == "oops\n"'
}

@test "the emulator's status is ours" {
	spawn 7 sh -c 'echo hello; exit 7'
	[ "$stderr" = 'emu-spawn: sh: exit status 7' ]
	has '.exit == 7 and .signal == null'
	spawn 119 sh -c 'echo hello; exit 118'
	has '.exit == 118'
}

@test "an emulator that fails without a word on the line is told with its last one on stderr" {
	spawn 1 sh -c 'echo "sh: warning" >&2; echo "sh: no such machine" >&2; exit 1'
	[ "${stderr_lines[-1]}" = 'emu-spawn: sh: exit status 1, no output: sh: no such machine' ]
}

@test "-x names what is success" {
	spawn 0 -x 33 -x 7 sh -c 'exit 33'
	has '.exit == 33'
	spawn 118 -x 33 true
	[ "$stderr" = 'emu-spawn: true: exit status 0, which is no success here' ]
	spawn 5 -x 33 sh -c 'echo; exit 5'
	spawn 0 -x 33 -x 0 true
}

@test "an emulator that dies of a signal is told" {
	spawn 137 sh -c 'kill -9 $$'
	has '.cause == "signal" and .signal == 9 and .exit == null'
	[ "$stderr" = 'emu-spawn: sh: died of signal 9 (Killed)' ]
}

@test "what cannot be run is 126, what is not there 127, and the record says so" {
	spawn 127 no-such-emulator
	[ "$stderr" = 'emu-spawn: no-such-emulator: No such file or directory' ]
	has '.cause == "start" and .exit == null and .argv == ["no-such-emulator"]'
	: >file
	spawn 126 ./file
	[ "$stderr" = 'emu-spawn: ./file: Permission denied' ]
}

@test "words come from stdin, each ended by a NUL" {
	printf 'printf\0%%s|\0a b\0\0new\nline\0' | emu-spawn >got
	printf 'a b||new\nline|' | cmp - got
}

@test "words come from a file, and stdin is the input" {
	printf 'head\0-n1\0' >words
	[ "$(printf 'one\ntwo\n' | emu-spawn -a words)" = one ]
}

@test "given nothing to run, nothing is run" {
	expect_error 125 'emu-spawn: <stdin>: empty' emu-spawn </dev/null
	: >words
	expect_error 125 'emu-spawn: words: empty' emu-spawn -a words
	expect_error 125 'emu-spawn: nowhere: No such file or directory' emu-spawn -a nowhere
	printf 'touch\0ran' >words
	expect_error 125 'emu-spawn: words: the last word is not ended by a NUL' emu-spawn -a words
	printf '\0ran\0' >words
	expect_error 125 'emu-spawn: words: the first word is empty' emu-spawn -o record -a words
	has '.cause == "error" and .status == 125 and .argv == []'
	[ ! -e ran ] && [ ! -e tmp/ran ]
}

@test "wrong command lines are refused" {
	for args in '-t x' '-T 0' '-x 256' '-x -1' '-n -p true' '-a words true' '-@' '-t'; do
		# shellcheck disable=SC2086 # words
		run --separate-stderr emu-spawn $args
		[ "$status" -eq 125 ]
		[[ ${stderr_lines[1]} = 'usage: emu-spawn '* ]]
		[ -z "$output" ]
	done
}

@test "few descriptors are enough" {
	outside_valgrind
	# Fewer than what emu-spawn may have to poll.
	for n in 30 64 100; do
		run -0 sh -c 'ulimit -n "$1"; timeout 60 emu-spawn -S socket -t 30 echo up' - "$n"
		[ "$output" = up ]
	done
}

@test "a closed stdout is refused" {
	outside_valgrind
	run --separate-stderr sh -c 'emu-spawn touch ran >&-'
	[ "$status" -eq 125 ]
	[ "$stderr" = 'emu-spawn: <stdout>: Bad file descriptor' ]
}

@test "-t is a limit" {
	spawn 124 -t 0.2 sh -c 'echo hello; exec sleep 60'
	[ "$output" = hello ]
	[ "$stderr" = 'emu-spawn: still running after 0.2 s; the last line was "hello"' ]
	has '.cause == "timeout" and .limit == "total" and .signal == 15'
}

@test "-q and -f are limits" {
	spawn 122 -q 0.2 sh -c 'echo hello; exec sleep 60'
	[ "$output" = hello ]
	[ "$stderr" = 'emu-spawn: no output for 0.2 s; the last line was "hello"' ]
	spawn 122 -q 0.2 sh -c 'printf "one\r\n\033[1;31mtw\001o\033]\033[0m\r\n\n  "; exec sleep 60'
	[ "$stderr" = 'emu-spawn: no output for 0.2 s; the last line was "two"' ]
	has '.cause == "silence" and .limit == "silence"'
	spawn 122 -f 0.2 sleep 60
	[ "$stderr" = 'emu-spawn: no output in the first 0.2 s' ]
	has '.limit == "first"'
	spawn 0 -f 10 -q 10 sh -c 'echo hello'
}

@test "-T and EMU_TIME_SCALE scale the limits" {
	spawn 124 -T 0.001 -t 200 sleep 60
	[ "$stderr" = 'emu-spawn: still running after 0.2 s' ]
	EMU_TIME_SCALE=0.001 spawn 124 -t 200 sleep 60
	EMU_TIME_SCALE=1000 spawn 124 -T 0.001 -t 200 sleep 60
	EMU_TIME_SCALE=1e9 spawn 0 -t 36500d true
}

@test "who does not heed SIGTERM is killed" {
	spawn 124 -k 0.2 -t 0.2 sh -c 'trap "" TERM; echo hello; while :; do sleep 60; done'
	has '.signal == 9'
	spawn 124 -k 0 -t 0.2 sleep 60
	has '.signal == 9'
}

@test "the log is the line" {
	spawn 0 -l log sh -c 'printf "a\r\nb"; sleep 0.1; printf c'
	printf 'a\r\nbc' | cmp - log
	[ "$output" = $'a\r\nbc' ]
}

@test "a log that cannot be written is an error" {
	expect_error 125 'emu-spawn: no/log: No such file or directory' emu-spawn -l no/log touch ran
	run --separate-stderr timeout 60 emu-spawn -l /dev/full sh -c 'echo hello; exec sleep 60'
	[ "$status" -eq 125 ]
	[ "$stderr" = 'emu-spawn: /dev/full: No space left on device' ]
}

@test "a stdout that is full is an error" {
	run --separate-stderr sh -c 'timeout 60 emu-spawn sh -c "echo hello; exec sleep 60" >/dev/full'
	[ "$status" -eq 125 ]
	[ "$stderr" = 'emu-spawn: <stdout>: No space left on device' ]
}

@test "a reader that leaves ends the run, at once" {
	timeout 60 emu-spawn -o record sh -c 'echo hello; exec sleep 60' 3>&- 2>err | head -n 1
	[ "${PIPESTATUS[0]}" -eq 123 ]
	[ "$(cat err)" = 'emu-spawn: the reader of stdout went away' ]
	has '.cause == "reader"'
	timeout 60 emu-spawn -r -o record sh -c 'echo hello; exec sleep 60' 3>&- 2>err | head -n 1
	[ "${PIPESTATUS[0]}" -eq 0 ]
	[ ! -s err ]
	has '.cause == "reader" and .status == 0'
}

@test "the record is there before stdout closes" {
	for _ in $(seq "$EMU_TEST_N"); do
		rm -f record
		emu-spawn -o record echo hello | { cat >/dev/null; [ -e record ]; }
	done
}

@test "an old record goes before the run" {
	echo '{"status": 0}' >record
	run emu-spawn -o record sh -c "test ! -e '$PWD/record'"
	[ "$status" -eq 0 ]
}

@test "the input reaches the guest" {
	[ "$(echo hello | emu-spawn head -n 1)" = hello ]
	[ "$(echo hello | emu-spawn -n head -n 1)" = hello ]
	[ "$(echo hello | emu-spawn -p head -n 1)" = hello ]
	echo from file >input
	[ "$(echo hello | emu-spawn -i input head -n 1)" = 'from file' ]
	expect_error 125 'emu-spawn: nowhere: No such file or directory' emu-spawn -i nowhere true
}

@test "the end of the input ends nothing" {
	run timeout 60 emu-spawn sh -c 'sleep 0.2; timeout 0.2 cat; echo $?' </dev/null
	[ "$output" = 124 ]
	run timeout 60 emu-spawn -n sh -c 'sleep 0.2; timeout 0.2 cat; echo $?' </dev/null
	[ "$output" = 124 ]
}

@test "input that cannot be read stops the machine" {
	# Nothing is mapped at its start: EIO.
	expect_error 125 'emu-spawn: /proc/self/mem: Input/output error' \
		timeout 60 emu-spawn -o record -i /proc/self/mem sleep 86400
	jq -e '.cause == "error" and .reason == "/proc/self/mem: Input/output error"' record
	expect_error 125 'emu-spawn: <stdin>: Input/output error' \
		timeout 60 emu-spawn sleep 86400 </proc/self/mem
	expect_error 125 'emu-spawn: tmp: Is a directory' emu-spawn -i tmp true
	# Under nohup(1) stdin cannot be read, and that is meant as an end.
	[ "$(timeout 60 emu-spawn sh -c 'sleep 0.2; echo still' 0>/dev/null)" = still ]
}

@test "the terminal is private, and stdout a pipe unless -p" {
	tty='tty | sed "s/[0-9]*$//"; tty <&1 | sed "s/[0-9]*$//"; ps -o sid= -p $$ | grep -cw $$'
	[ "$(emu-spawn sh -c "$tty")" = $'/dev/pts/\nnot a tty\n1' ]
	[ "$(emu-spawn -p sh -c 'tty <&1 >/dev/null && echo a tty')" = 'a tty' ]
	[ "$(emu-spawn -n sh -c "$tty")" = $'not a tty\nnot a tty\n1' ]
}

@test "a command runs in -C or where the caller is, words in -C, EMU_SCRATCH or a fresh directory" {
	mkdir a b
	for pwd in "emu-spawn -C a pwd" "printf 'pwd\0' | EMU_SCRATCH=$PWD/b emu-spawn -C a"; do
		[ "$(sh -c "$pwd")" = "$PWD/a" ]
	done
	[ "$(EMU_SCRATCH=$PWD/b emu-spawn pwd)" = "$PWD" ]
	[ "$(cd a && emu-spawn -o ../record pwd)" = "$PWD/a" ]
	has '.cwd == $d' --arg d "$PWD/a"
	printf 'pwd\0' >words
	[ "$(EMU_SCRATCH=$PWD/b emu-spawn -a words)" = "$PWD/b" ]
	printf '%s\0' sh -c 'mkdir x; echo >x/y; pwd' >words
	[[ $(emu-spawn -a words) = "$PWD/tmp/emu-spawn-"* ]]
	[[ $(emu-spawn <words) = "$PWD/tmp/emu-spawn-"* ]]
	[[ $(env -u TMPDIR emu-spawn -a words) = /var/tmp/emu-spawn-* ]]
	[ ! -e x ]
	expect_error 125 'emu-spawn: nowhere: No such file or directory' emu-spawn -C nowhere true
	expect_error 125 'emu-spawn: record: Not a directory' sh -c ': >record; emu-spawn -C record true'
	cat >fake <<-'X'
		#!/bin/sh
		echo "$0"
	X
	chmod +x fake
	[ "$(emu-spawn -C a ./fake)" = "$PWD/./fake" ] || [ "$(emu-spawn -C a ./fake)" = "$PWD/fake" ]
}

@test "nothing that the emulator started is left" {
	mark=$(printf '987%05d%05d' $((RANDOM)) $((RANDOM)))
	spawn 0 sh -c "sleep $mark & setsid sleep $mark & (setsid setsid sleep $mark &) ; echo \$\$; sleep 0.1"
	run ! pgrep -s "$output"
	run ! pgrep -f "sleep $mark"
}

@test "SIGTERM to us ends the emulator: 128+15" {
	outside_valgrind
	timeout 60 emu-spawn -o record sh -c 'echo $$; exec sleep 60' >out 2>err 3>&- &
	wait_until test -s out
	child=$(pgrep -P $! emu-spawn)
	kill "$child"
	status=0
	wait $! || status=$?
	[ "$status" -eq 143 ]
	wait_until gone "$(cat out)"
	[ "$(cat err)" = 'emu-spawn: stopped by signal 15 (Terminated)' ]
	has '.cause == "signal" and .status == 143 and .signal == 15'
}

@test "after SIGINT it dies of it, and a shell's loop stops" {
	run timeout -s INT -k 60 1 bash -c 'for i in 1 2 3; do emu-spawn sleep 60; echo went on; done' 3>&-
	[ "$output" = 'emu-spawn: stopped by signal 2 (Interrupt)' ]
	run bash -c 'emu-spawn sh -c "kill -INT \$PPID; sleep 60"; echo $?' 3>&-
	[ "${lines[-1]}" = 130 ]
}

# verdict ARGS STATUS CAUSE QEMU-STATUS EVENT [WITHOUT]: what the demo guest's
# end gives with QMP, and WITHOUT it.
verdict() {
	spawn "$2" -t 30 "${Q[@]}" "${M[@]}" -append "$1"
	has ".cause == \"$3\" and .exit == $4 and (.qmp.event | IN($5))"
	[ -n "${lines[0]}" ]
	spawn "${6:-$2}" -t 30 "${Q[@]}" -append "$1"
	has ".exit == $4 and .qmp == null"
}

@test "a poweroff, a panic, a triple fault and a debug exit are different verdicts" {
	outside_valgrind
	need qemu-system-x86_64
	verdict poweroff 0 exit 0 '"SHUTDOWN"'
	verdict panic 120 panic 0 '"GUEST_PANICKED"' 0
	verdict fault 121 reset 0 '"SHUTDOWN"' 0
	verdict reset 121 reset 0 '"SHUTDOWN"' 0
	# QEMU tells of a debug exit since 9.1.
	verdict exit=3 7 exit 7 'null, "SHUTDOWN"'
}

@test "a hanging guest is asked by QMP to end" {
	need qemu-system-x86_64
	spawn 124 -t 1 "${Q[@]}" "${M[@]}" -append hang
	has '.cause == "timeout" and .exit == 0'
}

@test "a panic that pauses the guest ends the run at once" {
	need qemu-system-x86_64
	spawn 120 -t 30 "${Q[@]}" "${M[@]}" -action panic=pause -append panic
	spawn 0 -t 30 "${Q[@]}" "${M[@]}" -no-shutdown -append poweroff
}

@test "a signal to QEMU is no success, though QEMU returns 0" {
	outside_valgrind
	need qemu-system-x86_64
	for qmp in '' "${M[*]}"; do
		rm -f out
		# shellcheck disable=SC2086 # words
		timeout 60 emu-spawn -o record "${Q[@]}" $qmp -append hang >out 2>err 3>&- &
		wait_until grep -q disk out
		kill -HUP "$(pgrep -P "$(pgrep -P $! emu-spawn)" qemu)"
		status=0
		wait $! || status=$?
		[ "$status" -eq 129 ] || { echo "$status"; cat err; false; }
		has '.cause == "signal" and .exit == 0'
	done
}

@test "-m demands QMP" {
	spawn 125 -m true
	[ "$stderr" = 'emu-spawn: true: never spoke QMP on descriptor 3' ]
	has '.cause == "start" and .exit == 0'
	spawn 125 -m echo hello
	[ "$stderr" = 'emu-spawn: echo: never spoke QMP on descriptor 3' ]
	has '.cause == "error" and .exit == 0'
	spawn 125 -m sh -c 'exit 3'
	has '.cause == "start" and .exit == 3'
	spawn 0 -m bash -c 'printf "{\"QMP\":{}}\r\n" >&3; read -r line <&3; echo "$line"'
	[ "$output" = '{"execute":"qmp_capabilities"}'$'\r' ]
	spawn 120 -m bash -c 'echo "{\"QMP\":{}}" >&3; read -r line <&3; echo "{\"event\": \"GUEST_PANICKED\"}" >&3; sleep 0.2'
	spawn 125 bash -c 'true 2>/dev/null >&3 && echo open' -chardev socket,fd=3,id=x
	[ "$output" = open ]
	spawn 0 bash -c '[ -e /proc/self/fd/3 ] || echo closed' -chardev socket,fd=33,id=x 3>&-
	[ "$output" = closed ]
	expect_error 125 'emu-spawn: <stdout>: No space left on device' sh -c 'emu-spawn -V >/dev/full'
}
