load ../lib

setup() {
	cd "$BATS_TEST_TMPDIR"
	export TMPDIR=$PWD/tmp
	mkdir tmp
	fake=$EMU_BUILD/tests/emu-spawn/fake
	# Bytes: enough to fill every buffer on the way many times over; 1 GiB by
	# make soak.
	some=$((3 << 20)) many=$((24 << 20))
	[ -z "${EMU_TEST_SOAK:-}" ] || many=$((1 << 30))
}

teardown() {
	[ -z "$(ls -A "$BATS_TEST_TMPDIR/tmp")" ]
}

has() {
	jq -e "$1" record >/dev/null || { jq . record; false; }
}

@test "every byte comes out, in order, once, in every mode" {
	for mode in '' -n -p '-l log' '-n -l log' '-p -l log'; do
		for block in 1 16 4096 65536; do
			n=$some
			[ $block -gt 1 ] || n=100000
			# shellcheck disable=SC2086 # words
			timeout 60 emu-spawn $mode -o record "$fake" out=$n,$block |
				"$fake" all=$n || { echo "mode $mode, block $block"; false; }
			[ "${PIPESTATUS[0]}" -eq 0 ]
			has ".bytes_out == $n and .undelivered == 0"
			[[ $mode != *-l* ]] || "$fake" all=$n <log
		done
	done
}

@test "a slow reader gets every byte" {
	for mode in '' -p '-l log'; do
		# shellcheck disable=SC2086 # words
		timeout 120 emu-spawn $mode -k 60 "$fake" out=$some |
			"$fake" all=$some,20
		[ "${PIPESTATUS[*]}" = '0 0' ]
	done
}

logged() {
	[ "$(stat -c %s log)" -eq $many ]
}

@test "a reader that stalls holds up the guest, but not with a log" {
	mkfifo line
	exec 4<>line
	timeout 60 emu-spawn -k 60 "$fake" out=$many exit=5 >line 2>err 4>&- 3>&- &
	sleep 0.3
	run ! gone $!
	timeout 60 "$fake" in=$many <line
	status=0
	wait $! || status=$?
	[ "$status" -eq 5 ]
	timeout 60 emu-spawn -k 60 -l log -o record "$fake" out=$many exit=5 >line 2>err 4>&- 3>&- &
	wait_until logged
	"$fake" all=$many <log
	timeout 60 "$fake" in=$many <line
	status=0
	wait $! || status=$?
	[ "$status" -eq 5 ]
	has ".undelivered == 0"
}

@test "after the end a reader that takes nothing is waited for as long as -k, and the rest counted" {
	mkfifo line
	exec 4<>line
	timeout 60 emu-spawn -k 0.3 -l log -o record "$fake" out=$some >line 4>&- 3>&-
	taken=$(timeout 0.5 dd bs=64K status=none <line | wc -c) || true
	has ".bytes_out == $some and .undelivered == $some - $taken"
	"$fake" all=$some <log
}

@test "a signal ends the wait for a reader that takes nothing" {
	mkfifo line
	exec 4<>line
	timeout 30 emu-spawn -C . -k 60 -o record sh -c '"$0" out=131072; : >ended' "$fake" >line 2>err 4>&- 3>&- &
	# Our ring holds what the pipe does not, so the machine can end.
	wait_until test -e ended
	pid=$(pgrep -P $! emu-spawn)
	wait_until sh -c '! pgrep -P "$1" "^sh$"' - "$pid"
	kill "$pid"
	status=0
	wait $! || status=$?
	[ "$status" -eq 143 ]
	has '.cause == "signal" and .exit == 0 and .undelivered > 0'
	grep -qx "emu-spawn: <stdout>: $(jq .undelivered record) bytes were not delivered" err
	grep -qx 'emu-spawn: stopped by signal 15 (Terminated)' err
}

@test "the missing bytes are told" {
	mkfifo line
	exec 4<>line
	timeout 60 emu-spawn -k 0.3 -o record "$fake" out=$((128 << 10)) >line 2>err 4>&- 3>&-
	n=$(jq .undelivered record)
	[ "$n" -gt 0 ]
	[ "$(cat err)" = "emu-spawn: <stdout>: $n bytes were not delivered" ]
}

@test "a guest that is stopped while stdout is stuck gets its say: 1 MiB" {
	outside_valgrind
	mkfifo line
	exec 4<>line
	status=0
	timeout 60 emu-spawn -t 0.5 -k 1 -o record "$fake" stubborn out=$((8 << 20)) wait=60000 >line 4>&- 3>&- ||
		status=$?
	[ "$status" -eq 124 ]
	has ".bytes_out == $((8 << 20)) and .undelivered > $((6 << 20))"
}

@test "the last bytes before death come out" {
	for _ in $(seq $((EMU_TEST_N * 2))); do
		for mode in '' -p -n; do
			# shellcheck disable=SC2086 # words
			emu-spawn $mode "$fake" out=60000 kill=9 2>/dev/null >got || true
			"$fake" all=60000 <got
		done
	done
}

@test "somebody who holds the terminal and the pipe open cannot hang us" {
	for mode in '' -p -n; do
		# shellcheck disable=SC2086 # words
		run timeout 20 emu-spawn $mode "$fake" hold say=bye exit=3
		[ "$status" -eq 3 ]
		[ "${lines[0]}" = bye ]
	done
}

@test "what is written to the terminal is on the line" {
	[ "$(emu-spawn "$fake" tty=hello wait=50)" = hello ]
	[ "$(emu-spawn -p "$fake" say=well tty=hello)" = $'well\nhello' ]
}

@test "stderr stays apart, and its end is in the record" {
	timeout 60 emu-spawn -o record "$fake" out=$some err=100000 2>err | "$fake" all=$some
	[ "$(tr -d x <err | wc -c)" -eq 0 ] && [ "$(wc -c <err)" -eq 100000 ]
	has '.stderr | length == 65536'
}

@test "a stderr that is stuck does not hang us" {
	mkfifo messages
	exec 4<>messages
	status=0
	timeout -k 1 60 emu-spawn -k 0.3 -t 1 -o record "$fake" err=300000 wait=60000 2>messages 4>&- 3>&- || status=$?
	[ "$status" -eq 124 ]
	# The messages are stuck, the guest is not.
	has '.stderr | length == 65536'
}

@test "input reaches a slow guest whole and in order" {
	for mode in '' -n; do
		# shellcheck disable=SC2086 # words
		"$fake" out=$some | timeout 60 emu-spawn $mode -o record "$fake" in=$some,5
		[ "${PIPESTATUS[1]}" -eq 0 ]
		has ".bytes_in == $some"
	done
	"$fake" out=$some >file
	timeout 60 emu-spawn -i file "$fake" in=$some
}

@test "a guest that reads nothing costs no CPU time" {
	"$fake" out=$some >file
	bash -c 'timeout 60 emu-spawn -i file -t 1 "$0" wait=60000 2>/dev/null; times' "$fake" >times
	# The children's user and system time: below half a second each.
	sed -n 2p times | grep -qE '^0m0\.[0-4][0-9]*s 0m0\.[0-4]'
}

@test "a FIFO as input outlives its writers" {
	mkfifo input
	timeout 60 emu-spawn -i input sh -c 'read a; echo "1 $a"; read b; echo "2 $b"' >out 3>&- &
	echo one >input
	wait_until grep -q '1 one' out
	echo two >input
	wait_until grep -q '2 two' out
	wait $!
}

@test "two-way traffic through cat is exact" {
	"$fake" out=$some | timeout 60 emu-spawn head -c $some | "$fake" all=$some
}

@test "the descriptors of others stay as they were" {
	flags() {
		sed -n 's/^flags:[[:space:]]*//p' "/proc/$BASHPID/fdinfo/$1"
	}
	mkfifo a b
	exec 4<>a 5<>b
	before=$(flags 4),$(flags 5)
	timeout 60 emu-spawn -t 0.2 sleep 60 <&4 >&5 2>&1 || true
	[ "$(flags 4),$(flags 5)" = "$before" ]
}

@test "a log that can grow no more stops the machine" {
	run --separate-stderr bash -c 'ulimit -f 64; exec timeout 60 emu-spawn -l log -o record "$0" out=$1 wait=60000 >/dev/null' "$fake" $some
	[ "$status" -eq 125 ]
	[ "$stderr" = 'emu-spawn: log: File too large' ]
	has '.cause == "error" and .status == 125'
}

@test "a log that somebody truncates under a slow reader is told" {
	mkfifo line
	exec 4<>line
	timeout 60 emu-spawn -k 60 -l log -o record "$fake" out=$many >line 2>err 4>&- 3>&- &
	wait_until logged
	: >log
	timeout 60 cat <line >/dev/null 4>&- 3>&- &
	exec 4>&-
	status=0
	wait %1 || status=$?
	wait
	[ "$status" -eq 125 ]
	[ "$(cat err)" = 'emu-spawn: log: truncated by another process' ]
	has '.cause == "error"'
}

@test "every descriptor that the caller left closed is free for it" {
	for closed in '3>&-' '<&-' '2>&-' '<&- 2>&- 3>&-'; do
		for mode in '' -p -n; do
			eval "timeout 60 emu-spawn -o record $mode echo hello $closed" >got
			[ "$(cat got)" = hello ] || { echo "$closed $mode"; false; }
		done
		eval "timeout 60 emu-spawn -m -o record sh -c 'echo quit >&3; echo hello' $closed" >got || true
		[ "$(cat got)" = hello ] || { echo "$closed -m"; false; }
	done
}

@test "the log follows rotation: bytes are appended" {
	timeout 60 emu-spawn -l log sh -c 'echo one; sleep 0.5; echo two; sleep 0.2' >out 3>&- &
	wait_until grep -q one log
	: >log
	wait $!
	[ "$(cat log)" = two ]
	[ "$(cat out)" = $'one\ntwo' ]
}

@test "memory stays small, however much comes out" {
	outside_valgrind
	[ "${EMU_BUILD##*/}" != san ] || return 0
	for mode in -n -p '-l log'; do
		# shellcheck disable=SC2086 # words
		timeout 60 emu-spawn $mode "$fake" out=$many say=done wait=60000 3>&- > >(tail -n 1 >last) &
		wait_until pgrep -P $! emu-spawn
		pid=$(pgrep -P $! emu-spawn)
		wait_until bash -c '[ "$(sed -n "s/^wchar: //p" /proc/$1/io)" -gt $2 ]' - "$pid" $many
		rss=$(sed -n 's/^VmHWM:[[:space:]]*\([0-9]*\) kB/\1/p' "/proc/$pid/status")
		private=$(awk '/^Private/ { n += $2 } END { print n }' "/proc/$pid/smaps_rollup")
		# Newer ones of glibc have more of their own pages in memory.
		libc=$(awk '/^[0-9a-f]+-/ { on = /\/libc\.so/ } on && /^Rss:/ { n += $2 } END { print n }' "/proc/$pid/smaps")
		kill "$pid"
		wait $! || true
		echo "$mode: $rss KiB, $libc KiB of libc, $private KiB private"
		[ "$libc" -gt 0 ]
		[ $((rss - libc)) -le 768 ]
		[ "$private" -le 300 ]
	done
}

@test "a log may be a FIFO, and its reader counts" {
	need strace
	mkfifo fifo
	expect_error 125 'emu-spawn: fifo: No such device or address' timeout 60 emu-spawn -k 0.1 -l fifo true
	# It may come late.
	{ timeout 60 strace -qq -E ASAN_OPTIONS=detect_leaks=0 -o calls -e trace=openat emu-spawn -l fifo "$fake" out=300000; } >out 3>&- &
	spawn=$!
	wait_until grep -q ENXIO calls
	cat fifo >copy
	wait "$spawn"
	cmp copy out
	cat fifo >copy 3>&- &
	timeout 60 emu-spawn -l fifo "$fake" out=300000 >out
	wait $!
	cmp copy out
	head -c 10 fifo >/dev/null 3>&- &
	run --separate-stderr timeout 60 emu-spawn -l fifo "$fake" out=300000 wait=60000
	[ "$status" -eq 125 ]
	[ "${stderr_lines[-1]}" = 'emu-spawn: fifo: Broken pipe' ]
}
