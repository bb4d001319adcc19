load ../lib

# An emulator that ended before its guest ran is no verdict about the guest.
setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	export TMPDIR=$PWD/tmp
	mkdir tmp
	need qemu-system-x86_64
	Q=(qemu-system-x86_64 -nodefaults -display none -m 64 -no-reboot -serial stdio
		-device isa-debug-exit,iobase=0xf4,iosize=4)
	monitor qmp0
	M=(-chardev socket,id=qmp0,fd=3 "${MONITOR[@]}")
	K=(-kernel "$EMU_BUILD/demo-x64")
}

teardown() {
	[ -z "$(ls -A "$BATS_TEST_TMPDIR/tmp")" ]
}

# never_started ARG...: the emulator of these words is status 125, cause start,
# also when its own status is one that -x names.
never_started() {
	local x
	for x in '' '-x 1' '-m -x 1'; do
		rm -f record
		# shellcheck disable=SC2086 # words
		run -125 --separate-stderr timeout 60 emu-spawn -o record $x -- "$@" </dev/null
		jq -e '.cause == "start" and .status == 125 and .exit != 0 and (.reason | length) > 0' record >/dev/null ||
			{ jq . record; false; }
		[ -z "$output" ]
	done
}

@test "a QEMU that cannot start its machine is 125, whatever -x says" {
	never_started "${Q[@]}" "${M[@]}" "${K[@]}" -machine nosuch
	never_started "${Q[@]}" "${M[@]}" -kernel nowhere
	never_started "${Q[@]}" "${M[@]}" "${K[@]}" -drive file=nowhere
	never_started "${Q[@]}" "${M[@]}" "${K[@]}" -m 999999999M
	never_started "${Q[@]}" "${M[@]}" "${K[@]}" -cpu nosuch
	never_started "${Q[@]}" "${M[@]}" "${K[@]}" -device nosuch
	never_started "${Q[@]}" "${M[@]}" "${K[@]}" -no-such-option
	# It has written to its stdout, which is no word of the guest's.
	run -125 --separate-stderr timeout 60 emu-spawn -x 1 -o record -- "${Q[@]}" "${M[@]}" "${K[@]}" -serial pty -device nosuch
	[[ $output = 'char device redirected to '* ]]
	jq -e '.cause == "start" and .exit == 1' record
}

@test "a host port that is taken is 125, and who has it is told" {
	need socat ss
	timeout 60 socat TCP-LISTEN:0,bind=127.0.0.1,fork - 3>&- &
	socat=$!
	# The port that the kernel chose.
	listens() {
		port=$(ss -Hltnp | sed -n "s/.*127.0.0.1:\([0-9]*\) .*pid=$(pgrep -P $socat),.*/\1/p")
		[ -n "$port" ]
	}
	wait_until listens
	listens
	never_started "${Q[@]}" "${M[@]}" "${K[@]}" -netdev "user,id=n,hostfwd=tcp:127.0.0.1:$port-:22"
	[[ $(jq -r .reason record) = *"tcp port $port is held by "*' (socat)' ]]
	kill "$socat"
}

@test "a program that is no emulator, and one that is killed at the start, are 125 under QMP" {
	never_started sh -c 'exit 7' "${M[@]}"
	run -125 timeout 60 emu-spawn -o record -- sh -c 'kill -6 $$' "${M[@]}"
	jq -e '.cause == "start" and .signal == 6' record
	# Without QMP nobody knows.
	run -7 timeout 60 emu-spawn -o record sh -c 'exit 7'
	jq -e '.cause == "exit"' record
}

@test "a guest's own status is the guest's, with QMP and without" {
	for m in '' "${M[*]}"; do
		# shellcheck disable=SC2086 # words
		run -1 timeout 60 emu-spawn -o record -- "${Q[@]}" $m "${K[@]}" -append exit=0 </dev/null
		jq -e '.cause == "exit" and .exit == 1' record
		# shellcheck disable=SC2086 # words
		run -0 timeout 60 emu-spawn -x 1 -o record -- "${Q[@]}" $m "${K[@]}" -append exit=0 </dev/null
		jq -e '.cause == "exit" and .exit == 1' record
	done
}

@test "a directory that may not be entered is named, not the program" {
	[ "$(id -u)" -eq 0 ] || skip 'not root'
	mkdir shut
	chmod 700 shut
	chmod 755 "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR/test" .
	chmod 1777 tmp
	expect_error 125 'emu-spawn: shut: Permission denied' \
		setpriv --reuid 65534 --regid 65534 --clear-groups emu-spawn -C shut /bin/true
}

@test "-W holds the input until the line has shown the text" {
	printf 'typed\n' >input
	guest='printf "one pro"; read -t 0.5 -r early; echo "early: $early"; [ -n "$early" ] && exit; printf "mpt> "; read -r x; echo "got $x"'
	run -0 --separate-stderr timeout 60 emu-spawn -i input bash -c "$guest"
	[ "$output" = 'one proearly: typed' ]
	run -0 --separate-stderr timeout 60 emu-spawn -W 'never' -W 'mpt> ' -i input bash -c "$guest"
	[ "$output" = $'one proearly: \nmpt> got typed' ]
	# In whatever pieces the text comes.
	guest='for c in p r o m p t; do printf $c; sleep 0.05; done; read -r x; echo " $x"'
	[ "$(timeout 60 emu-spawn -W prompt -i input bash -c "$guest")" = 'prompt typed' ]
	[ "$(timeout 60 emu-spawn -W '' -i input head -n 1)" = typed ]
	run -124 --separate-stderr timeout 60 emu-spawn -t 0.3 -W nothing -o record -i input cat
	jq -e '.bytes_in == 0' record
	# With much behind it, which comes while nobody looks.
	guest='kill -STOP $PPID; { echo prompt; head -c 8000000 /dev/zero; } & sleep 0.1; kill -CONT $PPID; wait; read -r x'
	for _ in {1..5}; do
		timeout 60 emu-spawn -l log -t 20 -W prompt -i input bash -c "$guest" >out
	done
	# What comes by a socket waits as well.
	timeout 60 emu-spawn -S socket -W prompt -i /dev/null bash -c 'read -t 0.3 -r early; echo "early: $early prompt"; read -r x; echo "got $x"' >out 3>&- &
	wait_until test -S socket
	socat -u OPEN:input UNIX-CONNECT:socket
	wait $!
	[ "$(cat out)" = $'early:  prompt\ngot typed' ]
}

@test "input that was sent before the first byte is told of when the run fails" {
	run -124 --separate-stderr timeout 60 emu-spawn -t 0.3 sh -c 'exec sleep 60' <<<typed
	[ "$stderr" = "emu-spawn: still running after 0.3 s; input was sent before the guest's first byte (-W holds it)" ]
	run -0 --separate-stderr timeout 60 emu-spawn sh -c 'read -r x' <<<typed
	[ -z "$stderr" ]
}

@test "-R ends a guest that reboots for ever" {
	Q=("${Q[@]/-no-reboot/-no-user-config}")
	run -121 --separate-stderr timeout 60 emu-spawn -R 20 -t 50 -o record -- "${Q[@]}" "${M[@]}" "${K[@]}" -append reset </dev/null
	[ "$stderr" = 'emu-spawn: the guest reset 20 times' ]
	# One way to reset may count twice.
	[ "$(grep -ao 'emu demo guest' <<<"$output" | wc -l)" -ge 2 ]
	jq -e '.cause == "reset" and .qmp.event == "RESET"' record
	# Fewer are none.
	run -124 --separate-stderr timeout 60 emu-spawn -R 1000000 -t 0.5 -- "${Q[@]}" "${M[@]}" "${K[@]}" -append reset </dev/null
	for count in 0 x 1x -1 1000001 ''; do
		run -125 --separate-stderr emu-spawn -R "$count" true
		[ "${stderr_lines[0]}" = "emu-spawn: -R: not a number: $count" ]
	done
}

@test "a guest that is stopped is not silent" {
	need socat
	cp "$EMU_BUILD/demo-x64" .
	monitor more hmp
	# Stopped from the start, let go after longer than the limits.
	timeout 60 emu-spawn -q 0.4 -f 0.4 -t 20 -o record -- "${Q[@]}" "${M[@]}" "${K[@]}" -S \
		-chardev "socket,id=more,path=$PWD/more,server=on,wait=off" "${MONITOR[@]}" </dev/null >out 3>&- 2>err &
	run=$!
	wait_until test -S more
	sleep 1.2
	echo cont | timeout 10 socat - UNIX-CONNECT:more >/dev/null
	wait "$run"
	jq -e '.cause == "exit" and .status == 0 and .end > 1' record
	grep -q 'emu demo guest' out
}

@test "a guest that ends while emu-spawn is held up is told of, since QEMU waits for it" {
	# The emulator stops its parent, and lets it go on when it has ended, or soon.
	cat >held <<-'X'
		#!/bin/bash
		kill -STOP $PPID
		(timeout 3 tail --pid=$$ -f /dev/null; kill -CONT $PPID) <&- >/dev/null 2>&1 3>&- &
		exec "$@"
	X
	chmod +x held
	for end in panic:120:panic fault:121:reset poweroff:0:exit; do
		IFS=: read -r word wanted cause <<<"$end"
		run timeout 60 emu-spawn -o record ./held "${Q[@]}" "${M[@]}" -device pvpanic "${K[@]}" \
			-append "$word"
		[ "$status" -eq "$wanted" ] || { echo "$word: $status"; jq . record; false; }
		[ "$(jq -c '[.cause, .status]' record)" = "[\"$cause\",$wanted]" ]
	done
	# Whoever says -S starts the guest.
	run -124 timeout 2 emu-spawn -o record "${Q[@]}" "${M[@]}" "${K[@]}" -append poweroff -S
	[ "$(jq -c '[.cause, .first_byte]' record)" = '["signal",null]' ]
}
