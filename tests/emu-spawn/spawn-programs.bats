load ../lib

setup() {
	cd "$BATS_TEST_TMPDIR"
	export TMPDIR=$PWD/tmp
	mkdir tmp
	fake=$EMU_BUILD/tests/emu-spawn/fake
	# A guest with a shell: it echoes, and prompts with "$ ".
	cat >guest <<-'X'
		[ ! -t 0 ] || stty icrnl
		printf 'booting\r\n$ '
		while IFS= read -r line; do
			line=${line%$'\r'}
			printf '%s\r\n' "$line"
			case $line in
			poweroff) exit 0 ;;
			fail) exit 9 ;;
			'') ;;
			*) printf 'did %s\r\n' "$line" ;;
			esac
			printf '$ '
		done
	X
}

teardown() {
	[ -z "$(ls -A "$BATS_TEST_TMPDIR/tmp")" ]
	[ ! -S "$BATS_TEST_TMPDIR/sock" ]
}

has() {
	jq -e "$1" record >/dev/null || { jq . record; false; }
}

# client INPUT...: sends it to the socket and prints what comes.
client() {
	timeout 20 socat -t 20 - "UNIX-CONNECT:${sock:-sock}"
}

# up ARG...: a guest in the background, up; emu-spawn's pid is in $pid.
up() {
	rm -f out
	emu-spawn -t 60 -o record "$@" >out 2>err 3>&- </dev/null &
	pid=$!
	wait_until grep -q booting out
}

@test "a client gets the past, then the line as it comes, and may write" {
	need socat
	up -S sock bash "$PWD/guest"
	printf 'hello\r\npoweroff\r\n' | client >got
	wait "$pid"
	cmp got out
	grep -q 'did hello' got
	[ ! -e sock ]
}

@test "the way botanist's serial client talks works" {
	need socat
	up -S sock bash "$PWD/guest"
	coproc C { client; }
	ask() {
		printf '\r\n%s\r\n' "$1" >&"${C[1]}"
		until [[ $answer = *"did $1"*'$ ' ]]; do
			IFS= read -r -N 1 -t 20 c <&"${C[0]}"
			answer+=$c
		done
	}
	answer=
	ask 'k threadload'
	ask 'k threadq'
	[[ $answer = *'did k threadload'*'did k threadq'* ]]
	kill "$pid"
	wait "$pid" || [ $? -eq 143 ]
}

@test "many clients at once get the same" {
	need socat
	up -S sock bash -c 'echo booting; read -r; exec "$0" out=200000' "$fake"
	for i in 1 2 3 4 5; do
		client </dev/null >got$i 3>&- &
	done
	sleep 0.3
	echo go | client >got
	wait
	for i in '' 1 2 3 4 5; do
		cmp got$i out
	done
}

@test "a late client gets the whole log, or the last 256 KiB" {
	need socat
	up -l log -S sock bash -c '"$0" out=1000000; echo booting; sleep 60' "$fake"
	timeout 20 socat -u UNIX-CONNECT:sock - 3>&- >got &
	wait_until cmp got log
	kill "$pid"
	wait "$pid" || true
	rm got
	up -S sock bash -c '"$0" out=1000000; echo booting; sleep 60' "$fake"
	timeout 20 socat -u UNIX-CONNECT:sock - 3>&- >got &
	wait_until [ -s got ]
	kill "$pid"
	wait || true
	tail -c $((256 << 10)) out | cmp - got
}

@test "a client that reads nothing is dropped, and holds up nobody" {
	need socat
	up -S sock bash -c 'echo booting; read -r; "$0" out=3000000; exit 0' "$fake"
	python3 -c 'import socket, time
s = socket.socket(socket.AF_UNIX); s.connect("sock"); s.sendall(b"go\n"); time.sleep(20)' 3>&- &
	wait "$pid"
	kill %%
	[ "$(stat -c %s out)" -eq 3000008 ]
	grep -q '^emu-spawn: sock: a client was behind by [0-9]* bytes and was disconnected$' err
}

@test "with a log a slow client is waited for, as long as -k" {
	need socat
	up -l log -S sock bash -c 'echo booting; read -r; "$0" out=3000000; exit 0' "$fake"
	(echo go; sleep 1) | timeout 20 socat -t 20 - UNIX-CONNECT:sock 3>&- | (sleep 0.5; cat) >got
	wait "$pid"
	cmp got out
	[ ! -s err ]
}

@test "what a client sends before it leaves arrives whole" {
	need socat
	"$fake" out=1000000 >file
	up -S sock bash -c 'echo booting; exec "$0" wait=300 in=1000000,5' "$fake"
	timeout 20 socat -u OPEN:file UNIX-CONNECT:sock
	wait "$pid"
	has '.bytes_in == 1000000'
}

@test "a stale socket is replaced, a live one and other files are refused" {
	need socat
	up -S sock sh -c 'echo booting; sleep 60'
	expect_error 125 'emu-spawn: sock: Address already in use' emu-spawn -S sock true </dev/null
	kill -KILL "$pid"
	wait "$pid" || true
	wait_until test ! -e sock
	python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind("sock")'
	[ "$(emu-spawn -S sock echo fresh)" = fresh ]
	[ ! -e sock ]
	echo mine >file
	expect_error 125 'emu-spawn: file: Address already in use' emu-spawn -S file true </dev/null
	[ "$(cat file)" = mine ]
	expect_error 125 'emu-spawn: no/sock: No such file or directory' emu-spawn -S no/sock true </dev/null
	long=$(printf %0100d 0)
	expect_error 125 "emu-spawn: $long: File name too long" emu-spawn -S "$long" true </dev/null
}

@test "the socket's path may be long, and only its owner may connect" {
	need socat
	long=$(printf 'd%.0s' {1..100})
	mkdir -p "$long/$long"
	up -S "$long/$long/sock" bash "$PWD/guest"
	[ "$(stat -c %a "$long/$long/sock")" = 600 ]
	(cd "$long/$long"; echo poweroff | timeout 20 socat - UNIX-CONNECT:sock >/dev/null)
	wait "$pid"
	[ ! -e "$long/$long/sock" ]
}

@test "-X holds the conversation" {
	timeout 60 emu-spawn -o record -l log -X 'read -r l; echo hello; echo poweroff' bash "$PWD/guest" >out </dev/null
	grep -q 'did hello' out
	cmp out log
	has '.cause == "exit" and .bytes_in == 15'
}

@test "-X that fails stops the machine, and is the status" {
	run --separate-stderr timeout 60 emu-spawn -o record -X 'exit 4' bash "$PWD/guest"
	[ "$status" -eq 4 ]
	[ "$stderr" = 'emu-spawn: -X: exit status 4' ]
	has '.cause == "command" and .status == 4'
	run timeout 60 emu-spawn -o record -X 'kill -9 $$' sleep 60
	[ "$status" -eq 137 ]
	# The emulator left first, well; the command found out and failed.
	run timeout 60 emu-spawn -o record -X 'while read -r l; do :; done; exit 3' true
	[ "$status" -eq 3 ]
	run timeout 60 emu-spawn -o record -X 'while read -r l; do :; done; exit 3' sh -c 'echo; exit 7'
	[ "$status" -eq 7 ]
}

@test "-X that succeeds lets the machine run" {
	run timeout 60 emu-spawn -X 'true' sh -c 'sleep 0.3; echo still; exit 6'
	[ "$status" -eq 6 ]
	[ "${lines[0]}" = still ]
}

@test "-X that does not end is ended" {
	# Something to find ours by among the processes of others.
	mark=$(printf '864%05d%05d' $((RANDOM)) $((RANDOM)))
	run timeout 60 emu-spawn -k 0.3 -X "sleep $mark" sh -c 'echo done'
	[ "$status" -eq 137 ]
	[ "${lines[1]}" = 'emu-spawn: -X: died of signal 9' ]
	run ! pgrep -f "sleep $mark"
	run timeout 60 emu-spawn -t 0.3 -X "sleep $mark" sleep "$mark"
	[ "$status" -eq 124 ]
	run ! pgrep -f "sleep $mark"
}

@test "-X gets every byte though it is slow" {
	timeout 60 emu-spawn -X "$fake all=3000000,5" "$fake" out=3000000 | "$fake" all=3000000
	[ "${PIPESTATUS[0]}" -eq 0 ]
}

@test "-X gets the last bytes though the machine is gone" {
	one() {
		timeout 60 emu-spawn -p -X 'echo hi; read -r y; [ "$y" = "got hi" ]' \
			sh -c 'read x; echo got $x' </dev/null
	}
	export -f one
	seq $((EMU_TEST_N * 10)) | xargs -P 16 -I '{}' bash -c one
}

@test "-X works with chat and with expect" {
	PATH=$PATH:/usr/sbin:/sbin
	need chat expect
	timeout 60 emu-spawn -X "chat -t 20 '\$ ' hello 'did hello' poweroff" bash "$PWD/guest" >out 2>err </dev/null
	grep -q 'did hello' out
	status=0
	timeout 60 emu-spawn -X "chat -t 1 never" bash "$PWD/guest" >out 2>err </dev/null || status=$?
	[ "$status" -eq 3 ]
	cat >script <<-'X'
		set timeout 20
		log_user 0
		expect_user {
			"$ " { send_user "hello\r" }
			timeout { exit 5 }
		}
		expect_user {
			"did hello" { send_user "poweroff\r" }
			timeout { exit 6 }
		}
	X
	timeout 60 emu-spawn -X 'expect -f script' bash -c '. "$0"' "$PWD/guest" >out 2>err </dev/null
	grep -q 'did hello' out
}

# A program as one that runs a command in the guest: descriptor 7 is its control port.
@test "a guest that says more and more does not stop the clock" {
	run -124 --separate-stderr timeout 60 emu-spawn -t 1 -o record -- \
		sh -c 'for i in 1 2 3; do yes "note more" >&7 & done; wait' sh -chardev socket,fd=4 </dev/null
	jq -e '.cause == "timeout"' record
	grep -qx 'emu-spawn: more' <<<"$stderr"
	# What it said last counts, behind however much.
	run -7 --separate-stderr timeout 60 emu-spawn -t 30 -- \
		sh -c 'yes "note more" | head -n 5000 >&7; echo "exit 7 0 0" >&7' sh -chardev socket,fd=4 </dev/null
	[ "$(grep -cx 'emu-spawn: more' <<<"$stderr")" -eq 5000 ]
}

@test "a shared line whose other end is closed kills nobody" {
	run -3 --separate-stderr timeout 60 emu-spawn -n -t 30 -- \
		sh -c 'exec <&-; printf "\020B"; sleep 0.5; exit 3' sh -chardev socket,fd=4 </dev/null
	[ "${stderr_lines[-1]}" = 'emu-spawn: sh: exit status 3' ]
}
