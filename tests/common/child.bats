load ../lib

setup() {
	mkdir "$BATS_TEST_TMPDIR/work"
	cd "$BATS_TEST_TMPDIR/work"
	PATH=$EMU_BUILD/tests/common:$PATH
}

# script LINE...: makes ./tool a shell script of these lines.
script() {
	{
		echo '#!/bin/sh'
		printf '%s\n' "$@"
	} >tool
	chmod +x tool
}

@test "a child runs where it is told, with its descriptors" {
	mkdir there
	script 'pwd; head -c1 | wc -c; echo three >&3' 'exit 5'
	run -0 call child_start there ./tool
	[ "$output" = "$PWD/there
0
three
exit 5" ]
	run -0 call child_start there sh -c 'kill -TERM $$'
	[ "$output" = 'signal 15' ]
}

@test "a child finds its descriptors in place though ours lie in their way" {
	run -0 bash -c 'exec 4</dev/null 6</dev/null 3<&-; call child_start . sh -c "echo here >&3"'
	[ "$output" = $'here\nexit 0' ]
	run -0 bash -c 'exec 3>wrong; call child_start . sh -c "echo here >&3"'
	[ "$output" = $'here\nexit 0' ]
	[ ! -s wrong ]
}

@test "a child that cannot be started names what failed" {
	run -1 call child_start . no-such-program
	[ "$output" = 'call: no-such-program: No such file or directory (2)' ]
	touch plain
	run -1 call child_start . ./plain
	[ "$output" = 'call: ./plain: Permission denied (13)' ]
	run -1 call child_start nowhere /bin/true
	[ "$output" = 'call: nowhere: No such file or directory (0)' ]
	run -1 call child_start plain /bin/true
	[ "$output" = 'call: plain: Not a directory (0)' ]
}

@test "a directory that may not be entered is not blamed on the program" {
	mkdir -m 0 closed
	as_user=()
	[ "$(id -u)" -ne 0 ] || as_user=(setpriv --reuid 65534 --regid 65534 --clear-groups)
	chmod 711 "$BATS_TEST_TMPDIR" "$PWD"
	run -1 "${as_user[@]}" "$(command -v call)" child_start closed /bin/true
	[ "$output" = 'call: closed: Permission denied (0)' ]
}

@test "a child has standard signals, and its status is known though SIGCHLD was ignored" {
	run -0 bash -c 'trap "" CHLD PIPE XFSZ; call child_start . sed -n "s/^SigIgn:.//p" /proc/self/status'
	[ "${lines[1]}" = 'exit 0' ]
	# Bits of SIGPIPE, SIGCHLD and SIGXFSZ.
	[ $((0x${lines[0]} & 0x1011000)) = 0 ]
	run -0 call child_start . grep SigBlk /proc/self/status
	[ "$output" = $'SigBlk:\t0000000000000000\nexit 0' ]
	run -0 bash -c 'trap "" CHLD; exec call child_start . sh -c "exit 7"'
	[ "$output" = 'exit 7' ]
}

@test "a child's end is the end of its process group" {
	script 'sleep 9971 3>&- & echo $! >sleeper' 'exit 3'
	run -0 call child_start . ./tool
	[ "$output" = 'exit 3' ]
	wait_until gone "$(cat sleeper)"
}

@test "a child dies with the process that started it" {
	script 'echo $$ >pid.new; mv pid.new pid; exec sleep 100'
	call child_start . ./tool 3>&- &
	wait_until test -s pid
	kill -KILL $!
	wait $! || :
	wait_until gone "$(cat pid)"
}

@test "an exchange ends at its limits, and the child's group with it" {
	script 'echo $$ >pid; sleep 9971 & echo $! >sleeper' 'wait'
	run -0 call exchange_run 0.2 100 1K ./tool </dev/null
	[ "$output" = 'silent 137' ]
	gone "$(cat pid)"
	wait_until gone "$(cat sleeper)"
	script 'sleep 9971 & echo $! >pid; echo here' 'wait'
	run -0 call exchange_run 100 0.2 1K ./tool </dev/null
	[ "$output" = $'slow 137\nhere' ]
	wait_until gone "$(cat pid)"
	run -0 call exchange_run 100 100 1K yes </dev/null
	[ "$status" = 0 ]
	[ "${lines[0]}" = 'full 137' ]
	[ "${#lines[@]}" = 513 ]
}

@test "an exchange does not wait for what a child leaves behind" {
	script 'sleep 9971 & echo $! >pid' 'echo here'
	run -0 call exchange_run 100 100 1K ./tool </dev/null
	[ "$output" = $'done 0\nhere' ]
	wait_until gone "$(cat pid)"
}
