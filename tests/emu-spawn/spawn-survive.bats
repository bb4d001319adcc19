load ../lib

setup() {
	cd "$BATS_TEST_TMPDIR"
	export TMPDIR=$PWD/tmp
	mkdir tmp
	# Something to find ours by among the processes of others.
	mark=$(printf '86%s%05d' "$BATS_TEST_NUMBER" $((RANDOM)))
}

# A machine with helpers: in its group, and in a session of its own.
machine() {
	# In the background, some shells have it ignored.
	exec env --default-signal=QUIT emu-spawn -t 60 "$@" sh -c "sleep $mark & setsid sleep $mark & echo up; exec sleep $mark"
}

all_gone() {
	[ -z "$(pgrep -f "sleep $mark")" ] && [ -z "$(ls -A tmp)" ] && [ ! -e socket ]
}

# up ARG...: starts one and waits until it is up; its pid is in $pid.
up() {
	rm -f out
	machine "$@" >out 2>err 3>&- &
	pid=$!
	wait_until grep -q up out
	wait_until pgrep -f "sleep $mark"
}

@test "when it ends, so does what it started" {
	up -S socket
	kill "$pid"
	wait "$pid" || [ $? -eq 143 ]
	all_gone
}

@test "when it is killed, its emulator, helpers, directory and socket go" {
	outside_valgrind
	for _ in $(seq "$EMU_TEST_N"); do
		timeout 60 emu-spawn -S socket sh -c "sleep $mark & echo up; exec sleep $mark" >out 2>err 3>&- &
		wait_until grep -q up out
		kill -KILL "$(pgrep -P $! emu-spawn)"
		wait $! || true
		wait_until all_gone
		: >out
	done
}

@test "when its guard is killed, it cleans up itself" {
	up -S socket
	kill -KILL "$(pgrep -P "$pid" -f guard || pgrep -P "$pid" emu-spawn)"
	sleep 0.1
	kill "$pid"
	wait "$pid" || [ $? -eq 143 ]
	all_gone
}

@test "when its whole process group is killed, nothing is left" {
	outside_valgrind
	setsid timeout 60 emu-spawn -S socket sh -c "sleep $mark & echo up; exec sleep $mark" >out 2>err 3>&- &
	wait_until grep -q up out
	kill -KILL -- "-$(ps -o pgid= -p "$(pgrep -f "^emu-spawn -S socket sh -c sleep $mark" | head -n 1)" | tr -d ' ')"
	wait_until all_gone
}

@test "it lives on when its parent dies" {
	bash -c 'timeout 60 emu-spawn sh -c "echo up; sleep 0.5; echo still" >out 2>err 3>&- & wait_for=$!; until grep -q up out; do sleep 0.02; done; kill -KILL $$' || true
	wait_until grep -q still out
}

@test "the children that it was given stay" {
	sh -c "sleep $mark & echo \$! >pid; exec emu-spawn true" 3>&-
	run ! gone "$(cat pid)"
	kill "$(cat pid)"
}

@test "under emu-scratch nothing is left, whoever is killed" {
	outside_valgrind
	for who in emu-spawn emu-scratch both; do
		timeout 60 emu-scratch emu-spawn -S socket sh -c "sleep $mark & setsid sleep $mark & echo up; exec sleep $mark" >out 2>err 3>&- &
		wait_until grep -q up out
		scratch=$(pgrep -P $!)
		spawn=$(pgrep -f "^emu-spawn -S socket sh -c sleep $mark" | head -n 1)
		case $who in
		emu-spawn) kill -KILL "$spawn" ;;
		emu-scratch) kill -KILL "$scratch" ;;
		both) kill -KILL "$spawn" "$scratch" ;;
		esac
		wait $! || true
		wait_until all_gone
		: >out
	done
}

@test "a reader that goes away is noticed without another byte" {
	mkfifo line
	timeout 60 emu-spawn -o record sh -c "echo up; exec sleep $mark" >line 2>err 3>&- &
	head -n 1 line
	status=0
	wait $! || status=$?
	[ "$status" -eq 123 ]
	jq -e '.end < 20' record
	# A socket likewise.
	need socat
	status=0
	timeout 60 socat -u EXEC:"emu-spawn -o record sh -c 'echo up; exec sleep $mark'",nofork SYSTEM:'head -n 1' >out 2>err 3>&- || true
	wait_until all_gone
}

@test "SIGHUP, SIGQUIT and SIGTERM end it; what the caller ignores does not" {
	for s in HUP:129 QUIT:131 TERM:143; do
		up
		kill "-${s%:*}" "$pid"
		status=0
		wait "$pid" || status=$?
		[ "$status" -eq "${s#*:}" ] || { echo "$s: $status"; false; }
		all_gone
		: >out
	done
	(trap '' HUP; machine -o record) >out 2>err 3>&- &
	wait_until grep -q up out
	kill -HUP $!
	sleep 0.2
	run ! gone $!
	kill $!
	wait $! || [ $? -eq 143 ]
}

@test "the second signal kills at once" {
	outside_valgrind
	timeout 60 emu-spawn -k 600 -o record bash -c 'trap "echo asked" TERM; echo up; while :; do sleep 0.05; done' >out 2>err 3>&- &
	wait_until grep -q up out
	pid=$(pgrep -P $! emu-spawn)
	kill "$pid"
	wait_until grep -q asked out
	kill "$pid"
	status=0
	wait $! || status=$?
	[ "$status" -eq 143 ]
	jq -e '.signal == 9' record
}

as_nobody() { # as_nobody CMD...: as an ordinary user, in TMPDIR
	setpriv --reuid 65534 --regid 65534 --clear-groups "$@"
}

# Where an ordinary user finds emu-spawn and its own TMPDIR.
for_nobody() {
	[ "$(id -u)" -eq 0 ] || skip "not root"
	chmod a+x . .. "$BATS_RUN_TMPDIR"
	chmod 777 . tmp
	cp "$EMU_BUILD/emu-spawn" .
}

@test "a directory without rights that an ordinary user's emulator left goes" {
	for_nobody
	run --separate-stderr as_nobody ./emu-spawn < <(printf '%s\0' sh -c 'id -u; mkdir -p a/c; touch a/b; chmod 0 a/c a .')
	[ "$status" -eq 0 ]
	[ "$output" = 65534 ]
	[ -z "$stderr" ]
	[ -z "$(ls -A tmp)" ]
}

@test "without /proc/PID/task/PID/children nothing is left running either" {
	outside_valgrind
	need strace
	export ASAN_OPTIONS=detect_leaks=0 # which traces too
	# As on a kernel without CONFIG_PROC_CHILDREN.
	run --separate-stderr timeout 60 strace -f -qqq -o trace -P /proc/thread-self/children -e trace=openat -e inject=openat:error=ENOENT \
		emu-spawn sh -c "setsid sleep $mark >/dev/null 2>&1 & sleep 0.1"
	[ "$status" -eq 0 ]
	[ "${stderr//strace: Requested path*resolved into*children\"}" = "" ]
	grep -q INJECTED trace
	all_gone
}

@test "the guard kills no process group whose number has passed to another" {
	outside_valgrind
	need strace
	export ASAN_OPTIONS=detect_leaks=0 # which traces too
	mkfifo line
	exec 5<>line
	# The emulator is buried, and its last bytes wait for a reader.
	timeout 60 strace -f -qq -o trace -e trace=kill,wait4 emu-spawn -k 30 -l log head -c 1000000 /dev/zero >line 2>err 3>&- 5<&- &
	wait_until grep -q 'wait4(.*WIFEXITED' trace
	pid=$(awk '{ print $1; exit }' trace)
	group=$(sed -n 's/.*wait4(\([0-9]*\), .*WIFEXITED.*/\1/p' trace)
	killed() {
		grep -c "kill(-$group," trace || true
	}
	before=$(killed)
	kill -KILL "$pid"
	wait $! || [ $? -eq 137 ]
	[ "$(killed)" = "$before" ]
	[ "$before" -gt 0 ]
	exec 5>&-
	all_gone
}

@test "what both were killed over is swept by the next run of either" {
	outside_valgrind
	for next in "emu-spawn -C . true" "emu-scratch true"; do
		up -S socket
		guard=$(pgrep -P "$pid" emu-spawn)
		kill -STOP "$guard" "$pid"
		kill -KILL "$guard" "$pid"
		wait "$pid" || [ $? -eq 137 ]
		[ -S socket ]
		[ -n "$(ls -A tmp)" ]
		[ -n "$(pgrep -f "sleep $mark")" ]
		(cd /; TMPDIR=$TMPDIR $next)
		wait_until all_gone
	done
}

@test "the guard ends its run also while it sweeps what others left" {
	outside_valgrind
	need strace
	export ASAN_OPTIONS=detect_leaks=0 # which traces too
	left=tmp/emu-spawn-$(basename "$(emu-scratch printenv EMU_SCRATCH)" | cut -d - -f 3)-000000000001
	mkdir "$left"
	# What sweeps is stopped when it has begun.
	timeout 60 strace -f -qqq -o trace -P "$PWD/tmp" -e trace=getdents64 -e inject=getdents64:signal=STOP \
		emu-spawn -S socket sh -c "sleep $mark & echo up; exec sleep $mark" >out 2>err 3>&- &
	wait_until grep -q up out
	wait_until grep -q SIGSTOP trace
	kill -KILL "$(pgrep -P "$(pgrep -P $! strace)" emu-spawn)"
	wait $! || [ $? -eq 137 ]
	wait_until rmdir "$left"
	wait_until all_gone
}

reaped() {
	[ -z "$(pgrep -P "$1")" ]
}

@test "what the guard started to sweep is reaped while the run goes on" {
	outside_valgrind
	up
	guard=$(pgrep -P "$pid" -x emu-spawn-guard)
	wait_until reaped "$guard"
	kill "$pid"
	wait "$pid" || [ $? -eq 143 ]
}

@test "an emulator that became another user's is told of" {
	for_nobody
	install -m 4755 "$(command -v setpriv)" become
	run --separate-stderr as_nobody timeout 60 ./emu-spawn -k 0.1 -t 0.3 ./become --reuid 0 --clear-groups sleep "$mark"
	[ "$status" -eq 124 ]
	[[ $stderr =~ ^emu-spawn:\ still\ running\ after\ 0.3\ s\;\ process\ [0-9]+\ \(sleep\)\ does\ not\ end$ ]]
	# One that it left behind: no success.
	run --separate-stderr as_nobody timeout 60 ./emu-spawn sh -c "setsid $PWD/become --reuid 0 --clear-groups sleep $mark >/dev/null 2>&1 & sleep 0.2"
	kill "$(pgrep -f "sleep $mark")"
	[ "$status" -eq 125 ]
	[[ $stderr =~ ^emu-spawn:\ process\ [0-9]+\ \(sleep\)\ does\ not\ end$ ]]
	[ -z "$(ls -A tmp)" ]
}
