load ../lib

# Programs that emu-spawn starts before the emulator (-H).
setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	need python3
	export TMPDIR=$PWD/tmp
	mkdir tmp
	# listens SOCKET: binds, tells its process and that of a child in another session,
	# and waits.
	cat >listens <<-'EOT'
		import os, socket, subprocess, sys
		child = subprocess.Popen(["sleep", "1000"], start_new_session=True)
		s = socket.socket(socket.AF_UNIX)
		s.bind(sys.argv[1])
		s.listen(1)
		open("pids", "a").write(f"{os.getpid()} {child.pid}\n")
		connection, _ = s.accept()
		sys.exit("the reader went away" if connection.recv(1) == b"" else 0)
	EOT
}

# Nothing runs and nothing lies there any more.
nothing_left() {
	local pid
	for pid in $(cat pids); do
		gone "$pid" || return 1
	done
	[ ! -e h.sock ] && [ -z "$(ls -A tmp)" ]
}

@test "a helper listens before the command starts, and ends with it" {
	run -7 --separate-stderr emu-spawn -H 'h.sock=exec python3 listens h.sock' -- \
		sh -c 'test -S h.sock && kill -0 $(cat pids) && echo ran; exit 7'
	[ "$output" = ran ]
	[ "$(wc -w <pids)" = 2 ]
	nothing_left
}

@test "helpers stand before the emulator's words, with those of the options" {
	mkdir dir
	printf '%s\0' -H 'two.sock=exec python3 ../listens two.sock' sh -c 'ls; exit 3' >words
	run -3 --separate-stderr emu-spawn -C dir -H 'h.sock=exec python3 ../listens h.sock' -o r.json <words
	[ "$output" = $'h.sock\npids\ntwo.sock' ]
	jq -e '.argv == ["sh", "-c", "ls; exit 3"] and .cause == "exit"' r.json
	[ "$(ls dir)" = pids ]
}

@test "a helper that fails is one line, status 125, and no machine" {
	expect_error 125 "emu-spawn: the helper of $PWD/h.sock: exit status 3: no /dev/tpm" \
		emu-spawn -o r.json -H 'h.sock=echo a line; echo no /dev/tpm >&2; exit 3' -- touch ran
	jq -e '.cause == "start" and .status == 125' r.json
	expect_error 125 "emu-spawn: the helper of $PWD/h.sock: died of signal 9" \
		emu-spawn -H 'h.sock=kill -9 $$' -- touch ran
	run -125 --separate-stderr emu-spawn -H 'h.sock=no-such-helper' -- touch ran
	[[ $stderr = "emu-spawn: the helper of $PWD/h.sock: exit status 127: "*no-such-helper*'not found' ]]
	[ ! -e ran ]
	: >pids
	nothing_left
}

@test "a helper that never listens is one line, status 125, and is gone" {
	# A dead socket's file is none.
	python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind("h.sock")'
	expect_error 125 "emu-spawn: the helper of $PWD/h.sock: it did not listen within 0.2 s" \
		emu-spawn -T 0.02 -o r.json -H 'h.sock=echo $$ >pids; sleep 1000' -- touch ran
	jq -e '.cause == "start"' r.json
	[ ! -e ran ]
	nothing_left
}

@test "a machine whose helper ends is stopped, and says so" {
	run -125 --separate-stderr emu-spawn -o r.json -H 'h.sock=exec python3 listens h.sock' -- \
		sh -c 'python3 -c "import socket; socket.socket(socket.AF_UNIX).connect(\"h.sock\")"; sleep 1000'
	[ "$stderr" = "emu-spawn: the helper of $PWD/h.sock: exit status 1: the reader went away" ]
	jq -e '.cause == "error"' r.json
	nothing_left
}

@test "a helper that ends with its machine changes nothing" {
	run -0 --separate-stderr emu-spawn -H 'h.sock=exec python3 listens h.sock' -- \
		python3 -c 'import socket, time
s = socket.socket(socket.AF_UNIX)
s.connect("h.sock")
s.close()'
	[ -z "$stderr" ]
	nothing_left
}

@test "helpers end after a timeout, and with a killed emu-spawn" {
	outside_valgrind
	run -124 emu-spawn -t 0.5 -H 'h.sock=exec python3 listens h.sock' -- sleep 1000
	nothing_left
	rm pids
	timeout 60 emu-spawn -H 'h.sock=exec python3 listens h.sock' -- sh -c 'echo up; sleep 1000' >out 2>err 3>&- &
	wait_until grep -q up out
	kill -KILL "$(pgrep -P $! emu-spawn)"
	wait $! || true
	[ "$(wc -w <pids)" = 2 ]
	wait_until nothing_left
}

@test "a signal while a helper is awaited ends the run" {
	timeout 60 emu-spawn -T 10 -o r.json -H 'h.sock=echo $$ >pids; sleep 1000' -- sleep 1000 >out 2>err 3>&- &
	wait_until test -s pids
	kill -TERM "$(pgrep -P $! emu-spawn)"
	status=0
	wait $! || status=$?
	[ "$status" -eq 143 ]
	[ "$(cat err)" = 'emu-spawn: stopped by signal 15 (Terminated)' ]
	nothing_left
}

@test "what is no helper is refused" {
	for wrong in h.sock =true h.sock=; do
		expect_error 125 "emu-spawn: -H: not SOCKET=COMMAND: $wrong" emu-spawn -H "$wrong" -- true
	done
	printf '%s\0' -H 'h.sock=true' >words
	expect_error 125 'emu-spawn: no emulator behind the helpers' emu-spawn -a words
	printf '%s\0' -H >words
	run -127 --separate-stderr emu-spawn -a words
	[ "$stderr" = 'emu-spawn: -H: No such file or directory' ]
}
